using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests which blocks count as flushed. Properties test the rest of the block table.</summary>
public sealed class BlockTableTests
{
    private readonly BlockTable _blocks = new(size: 5, blockBytes: 1);

    [Fact]
    public void Only_blocks_that_were_complete_when_a_successful_flush_began_count_as_flushed()
    {
        _blocks.Complete(0, 10, provisional: false);
        int flush = _blocks.BeginFlush();
        _blocks.Complete(1, 11, provisional: false);
        Assert.Equal([0, 1], _blocks.Unflushed());
        _blocks.Flushed(flush);
        Assert.Equal([1], _blocks.Unflushed());
        _blocks.Complete(2, 12, provisional: false);
        Assert.Equal([1, 2], _blocks.Unflushed());
        _blocks.Flushed(_blocks.BeginFlush());
        Assert.Empty(_blocks.Unflushed());
    }

    [Fact]
    public void A_failed_flush_counts_nothing_as_written()
    {
        _blocks.Complete(0, 10, provisional: false);
        _blocks.Flushed(_blocks.BeginFlush());
        _blocks.Complete(1, 11, provisional: false);
        _blocks.BeginFlush();
        Assert.Equal([1], _blocks.Unflushed());
    }

    [Fact]
    public void A_block_that_is_received_again_must_be_flushed_again()
    {
        _blocks.Complete(0, 10, provisional: false);
        _blocks.Flushed(_blocks.BeginFlush());
        _blocks.Invalidate(0, taken: false);
        Assert.Empty(_blocks.Unflushed());
        _blocks.Complete(0, 10, provisional: false);
        Assert.Equal([0], _blocks.Unflushed());
    }

    [Fact]
    public void A_block_is_provisional_until_it_is_confirmed()
    {
        _blocks.Complete(1, 10, provisional: true);
        Assert.Equal((true, true, false), (_blocks.HasProvisional, _blocks.IsComplete(1), _blocks.IsConfirmed(1)));
        _blocks.Confirm(0);
        _blocks.Confirm(1);
        Assert.Equal((false, true, false), (_blocks.HasProvisional, _blocks.IsConfirmed(1), _blocks.IsComplete(0)));
        _blocks.MakeAllProvisional();
        Assert.Equal((true, false), (_blocks.HasProvisional, _blocks.IsConfirmed(1)));
        Assert.Equal(1, _blocks.BytesComplete);
        _blocks.Invalidate(1, taken: true);
        Assert.Equal((false, 0), (_blocks.HasProvisional, _blocks.BytesComplete));
    }
}
