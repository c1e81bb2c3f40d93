using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class RangeFetchTests
{
    private const int Size = 512 * 1024;
    private const long Much = 1L << 40;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static byte[] Content { get; } = Download.Random(Size);

    private static Task<ScriptedFetch> StartAsync(bool knowsLimit = true) => ScriptedFetch.StartAsync(Content, knowsLimit, retryDelay: Pause);

    private static async Task BringsAsync(ScriptedFetch fetch, int from, int to)
    {
        RangeFetch range = new(fetch.Context, fetch);
        Assert.True(await range.RunAsync(from, to, Limit.Token).WaitAdvancingAsync(fetch.Time));
        Assert.Contains(fetch.Log.Verboses, line => line.Contains(range.LastRequestId, StringComparison.Ordinal));
        fetch.Holds(from, to);
    }

    private static Task<SfException> GivesUpAsync(ScriptedFetch fetch, SfError error, int from, int to) =>
        Expect.ErrorAsync(error, () => new RangeFetch(fetch.Context, fetch).RunAsync(from, to, Limit.Token).WaitAdvancingAsync(fetch.Time));

    [Theory]
    [InlineData(true, false, true)]
    [InlineData(false, null, true)]
    [InlineData(false, false, false)]
    public async Task A_range_before_the_end_needs_a_limit_or_an_offset_that_is_trusted_as_it_is_if_nobody_says_otherwise(bool knowsLimit, bool? trusted, bool brought)
    {
        using ScriptedFetch fetch = await StartAsync(knowsLimit);
        fetch.Context.TrustsOffset = trusted ?? fetch.Context.TrustsOffset;
        Assert.Equal(brought, await new RangeFetch(fetch.Context, fetch).RunAsync(1000, 101_000, Limit.Token));
        Assert.Equal(brought ? 1 : 0, fetch.Asked.Count);
    }

    [Fact]
    public async Task The_last_range_needs_no_more_than_the_end_of_the_blob()
    {
        using ScriptedFetch fetch = await StartAsync(knowsLimit: false);
        fetch.Context.TrustsOffset = false;
        await BringsAsync(fetch, 1000, Size);
        Assert.Equal(["offset=1000"], fetch.Asked);
    }

    [Fact]
    public async Task Too_much_once_is_bad_luck_and_the_offset_is_tried_again()
    {
        using ScriptedFetch fetch = await StartAsync(knowsLimit: false);
        fetch.Sends(Content);
        await BringsAsync(fetch, 1000, Size);
        Assert.Equal(["offset=1000", "offset=1000"], fetch.Asked);
        Assert.Single(fetch.Context.FailedRequestIds);
    }

    [Fact]
    public async Task Too_much_twice_is_a_server_that_ignores_the_offset()
    {
        using ScriptedFetch fetch = await StartAsync(knowsLimit: false);
        fetch.Sends(Content).Sends(Content);
        Assert.False(await new RangeFetch(fetch.Context, fetch).RunAsync(1000, Size, Limit.Token).WaitAdvancingAsync(fetch.Time));
        Assert.Equal(2, fetch.Asked.Count);
    }

    [Fact]
    public async Task The_whole_blob_can_be_read_from_such_a_server_from_the_beginning()
    {
        using ScriptedFetch fetch = await StartAsync(knowsLimit: false);
        fetch.Context.IsProven = true;
        fetch.BreaksAfter(100_000).Sends(Content).Sends(Content);
        await BringsAsync(fetch, 0, Size);
        Assert.Equal(["offset=0", "offset=100000", "offset=100000", "offset=0"], fetch.Asked);
    }

    [Fact]
    public async Task A_server_that_ignores_the_limit_is_asked_without_it_and_in_the_middle_only_if_it_honours_the_offset()
    {
        using ScriptedFetch last = await StartAsync();
        await BringsAsync(last.Sends(Content, announced: Size), 1000, Size);
        Assert.Equal([$"offset=1000&limit={Size - 1000}", "offset=1000"], last.Asked);
        Assert.Empty(last.Context.FailedRequestIds);

        using ScriptedFetch middle = await StartAsync();
        middle.Context.IsProven = true;
        await BringsAsync(middle.Sends(Content, announced: Size), 1000, 101_000);
        Assert.Equal(["offset=1000&limit=100000", $"offset={Size - 1}", "offset=1000"], middle.Asked);

        using ScriptedFetch ignoring = await StartAsync();
        ignoring.Sends(Content, announced: Size).Sends(Content, announced: Size);
        Assert.False(await new RangeFetch(ignoring.Context, ignoring).RunAsync(1000, 101_000, Limit.Token));
        Assert.Equal(["offset=1000&limit=100000", $"offset={Size - 1}"], ignoring.Asked);
    }

    [Fact]
    public async Task What_comes_whole_is_no_failure_and_tells_how_much_to_ask_for()
    {
        using ScriptedFetch fetch = await StartAsync();
        await BringsAsync(fetch, 0, Size);
        Assert.Equal(16 << 20, fetch.Context.Plan.Next(Much));
        Assert.Empty(fetch.Context.FailedRequestIds);
        Assert.Equal(0, fetch.Context.ResumeCount);
        Assert.DoesNotContain(fetch.Log.Verboses, line => line.Contains("going on at", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_a_slow_answer_less_is_asked_for()
    {
        byte[] content = Download.Random(1 << 20);
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(content);
        fetch.Sends(content, announced: content.Length, wait: () => fetch.Time.Advance(TimeSpan.FromSeconds(4)));
        Assert.True(await new RangeFetch(fetch.Context, fetch).RunAsync(0, content.Length, Limit.Token));
        Assert.Equal(2 << 20, fetch.Context.Plan.Next(Much));
    }

    [Fact]
    public async Task What_breaks_off_goes_on_where_it_ended_at_once_and_with_smaller_requests()
    {
        using ScriptedFetch fetch = await StartAsync();
        fetch.Context.IsProven = true;
        fetch.BreaksAfter(100_000, times: 2);
        await BringsAsync(fetch, 0, Size);
        Assert.Equal([$"offset=0&limit={Size}", $"offset=100000&limit={Size - 100_000}", $"offset=200000&limit={Size - 200_000}"], fetch.Asked);
        Assert.Equal(2, fetch.Context.ResumeCount);
        Assert.Equal(2, fetch.Context.FailedRequestIds.Count);
        Assert.Equal(4 << 20, fetch.Context.Plan.Next(Much));
        Assert.Single(fetch.AskedAt.Distinct());
    }

    [Fact]
    public async Task Requests_that_bring_nothing_are_made_ever_later_and_five_of_them_are_the_end()
    {
        using ScriptedFetch fetch = await StartAsync();
        fetch.BreaksAfter(10, times: RangeFetch.MaxFruitlessRequests);
        SfException e = await GivesUpAsync(fetch, SfErrors.TransferInterrupted, 0, Size);
        Assert.Equal(fetch.Context.FailedRequestIds[^1], e.RequestId);
        Assert.Equal(5, fetch.Asked.Count);
        Assert.Equal(0, fetch.Context.ResumeCount);
        for (int i = 1; i < fetch.AskedAt.Count; i++)
        {
            Assert.InRange(fetch.AskedAt[i] - fetch.AskedAt[i - 1], Pause * Math.Pow(2, i - 1), TimeSpan.MaxValue);
        }
    }

    [Theory]
    [InlineData(BodyScreen.HeadBytes, false, true)]
    [InlineData(BodyScreen.HeadBytes - 1, false, false)]
    [InlineData(BodyScreen.HeadBytes - 1, true, true)]
    public async Task An_answer_without_an_end_has_to_bring_something_unless_it_was_told_to_be_slow(int bytes, bool slow, bool brought)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content, bytesPerSecond: slow ? 1 << 30 : null);
        fetch.Context.IsProven = true;
        fetch.IsOverAfter(bytes, times: 7);
        if (brought)
        {
            await BringsAsync(fetch, 0, Size);
            Assert.Equal(8, fetch.Asked.Count);
        }
        else
        {
            await GivesUpAsync(fetch, SfErrors.TransferInterrupted, 0, Size);
            Assert.Equal(5, fetch.Asked.Count);
        }
    }

    [Fact]
    public async Task Data_that_is_gone_in_the_middle_may_still_be_elsewhere_but_not_for_ever()
    {
        using ScriptedFetch fetch = await StartAsync();
        fetch.Context.IsProven = true;
        fetch.BreaksAfter(100_000).Refuses(404);
        await BringsAsync(fetch, 0, Size);

        using ScriptedFetch gone = await StartAsync();
        gone.Context.IsProven = true;
        gone.BreaksAfter(100_000).Refuses(404, times: 5);
        SfException e = await GivesUpAsync(gone, SfErrors.BlobDataMissing, 0, Size);
        Assert.Equal(6, gone.Asked.Count);
        Assert.False(string.IsNullOrEmpty(e.RequestId));
        Assert.Equal(gone.Context.FailedRequestIds[^1], e.RequestId);
        Assert.Contains(e.RequestId, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_was_never_there_is_missing_at_once()
    {
        using ScriptedFetch fetch = await StartAsync();
        fetch.Refuses(404);
        await GivesUpAsync(fetch, SfErrors.BlobDataMissing, 0, Size);
        Assert.Single(fetch.Asked);
    }
}
