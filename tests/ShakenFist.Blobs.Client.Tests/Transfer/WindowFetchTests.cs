using System.Text;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>What of a single answer is believed.</summary>
public sealed class WindowFetchTests
{
    private const int MiB = 1 << 20;
    private const int Size = 3 * MiB;
    private const int Head = BodyScreen.HeadBytes;
    private const string Error = """{"error": "blob data not on this node", "status": 404}""";

    private static byte[] Content { get; } = Download.Random(Size);

    private static byte[] ErrorBytes => Encoding.ASCII.GetBytes(Error);

    private static Task<WindowResult> RunAsync(ScriptedFetch fetch, long offset, long need, bool useLimit = true) =>
        new WindowFetch(fetch.Context, fetch).RunAsync(offset, need, useLimit, Limit.Token);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whether_the_server_had_it_all_in_memory_shows_in_the_length_it_announces(bool announces)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        fetch.Sends(Content.AsMemory(0, 1000), announced: announces ? 1000 : null);
        WindowFetch window = new(fetch.Context, fetch);
        Assert.Equal((nameof(WindowEnd.Complete), 1000), Outcome(await window.RunAsync(0, 1000, useLimit: true, Limit.Token)));
        Assert.Equal(announces, window.WasBuffered);
        Assert.Equal(1000, fetch.Context.Progress.Position);
        fetch.Holds(0, 1000);
    }

    [Theory]
    [InlineData(0, 0, MiB, 2 * MiB)]
    [InlineData(100, 100, MiB, 2 * MiB)]
    [InlineData(MiB - Head, MiB - Head, MiB, 2 * MiB)]
    [InlineData(MiB - Head + 1, MiB - Head + 1, (2 * MiB) - Head + 1, (3 * MiB) - Head + 1)]
    public async Task It_is_written_in_blocks_that_end_where_parts_begin_and_are_long_enough_to_tell_what_it_is(int offset, int first, int second, int third)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        fetch.Sends(Content.AsMemory(offset), pieces: 30_000);
        Assert.Equal((nameof(WindowEnd.Complete), Size - offset), Outcome(await RunAsync(fetch, offset, Size - offset, useLimit: false)));
        Assert.Equal([(first, second - first), (second, third - second), (third, Size - third)], fetch.Writes);
        Assert.Equal([second, third, Size - 1], fetch.ReachedAt);
        fetch.Holds(offset, Size);
    }

    [Fact]
    public async Task Data_that_begins_as_an_error_does_is_shown_to_nobody_before_that_is_settled()
    {
        byte[] content = [.. ErrorBytes, .. Content];
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(content);
        Assert.Equal((nameof(WindowEnd.Complete), content.Length), Outcome(await RunAsync(fetch, 0, content.Length)));
        Assert.Equal([$"offset=0&limit={content.Length}", "offset=1&limit=64"], fetch.Asked);
        Assert.Empty(fetch.ReachedAt);
        fetch.Holds(0, content.Length);
    }

    [Fact]
    public async Task So_little_that_only_its_continuation_shows_an_error_is_an_error()
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync("{"u8.ToArray());
        fetch.Sends(ErrorBytes);
        Assert.Equal((nameof(WindowEnd.NotData), 0), Outcome(await RunAsync(fetch, 0, 1)));
    }

    [Theory]
    [InlineData(Head, true, nameof(WindowEnd.TooShort))]
    [InlineData(Head - 1, false, nameof(WindowEnd.TooShort))]
    [InlineData(WindowFetch.LargestError, true, nameof(WindowEnd.Dropped))]
    [InlineData(WindowFetch.LargestError - 1, false, nameof(WindowEnd.Dropped))]
    public async Task What_ends_early_is_believed_if_it_is_longer_than_any_error(int count, bool believed, string end)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        fetch.Sends(Content.AsMemory(0, count), breaks: end == nameof(WindowEnd.Dropped));
        WindowResult result = await RunAsync(fetch, 0, Size);
        Assert.Equal((end, believed ? count : 0), Outcome(result));
        Assert.Contains(end == nameof(WindowEnd.Dropped) ? "The connection broke" : $"sent {count} bytes where {Size} are due", result.Reason, StringComparison.Ordinal);
        Assert.Equal(result.Accepted, fetch.Context.Progress.Position);
    }

    [Fact]
    public async Task However_little_is_believed_of_an_answer_that_announced_the_right_length()
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        fetch.BreaksAfter(100, announced: Size);
        Assert.Equal((nameof(WindowEnd.Dropped), 100), Outcome(await RunAsync(fetch, 0, Size)));
    }

    [Theory]
    [InlineData(true, Head - 1)]
    [InlineData(false, 0)]
    public async Task If_it_breaks_where_its_end_is_due_the_last_byte_is_asked_for_again_and_the_others_only_if_they_are_of_another_place(bool right, int accepted)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        fetch.Sends(Content.AsMemory(right ? Size - Head : 0, Head), breaks: true);
        Assert.Equal((nameof(WindowEnd.Dropped), accepted), Outcome(await RunAsync(fetch, Size - Head, Head, useLimit: false)));
        Assert.Equal(Size - 1, Assert.Single(fetch.ReachedAt));
    }

    [Theory]
    [InlineData(true, nameof(WindowEnd.Complete), 100_000)]
    [InlineData(false, nameof(WindowEnd.TooLong), 0)]
    public async Task A_server_that_has_ignored_the_limit_is_not_believed_to_keep_to_the_offset(bool right, string end, int accepted)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        fetch.Context.Plan.LimitIgnored();
        fetch.Sends(Content.AsMemory(right ? MiB : 0));
        Assert.Equal((end, accepted), Outcome(await RunAsync(fetch, MiB, 100_000, useLimit: false)));
        Assert.InRange(fetch.Asked.Count, 2, 4);
    }

    [Fact]
    public async Task Nobody_is_asked_twice_who_has_not_ignored_it()
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content, knowsLimit: false);
        Assert.Equal((nameof(WindowEnd.Complete), 100_000), Outcome(await RunAsync(fetch, MiB, 100_000, useLimit: false)));
        Assert.Equal([$"offset={MiB}"], fetch.Asked);
        fetch.Holds(MiB, MiB + 100_000);
    }

    [Theory]
    [InlineData(999, nameof(WindowEnd.TooShort))]
    [InlineData(1001, nameof(WindowEnd.TooLong))]
    public async Task Another_length_than_the_one_asked_for_is_not_even_read(int announced, string end)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        fetch.Sends(Content.AsMemory(0, announced), announced: announced);
        WindowResult result = await RunAsync(fetch, 0, 1000);
        Assert.Equal((end, 0), Outcome(result));
        Assert.Equal($"the server announced {announced} bytes where 1000 are due", result.Reason);
        Assert.Empty(fetch.Writes);
        Assert.Single(fetch.Asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_error_in_place_of_the_data_is_told_in_its_own_words(bool announces)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        fetch.Sends(ErrorBytes, announced: announces ? Error.Length : null);
        WindowResult result = await RunAsync(fetch, 0, 1000);
        Assert.Equal((nameof(WindowEnd.NotData), 0), Outcome(result));
        Assert.Contains("blob data not on this node", result.Reason, StringComparison.Ordinal);
        Assert.Single(fetch.Asked);
    }

    [Theory]
    [InlineData(true, nameof(WindowEnd.TooLong))]
    [InlineData(false, nameof(WindowEnd.NotData))]
    public async Task Too_much_that_begins_as_an_error_does_is_either_an_error_or_all_of_such_a_blob(bool data, string end)
    {
        byte[] content = data ? [.. ErrorBytes, .. Content.AsSpan(0, 1000)] : Content;
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(content);
        byte[] sent = data ? content : ErrorBytes;
        fetch.Sends(sent, announced: sent.Length);
        Assert.Equal((end, 0), Outcome(await RunAsync(fetch, 0, 20)));
    }

    [Fact]
    public async Task Whoever_cancels_gets_no_result_but_his_cancellation()
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content);
        using CancellationTokenSource stop = new();
        fetch.Sends(Content, wait: stop.Cancel, pieces: 100_000);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new WindowFetch(fetch.Context, fetch).RunAsync(0, Size, useLimit: true, stop.Token));
        Assert.Equal(0, fetch.Context.Progress.Position);
    }

    private static (string End, long Accepted) Outcome(WindowResult result) => (result.End.ToString(), result.Accepted);
}
