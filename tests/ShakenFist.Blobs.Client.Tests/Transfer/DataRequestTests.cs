using System.Text;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests which bytes of a single response are accepted.</summary>
public sealed class DataRequestTests
{
    private const int MiB = 1 << 20;
    private const int Size = 3 * MiB;
    private const int Head = ErrorBodyDetector.HeadBytes;
    private const string Error = """{"error": "blob data not on this node", "status": 404}""";

    private static byte[] Content { get; } = Download.Random(Size);

    private static byte[] ErrorBytes => Encoding.ASCII.GetBytes(Error);

    private static Task<DataResponse> RunAsync(ScriptedFetch fetch, long offset, long need, bool useLimit = true) =>
        new DataRequest(fetch.Context, fetch).SendAsync(offset, need, useLimit, Limit.Token);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_announced_length_means_that_the_server_buffers_the_data(bool announces)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        fetch.Sends(Content.AsMemory(0, 1000), announced: announces ? 1000 : null);
        DataRequest request = new(fetch.Context, fetch);
        Assert.Equal((nameof(ResponseEnd.Complete), 1000), Outcome(await request.SendAsync(0, 1000, useLimit: true, Limit.Token)));
        Assert.Equal(announces, fetch.Context.Behaviour.Buffers);
        Assert.Equal(1000, fetch.Context.Progress.Position);
        fetch.Holds(0, 1000);
    }

    [Theory]
    [InlineData(0, 0, MiB, 2 * MiB)]
    [InlineData(100, 100, MiB, 2 * MiB)]
    [InlineData(MiB - Head, MiB - Head, MiB, 2 * MiB)]
    [InlineData(MiB - Head + 1, MiB - Head + 1, (2 * MiB) - Head + 1, (3 * MiB) - Head + 1)]
    public async Task Writes_end_at_block_boundaries_and_are_long_enough_to_recognize_an_error(int offset, int first, int second, int third)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        fetch.Sends(Content.AsMemory(offset), pieces: 30_000);
        Assert.Equal((nameof(ResponseEnd.Complete), Size - offset), Outcome(await RunAsync(fetch, offset, Size - offset, useLimit: false)));
        Assert.Equal([(first, second - first), (second, third - second), (third, Size - third)], fetch.Writes);
        Assert.Equal([second, third, Size - 1], fetch.ReceivedAt);
        fetch.Holds(offset, Size);
    }

    [Fact]
    public async Task Data_that_starts_like_an_error_is_not_output_before_it_is_verified()
    {
        byte[] content = [.. ErrorBytes, .. Content];
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(content);
        Assert.Equal((nameof(ResponseEnd.Complete), content.Length), Outcome(await RunAsync(fetch, 0, content.Length)));
        Assert.Equal([$"offset=0&limit={content.Length}", "offset=1&limit=64"], fetch.Asked);
        Assert.Empty(fetch.ReceivedAt);
        fetch.Holds(0, content.Length);
    }

    [Fact]
    public async Task A_short_range_that_only_its_continuation_shows_to_be_an_error_is_rejected()
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync("{"u8.ToArray());
        fetch.Sends(ErrorBytes);
        Assert.Equal((nameof(ResponseEnd.NotData), 0), Outcome(await RunAsync(fetch, 0, 1)));
    }

    [Theory]
    [InlineData(Head, true, nameof(ResponseEnd.TooShort))]
    [InlineData(Head - 1, false, nameof(ResponseEnd.TooShort))]
    [InlineData(DataRequest.MaxErrorBytes, true, nameof(ResponseEnd.Dropped))]
    [InlineData(DataRequest.MaxErrorBytes - 1, false, nameof(ResponseEnd.Dropped))]
    public async Task A_truncated_body_is_accepted_if_it_is_longer_than_any_error(int count, bool believed, string end)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        fetch.Sends(Content.AsMemory(0, count), breaks: end == nameof(ResponseEnd.Dropped));
        DataResponse result = await RunAsync(fetch, 0, Size);
        Assert.Equal((end, believed ? count : 0), Outcome(result));
        Assert.Contains(end == nameof(ResponseEnd.Dropped) ? "The connection broke" : $"sent {count} bytes, but {Size} were requested", result.Reason, StringComparison.Ordinal);
        Assert.Equal(result.ValidLength, fetch.Context.Progress.Position);
    }

    [Fact]
    public async Task Any_number_of_bytes_is_accepted_if_the_right_length_was_announced()
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        fetch.BreaksAfter(100, announced: Size);
        Assert.Equal((nameof(ResponseEnd.Dropped), 100), Outcome(await RunAsync(fetch, 0, Size)));
    }

    [Theory]
    [InlineData(true, Head - 1)]
    [InlineData(false, 0)]
    public async Task If_the_connection_is_lost_at_the_end_only_the_last_byte_is_requested_again_unless_the_offset_is_wrong(bool right, int accepted)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        fetch.Sends(Content.AsMemory(right ? Size - Head : 0, Head), breaks: true);
        Assert.Equal((nameof(ResponseEnd.Dropped), accepted), Outcome(await RunAsync(fetch, Size - Head, Head, useLimit: false)));
        Assert.Equal(Size - 1, Assert.Single(fetch.ReceivedAt));
    }

    [Theory]
    [InlineData(true, nameof(ResponseEnd.Complete), 100_000)]
    [InlineData(false, nameof(ResponseEnd.TooLong), 0)]
    public async Task A_body_that_is_not_read_to_its_end_is_valid_only_if_it_is_shown_to_start_at_the_offset(bool right, string end, int valid)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content, knowsLimit: false);
        fetch.Sends(Content.AsMemory(right ? MiB : 0));
        DataResponse response = await RunAsync(fetch, MiB, 100_000, useLimit: false);
        Assert.Equal((end, valid), Outcome(response));
        Assert.Equal(right, response.IsConfirmed);
        Assert.InRange(fetch.Asked.Count, 2, 4);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task The_offset_is_not_checked_if_the_length_or_the_final_hash_verifies_it(bool announces, bool confirmed)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content, knowsLimit: false, hasFinalHash: !announces);
        fetch.Sends(Content.AsMemory(MiB), announced: announces ? Size - MiB : null);
        DataResponse response = await RunAsync(fetch, MiB, 100_000, useLimit: false);
        Assert.Equal((nameof(ResponseEnd.Complete), 100_000), Outcome(response));
        Assert.Equal(confirmed, response.IsConfirmed);
        Assert.Equal([$"offset={MiB}"], fetch.Asked);
        fetch.Holds(MiB, MiB + 100_000);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(MiB)]
    public async Task Bytes_of_a_lost_connection_are_not_confirmed_if_there_is_a_final_hash(int offset)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content, hasFinalHash: true);
        fetch.Sends(Content.AsMemory(offset, 100_000), breaks: true);
        DataResponse response = await RunAsync(fetch, offset, Size - offset);
        Assert.Equal((nameof(ResponseEnd.Dropped), 100_000), Outcome(response));
        Assert.False(response.IsConfirmed);
    }

    [Theory]
    [InlineData(503, true)]
    [InlineData(500, true)]
    [InlineData(404, false)]
    [InlineData(403, false)]
    public async Task A_transient_error_is_returned_as_a_response_and_others_are_thrown(int status, bool mends)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        fetch.Refuses(status);
        Task<DataResponse> sending = RunAsync(fetch, 0, 1000);
        if (mends)
        {
            DataResponse response = await sending;
            Assert.Equal((nameof(ResponseEnd.Failed), 0), Outcome(response));
            Assert.Equal(status, response.Error?.StatusCode);
        }
        else
        {
            await Assert.ThrowsAsync<SfException>(() => sending);
        }
    }

    [Theory]
    [InlineData(999, nameof(ResponseEnd.TooShort))]
    [InlineData(1001, nameof(ResponseEnd.TooLong))]
    public async Task A_body_of_another_length_than_requested_is_not_read(int announced, string end)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        fetch.Sends(Content.AsMemory(0, announced), announced: announced);
        DataResponse result = await RunAsync(fetch, 0, 1000);
        Assert.Equal((end, 0), Outcome(result));
        Assert.Equal($"the server announced {announced} bytes, but 1000 were requested", result.Reason);
        Assert.Empty(fetch.Writes);
        Assert.Single(fetch.Asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_error_in_place_of_the_data_is_reported_with_its_text(bool announces)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        fetch.Sends(ErrorBytes, announced: announces ? Error.Length : null);
        DataResponse result = await RunAsync(fetch, 0, 1000);
        Assert.Equal((nameof(ResponseEnd.NotData), 0), Outcome(result));
        Assert.Contains("blob data not on this node", result.Reason, StringComparison.Ordinal);
        Assert.Single(fetch.Asked);
    }

    [Theory]
    [InlineData(true, nameof(ResponseEnd.TooLong))]
    [InlineData(false, nameof(ResponseEnd.NotData))]
    public async Task A_long_body_that_begins_like_an_error_is_an_error_or_the_whole_blob(bool data, string end)
    {
        byte[] content = data ? [.. ErrorBytes, .. Content.AsSpan(0, 1000)] : Content;
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(content);
        byte[] sent = data ? content : ErrorBytes;
        fetch.Sends(sent, announced: sent.Length);
        Assert.Equal((end, 0), Outcome(await RunAsync(fetch, 0, 20)));
    }

    [Fact]
    public async Task A_caller_that_cancels_gets_only_the_cancellation()
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        using CancellationTokenSource stop = new();
        fetch.Sends(Content, wait: stop.Cancel, pieces: 100_000);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new DataRequest(fetch.Context, fetch).SendAsync(0, Size, useLimit: true, stop.Token));
        Assert.Equal(0, fetch.Context.Progress.Position);
    }

    private static (string End, long ValidLength) Outcome(DataResponse result) => (result.End.ToString(), result.ValidLength);
}
