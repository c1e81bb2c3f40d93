using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class RangeFetchTests
{
    private const int Size = 512 * 1024;
    private const long Much = 1L << 40;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static byte[] Content { get; } = Download.Random(Size);

    private static readonly ServerBehaviour Limited = new(KnowsLimit: true);

    private static Task<ScriptedFetch> StartAsync(bool knowsLimit = true, bool hasFinalHash = false, bool readsToEnd = false, int retryTimeout = 300) =>
        ScriptedFetch.StartAsync(Content, knowsLimit, retryDelay: Pause, hasFinalHash: hasFinalHash, readsToEnd: readsToEnd, retryTimeout: TimeSpan.FromSeconds(retryTimeout));

    private static async Task BringsAsync(ScriptedFetch fetch, int from, int to)
    {
        (RangeOutcome outcome, string last) = await fetch.FetchAsync(from, to).WaitAdvancingAsync(fetch.Time);
        Assert.Equal(RangeOutcome.Complete, outcome);
        Assert.Contains(fetch.Log.Verboses, line => line.Contains(last, StringComparison.Ordinal));
        fetch.Holds(from, to);
    }

    private static Task<SfException> GivesUpAsync(ScriptedFetch fetch, SfError error, int from, int to) =>
        SfAssert.ThrowsAsync(error, () => fetch.FetchAsync(from, to).WaitAdvancingAsync(fetch.Time));

    [Theory]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(false, false, false)]
    public async Task Saving_a_range_that_ends_before_the_blob_requires_a_limit_or_a_hash(bool knowsLimit, bool hasFinalHash, bool fetched)
    {
        using ScriptedFetch fetch = await StartAsync(knowsLimit, hasFinalHash, readsToEnd: true);
        Assert.Equal(fetched ? RangeOutcome.Complete : RangeOutcome.OffsetIgnored, (await fetch.FetchAsync(1000, 101_000)).Outcome);
        Assert.Equal(fetched ? 1 : 0, fetch.Asked.Count);
    }

    [Fact]
    public async Task Without_limit_the_offset_of_a_single_range_is_checked()
    {
        using ScriptedFetch fetch = await StartAsync(knowsLimit: false);
        await BringsAsync(fetch, 1000, 101_000);
        Assert.Equal(["offset=1000", "offset=92808&limit=8192"], fetch.Asked);

        using ScriptedFetch ignoring = await StartAsync(knowsLimit: false);
        for (int i = 0; i < 100; i++)
        {
            ignoring.Sends(Content);
        }

        await GivesUpAsync(ignoring, SfErrors.DataLengthMismatch, 1000, 101_000);
    }

    [Fact]
    public async Task The_last_range_is_verified_by_the_end_of_the_blob()
    {
        using ScriptedFetch fetch = await StartAsync(knowsLimit: false, readsToEnd: true);
        await BringsAsync(fetch, 1000, Size);
        Assert.Equal(["offset=1000"], fetch.Asked);
    }

    [Fact]
    public async Task After_too_much_data_once_the_offset_is_tried_again()
    {
        using ScriptedFetch fetch = await StartAsync(knowsLimit: false);
        fetch.Sends(Content);
        await BringsAsync(fetch, 1000, Size);
        Assert.Equal(["offset=1000", "offset=1000"], fetch.Asked);
        Assert.Single(fetch.Context.FailedRequestIds);
    }

    [Fact]
    public async Task After_too_much_data_twice_the_server_is_assumed_to_ignore_the_offset()
    {
        using ScriptedFetch fetch = await StartAsync(knowsLimit: false);
        fetch.Sends(Content).Sends(Content);
        Assert.Equal(RangeOutcome.OffsetIgnored, (await fetch.FetchAsync(1000, Size).WaitAdvancingAsync(fetch.Time)).Outcome);
        Assert.Equal(2, fetch.Asked.Count);
    }

    [Fact]
    public async Task The_whole_blob_can_be_read_from_a_server_that_ignores_the_offset()
    {
        using ScriptedFetch fetch = await StartAsync(knowsLimit: false, hasFinalHash: true);
        fetch.BreaksAfter(100_000).Sends(Content).Sends(Content);
        await BringsAsync(fetch, 0, Size);
        Assert.Equal(["offset=0", "offset=100000", "offset=100000", "offset=0"], fetch.Asked);
    }

    [Fact]
    public async Task After_an_ignored_limit_requests_have_none_and_ranges_require_a_server_that_honors_the_offset()
    {
        using ScriptedFetch last = await StartAsync();
        await BringsAsync(last.Sends(Content, announced: Size), 1000, Size);
        Assert.Equal([$"offset=1000&limit={Size - 1000}", "offset=1000"], last.Asked);
        Assert.Empty(last.Context.FailedRequestIds);

        using ScriptedFetch middle = await StartAsync(hasFinalHash: true);
        await BringsAsync(middle.Sends(Content, announced: Size), 1000, 101_000);
        Assert.Equal(["offset=1000&limit=100000", $"offset={Size - 1}", "offset=1000"], middle.Asked);

        using ScriptedFetch ignoring = await StartAsync();
        ignoring.Sends(Content, announced: Size).Sends(Content, announced: Size);
        Assert.Equal(RangeOutcome.OffsetIgnored, (await ignoring.FetchAsync(1000, 101_000)).Outcome);
        Assert.Equal(["offset=1000&limit=100000", $"offset={Size - 1}"], ignoring.Asked);
    }

    [Fact]
    public async Task A_complete_response_is_not_a_failure_and_adjusts_the_request_size()
    {
        using ScriptedFetch fetch = await StartAsync();
        await BringsAsync(fetch, 0, Size);
        Assert.Equal(16 << 20, fetch.Context.Sizer.Next(Much, Limited));
        Assert.Empty(fetch.Context.FailedRequestIds);
        Assert.Equal(0, fetch.Context.ResumeCount);
        Assert.DoesNotContain(fetch.Log.Verboses, line => line.Contains("Resuming at", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_a_slow_response_requests_are_smaller()
    {
        byte[] content = Download.Random(1 << 20);
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(content);
        fetch.Sends(content, announced: content.Length, wait: () => fetch.Time.Advance(TimeSpan.FromSeconds(4)));
        Assert.Equal(RangeOutcome.Complete, (await fetch.FetchAsync(0, content.Length)).Outcome);
        Assert.Equal(2 << 20, fetch.Context.Sizer.Next(Much, Limited));
    }

    [Fact]
    public async Task An_interrupted_response_continues_immediately_with_smaller_requests()
    {
        using ScriptedFetch fetch = await StartAsync(hasFinalHash: true);
        fetch.BreaksAfter(100_000, times: 2);
        await BringsAsync(fetch, 0, Size);
        Assert.Equal([$"offset=0&limit={Size}", $"offset=100000&limit={Size - 100_000}", $"offset=200000&limit={Size - 200_000}"], fetch.Asked);
        Assert.Equal(2, fetch.Context.ResumeCount);
        Assert.Equal(2, fetch.Context.FailedRequestIds.Count);
        Assert.Equal(4 << 20, fetch.Context.Sizer.Next(Much, Limited));
        Assert.Single(fetch.AskedAt.Distinct());
    }

    [Fact]
    public async Task Requests_that_return_nothing_are_retried_with_growing_pauses_until_the_retry_timeout()
    {
        using ScriptedFetch fetch = await StartAsync(retryTimeout: 100);
        fetch.BreaksAfter(10, times: 1000);
        SfException e = await GivesUpAsync(fetch, SfErrors.TransferInterrupted, 0, Size);
        Assert.Equal(SfErrors.ConnectionFailed, Assert.IsType<SfException>(e.InnerException).Error);
        Assert.Equal(fetch.Context.FailedRequestIds[^1], e.RequestId);
        Assert.Equal(0, fetch.Context.ResumeCount);
        Assert.InRange(fetch.AskedAt[^1] - fetch.AskedAt[0], TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(101));
        for (int i = 1; i < fetch.AskedAt.Count; i++)
        {
            Assert.InRange(fetch.AskedAt[i] - fetch.AskedAt[i - 1], TimeSpan.FromSeconds(Math.Min(Math.Pow(2, i - 1), 10)), TimeSpan.MaxValue);
        }
    }

    [Fact]
    public async Task With_a_retry_timeout_of_zero_the_first_failure_ends_the_fetch()
    {
        using ScriptedFetch fetch = await StartAsync(retryTimeout: 0);
        fetch.Refuses(503);
        SfException e = await GivesUpAsync(fetch, SfErrors.TransferInterrupted, 0, Size);
        Assert.Equal(SfErrors.ServerUnavailable, Assert.IsType<SfException>(e.InnerException).Error);
        Assert.Single(fetch.Asked);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(500)]
    [InlineData(429)]
    public async Task An_outage_of_two_minutes_is_retried(int status)
    {
        using ScriptedFetch fetch = await StartAsync(hasFinalHash: true);
        fetch.BreaksAfter(100_000).Refuses(status, times: 8);
        await BringsAsync(fetch, 0, Size);
        Assert.InRange(fetch.AskedAt[^1] - fetch.AskedAt[0], TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(299));
    }

    [Theory]
    [InlineData(ErrorBodyDetector.HeadBytes, false, true)]
    [InlineData(ErrorBodyDetector.HeadBytes - 1, false, false)]
    [InlineData(ErrorBodyDetector.HeadBytes - 1, true, true)]
    public async Task A_response_that_is_too_slow_is_followed_by_a_pause_unless_it_returned_data_or_the_rate_is_limited(int bytes, bool limited, bool atOnce)
    {
        using ScriptedFetch fetch = await ScriptedFetch.StartAsync(Content, bytesPerSecond: limited ? 1 << 30 : null, retryDelay: Pause, hasFinalHash: true);
        fetch.IsOverAfter(bytes, times: 1);
        await BringsAsync(fetch, 0, Size);
        Assert.Equal(2, fetch.Asked.Count);
        Assert.Equal(atOnce, fetch.AskedAt[1] - fetch.AskedAt[0] < BodyReader.RequestBudget + Pause);
    }

    [Fact]
    public async Task Requests_that_return_one_byte_have_the_same_pauses_as_those_that_return_none()
    {
        using ScriptedFetch fetch = await StartAsync(hasFinalHash: true, retryTimeout: 100);
        fetch.BreaksAfter(1, announced: null, times: 1000);
        await GivesUpAsync(fetch, SfErrors.TransferInterrupted, 0, Size);
        Assert.InRange(fetch.Asked.Count, 2, 15);
    }

    [Fact]
    public async Task Data_that_is_missing_in_the_middle_is_retried_for_a_limited_time()
    {
        using ScriptedFetch fetch = await StartAsync(hasFinalHash: true);
        fetch.BreaksAfter(100_000).Refuses(404);
        await BringsAsync(fetch, 0, Size);

        using ScriptedFetch gone = await StartAsync(hasFinalHash: true);
        gone.BreaksAfter(100_000).Refuses(404, times: 5);
        SfException e = await GivesUpAsync(gone, SfErrors.BlobDataMissing, 0, Size);
        Assert.Equal(6, gone.Asked.Count);
        Assert.False(string.IsNullOrEmpty(e.RequestId));
        Assert.Equal(gone.Context.FailedRequestIds[^1], e.RequestId);
        Assert.Contains(e.RequestId, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_was_never_available_is_reported_as_missing_immediately()
    {
        using ScriptedFetch fetch = await StartAsync();
        fetch.Refuses(404);
        await GivesUpAsync(fetch, SfErrors.BlobDataMissing, 0, Size);
        Assert.Single(fetch.Asked);
    }
}
