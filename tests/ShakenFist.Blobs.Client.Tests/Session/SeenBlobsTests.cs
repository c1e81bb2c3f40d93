using Microsoft.Extensions.Time.Testing;
using ShakenFist.Blobs.Session;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests the blobs that a session stores for completion.</summary>
public sealed class SeenBlobsTests
{
    private static SfBlob Blob(int n, string state = "created") => new() { Uuid = new Guid(n, 0, 0, new byte[8]), State = state, Modified = DateTime.UnixEpoch.AddSeconds(n) };

    [Fact]
    public void The_number_of_kept_blobs_is_limited_and_they_are_updated()
    {
        SeenBlobs seen = new();
        for (int i = 0; i < 6_000; i++)
        {
            Assert.Equal(i, seen.Add(Blob(i), 100).Modified!.Value.Subtract(DateTime.UnixEpoch).TotalSeconds);
        }

        Assert.Equal(5_000, seen.All.Count());
        Assert.Null(seen.Find(Blob(5_500).Uuid));
        seen.Add(Blob(7, "deleted"), 100);
        Assert.Equal("deleted", seen.Find(Blob(7).Uuid)!.State);
        Assert.Equal(5_000, seen.All.Count());
    }

    [Fact]
    public void Changed_metadata_is_used_until_the_blob_is_read_again_and_the_blob_object_does_not_change()
    {
        SeenBlobs seen = new();
        SfBlob read = seen.Add(Blob(1) with { Metadata = new() { ["old"] = "x" } }, 100);
        seen.Change(Blob(1).Uuid, [KeyValuePair.Create("new", (object?)"y")]);
        seen.Change(Blob(2).Uuid, [KeyValuePair.Create("other", (object?)"z")]);
        Assert.Equal(["new"], seen.Metadata(Blob(1).Uuid).Select(pair => pair.Key));
        Assert.Equal(["new", "other"], seen.Metadata(null).Select(pair => pair.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["new", "other"], seen.Metadata(Blob(9).Uuid).Select(pair => pair.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["old"], read.Metadata.Keys);
        seen.Add(read, 100);
        Assert.Equal(["old"], seen.Metadata(Blob(1).Uuid).Select(pair => pair.Key));
    }

    [Fact]
    public void The_size_of_kept_blobs_is_limited_and_unused_size_is_released()
    {
        SeenBlobs seen = new();
        seen.Add(Blob(1), SeenBlobs.MaxBytes - 100);
        seen.Add(Blob(2), 101);
        Assert.Equal(Blob(1).Uuid, Assert.Single(seen.All).Uuid);
        seen.Add(Blob(1), 100);
        seen.Add(Blob(2), 101);
        Assert.Equal(2, seen.All.Count());
        seen.Add(Blob(1), SeenBlobs.MaxBytes);
        Assert.Equal(Blob(2).Uuid, Assert.Single(seen.All).Uuid);
    }

    [Fact]
    public void The_last_changed_blobs_are_first_and_those_without_a_time_are_last()
    {
        SeenBlobs seen = new();
        SfBlob timeless = new() { Uuid = Guid.NewGuid() };
        foreach (SfBlob blob in new[] { Blob(2), timeless, Blob(9), Blob(5) })
        {
            seen.Add(blob, 100);
        }

        Assert.Equal([Blob(9).Uuid, Blob(5).Uuid, Blob(2).Uuid, timeless.Uuid], seen.All.Select(b => b.Uuid));
    }

    [Fact]
    public async Task Only_one_of_several_parallel_callers_refreshes()
    {
        SeenBlobs seen = new();
        bool[] taken = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(seen.TakeRefresh, Limit.Token)));
        Assert.Single(taken, t => t);
    }

    [Fact]
    public async Task Returned_and_listed_blobs_are_recorded_and_a_closed_session_has_no_valid_token()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Emulator.EmulatedBlob one = cluster.State.AddBlob(new() { Metadata = new() { ["k"] = 1 } });
        Emulator.EmulatedBlob two = cluster.State.AddBlob(new());
        SfSession session = await cluster.ConnectAsync();
        Assert.Empty(session.Seen.All);
        await session.GetBlobAsync(one.Uuid, cluster.Log, Limit.Token);
        Assert.Equal(1L, session.Seen.Find(one.Uuid)!.Metadata["k"]);
        Assert.Null(session.Seen.Find(two.Uuid));
        Assert.Equal(2, (await session.ListBlobsAsync(cluster.Log, Limit.Token).ToListAsync(Limit.Token)).Count);
        Assert.NotNull(session.Seen.Find(two.Uuid));
        Assert.True(session.HasLiveToken);
        session.Dispose();
        Assert.False(session.HasLiveToken);
    }

    [Theory]
    [InlineData(900.0, 839, 840)]
    [InlineData(10.0, 7, 8)]
    [InlineData(null, 1_000_000, null)]
    public async Task A_token_is_valid_until_shortly_before_it_expires(double? lifetime, int live, int? ending)
    {
        FakeTimeProvider time = new(DateTimeOffset.UnixEpoch);
        TokenSource source = new((_, _) => Task.FromResult(new AccessToken("t", lifetime is null ? null : TimeSpan.FromSeconds(lifetime.Value))), time);
        Assert.False(source.IsLive);
        await source.GetAsync(null, NullLog.Instance, Limit.Token);
        time.Advance(TimeSpan.FromSeconds(live));
        Assert.True(source.IsLive);
        if (ending is not null)
        {
            time.Advance(TimeSpan.FromSeconds(ending.Value - live));
            Assert.False(source.IsLive);
            Assert.Equal(1, source.FetchCount);
        }
    }
}
