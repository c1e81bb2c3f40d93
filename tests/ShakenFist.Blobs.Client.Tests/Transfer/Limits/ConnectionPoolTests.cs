using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class ConnectionPoolTests
{
    private int _allowed = 1;

    private ConnectionPool NewPool(int allowed)
    {
        _allowed = allowed;
        return new ConnectionPool(() => _allowed);
    }

    private static async Task TakeAsync(ConnectionPool pool, int count)
    {
        for (int i = 0; i < count; i++)
        {
            await pool.AcquireAsync(Limit.Token);
        }
    }

    [Fact]
    public async Task Connections_are_granted_in_the_order_of_the_calls_and_a_cancelled_call_is_skipped()
    {
        ConnectionPool pool = NewPool(2);
        await TakeAsync(pool, 2);
        using CancellationTokenSource stop = new();
        Task first = pool.AcquireAsync(stop.Token);
        Task second = pool.AcquireAsync(Limit.Token);
        Task third = pool.AcquireAsync(Limit.Token);
        Assert.False(first.IsCompleted || second.IsCompleted || third.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        pool.Release();
        await second;
        Assert.False(third.IsCompleted);
        pool.Release();
        await third;
    }

    [Fact]
    public async Task A_cancelled_call_takes_no_connection()
    {
        ConnectionPool pool = NewPool(1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pool.AcquireAsync(new CancellationToken(canceled: true)));
        await TakeAsync(pool, 1);
        Assert.False(pool.HasWaiting);
        using CancellationTokenSource stop = new();
        Task cancelled = pool.AcquireAsync(stop.Token);
        Assert.True(pool.HasWaiting);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.False(pool.HasWaiting);
        pool.Release();
        await pool.AcquireAsync(Limit.Token).WaitAsync(Limit.Token);
        Assert.False(pool.AcquireAsync(Limit.Token).IsCompleted);
    }

    [Fact]
    public async Task When_more_are_allowed_as_many_waiting_calls_as_that_are_granted()
    {
        ConnectionPool pool = NewPool(1);
        await TakeAsync(pool, 1);
        Task[] waiting = [.. Enumerable.Range(0, 3).Select(_ => pool.AcquireAsync(Limit.Token))];
        _allowed = 3;
        pool.GrantWaiting();
        await Task.WhenAll(waiting[..2]);
        Assert.False(waiting[2].IsCompleted);
        Assert.True(pool.HasWaiting);
    }

    [Fact]
    public async Task When_fewer_are_allowed_those_in_use_remain_and_no_other_is_granted_until_enough_are_returned()
    {
        ConnectionPool pool = NewPool(3);
        await TakeAsync(pool, 3);
        Task waiting = pool.AcquireAsync(Limit.Token);
        _allowed = 1;
        pool.Release();
        pool.Release();
        Assert.False(waiting.IsCompleted);
        pool.Release();
        await waiting;
        Assert.False(pool.AcquireAsync(Limit.Token).IsCompleted);
    }
}
