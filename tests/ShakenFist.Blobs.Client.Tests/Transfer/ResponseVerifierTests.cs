using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class ResponseVerifierTests
{
    private const int Size = 100_000;

    private readonly byte[] _block = new byte[64 * 1024];

    /// <summary>Verifies a response with the whole blob.</summary>
    private static async Task<ScriptedFetch> StartAsync(byte[]? content = null, bool hasFinalHash = false) =>
        (await ScriptedFetch.StartAsync(content ?? Download.Random(Size), hasFinalHash: hasFinalHash)).Filled();

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(1, false, true)]
    [InlineData(1, true, null)]
    [InlineData(2, false, false)]
    public async Task A_server_honors_the_offset_if_it_returns_one_byte_from_the_last_offset(int bytes, bool breaks, bool? keeps)
    {
        using ScriptedFetch fetch = await StartAsync();
        ResponseVerifier verifier = new(fetch.Context, fetch);
        fetch.Sends(new byte[bytes], breaks);
        Assert.Equal(keeps, await verifier.KeepsOffsetAsync(Limit.Token));
        Assert.Equal([$"offset={Size - 1}"], fetch.Asked);
    }

    [Fact]
    public async Task Data_that_looks_like_an_error_is_requested_again_one_byte_later()
    {
        using ScriptedFetch fetch = await StartAsync();
        ResponseVerifier verifier = new(fetch.Context, fetch);
        Assert.True(await verifier.IsBlobDataAsync(10, fetch.Bytes[10..500], _block, Limit.Token));
        Assert.False(await verifier.IsBlobDataAsync(11, fetch.Bytes[10..500], _block, Limit.Token));
        Assert.Equal(["offset=11&limit=64", "offset=12&limit=64"], fetch.Asked);
        Assert.Contains(fetch.Log.Verboses, line => line.Contains("starts like an error message", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task The_offset_check_has_three_attempts(int refusals, bool believed)
    {
        using ScriptedFetch fetch = await StartAsync();
        ResponseVerifier verifier = new(fetch.Context, fetch);
        fetch.Refuses(500, refusals);
        Assert.Equal(believed ? OffsetCheck.Confirmed : OffsetCheck.Failed, await verifier.IsAtOffsetAsync(100, 500, lengthUnknown: true, isCutOff: false, _block, Limit.Token));
        Assert.Equal(Enumerable.Repeat("offset=101&limit=499", 3), fetch.Asked);
        Assert.Contains(fetch.Log.Verboses, line => line.Contains("no hash is available", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, 500, true, false)]
    [InlineData(100, 0, true, false)]
    [InlineData(100, 500, false, false)]
    [InlineData(100, 500, true, true)]
    public async Task No_check_is_sent_if_the_offset_is_certain_or_verified_later(int offset, int received, bool lengthUnknown, bool hasFinalHash)
    {
        using ScriptedFetch fetch = await StartAsync(hasFinalHash: hasFinalHash);
        ResponseVerifier verifier = new(fetch.Context, fetch);
        Assert.Equal(hasFinalHash ? OffsetCheck.Skipped : OffsetCheck.Confirmed, await verifier.IsAtOffsetAsync(offset, received, lengthUnknown, isCutOff: false, _block, Limit.Token));
        Assert.Empty(fetch.Asked);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(100, false)]
    public async Task The_end_of_a_response_that_was_cut_off_is_requested_again_wherever_it_began(int offset, bool lengthUnknown)
    {
        using ScriptedFetch fetch = await StartAsync();
        ResponseVerifier verifier = new(fetch.Context, fetch);
        Assert.Equal(OffsetCheck.Confirmed, await verifier.IsAtOffsetAsync(offset, 500, lengthUnknown, isCutOff: true, _block, Limit.Token));
        Assert.Equal([$"offset={offset + 1}&limit=499"], fetch.Asked);

        using ScriptedFetch verified = await StartAsync(hasFinalHash: true);
        Assert.Equal(OffsetCheck.Skipped, await new ResponseVerifier(verified.Context, verified).IsAtOffsetAsync(offset, 500, lengthUnknown, isCutOff: true, _block, Limit.Token));
        Assert.Empty(verified.Asked);
    }

    [Fact]
    public async Task The_last_8_KiB_that_are_not_uniform_confirm_the_offset()
    {
        const int End = 20 * 1024 * 1024;
        byte[] content = new byte[End + 1000];
        Download.Random(20_000).CopyTo(content, End - 20_000);
        using ScriptedFetch fetch = await StartAsync(content);
        ResponseVerifier verifier = new(fetch.Context, fetch);
        Assert.Equal(OffsetCheck.Confirmed, await verifier.IsAtOffsetAsync(End - 30_000, 30_000, lengthUnknown: true, isCutOff: false, _block, Limit.Token));
        Assert.Equal([$"offset={End - 8192}&limit=8192"], fetch.Asked);
    }

    [Fact]
    public async Task Data_that_repeats_itself_confirms_the_offset_only_if_the_server_honors_it_now()
    {
        byte[] content = new byte[Size];
        for (int i = 0; i < Size; i++)
        {
            content[i] = (byte)(i % 64);
        }

        using ScriptedFetch fetch = await StartAsync(content);
        ResponseVerifier verifier = new(fetch.Context, fetch);
        Assert.Equal(OffsetCheck.Confirmed, await verifier.IsAtOffsetAsync(128, 4 * 8192, lengthUnknown: true, isCutOff: false, _block, Limit.Token));
        Assert.Equal([$"offset={128 + (3 * 8192)}&limit=8192", $"offset={Size - 1}"], fetch.Asked);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task If_all_bytes_are_equal_the_server_must_honor_the_offset_now(int refusals, bool believed)
    {
        using ScriptedFetch fetch = await StartAsync(new byte[Size]);
        ResponseVerifier verifier = new(fetch.Context, fetch);
        fetch.Refuses(500, refusals);
        Assert.Equal(believed ? OffsetCheck.Confirmed : OffsetCheck.Failed, await verifier.IsAtOffsetAsync(100, 50_000, lengthUnknown: true, isCutOff: false, _block, Limit.Token));
        Assert.Equal(Enumerable.Repeat($"offset={Size - 1}", 3), fetch.Asked);
    }
}
