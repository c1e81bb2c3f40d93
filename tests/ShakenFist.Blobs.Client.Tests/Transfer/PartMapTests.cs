using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Which parts are on the disk for certain. What else holds of the map, properties say.</summary>
public sealed class PartMapTests
{
    private readonly PartMap _map = new(size: 5, partBytes: 1);

    [Fact]
    public void What_was_there_when_a_flush_began_that_succeeded_is_on_the_disk_and_nothing_else()
    {
        _map.Complete(0, 10);
        int flush = _map.BeginFlush();
        _map.Complete(1, 11);
        Assert.Equal([0, 1], _map.Unflushed());
        _map.Flushed(flush);
        Assert.Equal([1], _map.Unflushed());
        _map.Complete(2, 12);
        Assert.Equal([1, 2], _map.Unflushed());
        _map.Flushed(_map.BeginFlush());
        Assert.Empty(_map.Unflushed());
    }

    [Fact]
    public void A_flush_that_failed_has_brought_nothing_to_the_disk()
    {
        _map.Complete(0, 10);
        _map.Flushed(_map.BeginFlush());
        _map.Complete(1, 11);
        _map.BeginFlush();
        Assert.Equal([1], _map.Unflushed());
    }

    [Fact]
    public void A_part_that_is_brought_again_is_to_be_flushed_again()
    {
        _map.Complete(0, 10);
        _map.Flushed(_map.BeginFlush());
        _map.Forget(0, taken: false);
        Assert.Empty(_map.Unflushed());
        _map.Complete(0, 10);
        Assert.Equal([0], _map.Unflushed());
    }
}
