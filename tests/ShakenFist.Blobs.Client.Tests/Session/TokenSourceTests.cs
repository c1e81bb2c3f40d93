using Microsoft.Extensions.Time.Testing;
using ShakenFist.Blobs.Session;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class TokenSourceTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private readonly List<(TaskCompletionSource<AccessToken> Answer, CancellationToken Token)> _asked = [];
    private readonly SemaphoreSlim _asking = new(0);

    public void Dispose() => _asking.Dispose();

    private TokenSource Start() => new(AuthenticateAsync, _time);

    private Task<AccessToken> AuthenticateAsync(ISfLog log, CancellationToken cancellationToken)
    {
        TaskCompletionSource<AccessToken> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_asked)
        {
            _asked.Add((answer, cancellationToken));
        }

        _asking.Release();
        return answer.Task.WaitAsync(cancellationToken);
    }

    private static Task<string> GetAsync(TokenSource source, string? refused = null, CancellationToken? cancellationToken = null) =>
        source.GetAsync(refused, NullLog.Instance, cancellationToken ?? Limit.Token);

    /// <summary>Responds to the next token request.</summary>
    private async Task AnswerAsync(string token, double? seconds = 900)
    {
        await _asking.WaitAsync(Limit.Token);
        _asked[^1].Answer.SetResult(new AccessToken(token, seconds is null ? null : TimeSpan.FromSeconds(seconds.Value)));
    }

    private async Task<TokenSource> StartWithAsync(string token, double? seconds = 900)
    {
        TokenSource source = Start();
        Task<string> first = GetAsync(source);
        await AnswerAsync(token, seconds);
        Assert.Equal(token, await first);
        return source;
    }

    [Fact]
    public async Task Twenty_parallel_callers_send_one_request()
    {
        TokenSource source = Start();
        Task<string>[] callers = [.. Enumerable.Range(0, 20).Select(_ => GetAsync(source))];
        await AnswerAsync("a");
        Assert.All(await Task.WhenAll(callers), token => Assert.Equal("a", token));
        Assert.Equal(1, source.FetchCount);
        Assert.Equal("a", await GetAsync(source));
        Assert.Single(_asked);
    }

    [Theory]
    [InlineData(900, 839, 840)]
    [InlineData(100, 79, 80)]
    [InlineData(10, 7, 8)]
    public async Task A_token_is_renewed_before_it_expires(double lifetime, double stillGood, double ending)
    {
        TokenSource source = await StartWithAsync("a", lifetime);
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(lifetime), source.ExpiresAt!.Value.ToUniversalTime());
        _time.Advance(TimeSpan.FromSeconds(stillGood));
        Assert.Equal("a", await GetAsync(source));
        _time.Advance(TimeSpan.FromSeconds(ending - stillGood));
        Task<string> renewed = GetAsync(source);
        await AnswerAsync("b");
        Assert.Equal("b", await renewed);
    }

    [Fact]
    public async Task The_lifetime_of_a_token_starts_with_the_request()
    {
        TokenSource source = Start();
        Task<string> first = GetAsync(source);
        await _asking.WaitAsync(Limit.Token);
        _time.Advance(TimeSpan.FromSeconds(20));
        _asked[0].Answer.SetResult(new AccessToken("a", TimeSpan.FromSeconds(900)));
        await first;
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(900), source.ExpiresAt!.Value.ToUniversalTime());
    }

    [Fact]
    public async Task A_token_without_an_expiration_is_used_until_it_is_rejected()
    {
        TokenSource source = await StartWithAsync("a", seconds: null);
        Assert.Null(source.ExpiresAt);
        _time.Advance(TimeSpan.FromDays(365));
        Assert.Equal("a", await GetAsync(source));
        Task<string>[] refused = [.. Enumerable.Range(0, 20).Select(_ => GetAsync(source, "a"))];
        await AnswerAsync("b");
        Assert.All(await Task.WhenAll(refused), token => Assert.Equal("b", token));
        Assert.Equal("b", await GetAsync(source, "a"));
        Assert.Equal(2, source.FetchCount);
    }

    [Fact]
    public async Task A_changed_system_clock_has_no_effect()
    {
        JumpingClock clock = new();
        int asked = 0;
        TokenSource source = new((_, _) => Task.FromResult(new AccessToken($"t{++asked}", TimeSpan.FromSeconds(900))), clock);
        Assert.Equal("t1", await GetAsync(source));
        clock.Now = clock.Now.AddDays(1);
        Assert.Equal("t1", await GetAsync(source));
        clock.Now = clock.Now.AddDays(-2);
        Assert.Equal("t1", await GetAsync(source));
    }

    [Fact]
    public async Task A_token_is_valid_from_its_arrival_until_shortly_before_it_expires()
    {
        TokenSource source = Start();
        Assert.False(source.IsLive);
        Task<string> first = GetAsync(source);
        Assert.False(source.IsLive);
        await AnswerAsync("a");
        await first;
        Assert.True(source.IsLive);
        _time.Advance(TimeSpan.FromSeconds(839));
        Assert.True(source.IsLive);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(source.IsLive);
        Assert.True((await StartWithAsync("b", seconds: null)).IsLive);
    }

    [Fact]
    public async Task A_late_response_to_a_cancelled_request_causes_no_further_requests()
    {
        List<TaskCompletionSource<AccessToken>> asked = [];
        TokenSource source = new(
            (_, _) =>
            {
                TaskCompletionSource<AccessToken> answer = new();
                lock (asked)
                {
                    asked.Add(answer);
                    _asking.Release();
                    return answer.Task;
                }
            },
            _time);
        using CancellationTokenSource giveUp = new();
        Task<string> given = GetAsync(source, cancellationToken: giveUp.Token);
        await _asking.WaitAsync(Limit.Token);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Task<string> second = GetAsync(source);
        await _asking.WaitAsync(Limit.Token);
        asked[0].SetResult(new AccessToken("late", TimeSpan.FromSeconds(900)));
        while (source.FetchCount == 0)
        {
            await Task.Delay(1, Limit.Token);
        }

        Task<string> third = GetAsync(source, refused: "late");
        asked[1].SetResult(new AccessToken("b", TimeSpan.FromSeconds(900)));
        Assert.Equal("b", await second);
        Assert.Equal("b", await third);
        Assert.Equal(2, asked.Count);
    }

    private sealed class JumpingClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }

    [Fact]
    public async Task A_caller_that_cancels_does_not_affect_the_other_callers()
    {
        TokenSource source = Start();
        using CancellationTokenSource first = new();
        Task<string> goes = GetAsync(source, cancellationToken: first.Token);
        Task<string> stays = GetAsync(source);
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => goes);
        await AnswerAsync("a");
        Assert.Equal("a", await stays);
    }

    [Fact]
    public async Task When_the_last_caller_cancels_the_request_is_cancelled_and_the_next_caller_sends_a_new_one()
    {
        TokenSource source = Start();
        using CancellationTokenSource only = new();
        Task<string> goes = GetAsync(source, cancellationToken: only.Token);
        await _asking.WaitAsync(Limit.Token);
        TaskCompletionSource givenUp = new();
        await using CancellationTokenRegistration registration = _asked[0].Token.Register(givenUp.SetResult);
        await only.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => goes);
        await givenUp.Task.WaitAsync(Limit.Token);
        Task<string> next = GetAsync(source);
        await AnswerAsync("b");
        Assert.Equal("b", await next);
    }

    [Fact]
    public async Task A_failure_is_reported_to_all_waiting_callers_and_not_stored()
    {
        TokenSource source = Start();
        Task<string>[] callers = [.. Enumerable.Range(0, 5).Select(_ => GetAsync(source))];
        await _asking.WaitAsync(Limit.Token);
        _asked[0].Answer.SetException(new SfException(SfErrors.AuthenticationFailed, "no"));
        foreach (Task<string> caller in callers)
        {
            await SfAssert.ThrowsAsync(SfErrors.AuthenticationFailed, () => caller);
        }

        Assert.Single(_asked);
        Task<string> next = GetAsync(source);
        await AnswerAsync("a");
        Assert.Equal("a", await next);
        Assert.Equal("a token", new AccessToken("secret", null).ToString());
    }
}
