using System.Diagnostics;
using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class WorkRangeTests : IDisposable
{
    private const int Block = 10_000;
    private const int Size = (4 * Block) - 100;

    private readonly TempFolder _folder = new();
    private readonly BlockHasher _hasher = new(Xxh128.Create);
    private readonly byte[] _content = Download.Random(Size);
    private PartialDownload? _download;

    public void Dispose()
    {
        _download?.Abandon(0);
        _download?.Dispose();
        _hasher.Dispose();
        _folder.Dispose();
    }

    private async Task<WorkRange> StartAsync(bool published = false, int from = 0, int to = Size)
    {
        _download = await Plan.OpenAsync(_folder.Target, Plan.Of(_content, Block, published, sparse: true));
        return new WorkRange(_download, from, to, _hasher);
    }

    private void Write(WorkRange range, int from, int to) => range.Write(_content.AsSpan(from, to - from), from);

    private byte[] InFile(int from, int to)
    {
        byte[] bytes = new byte[to - from];
        Assert.Equal(bytes.Length, _download!.Read(bytes, from));
        return bytes;
    }

    /// <summary>Checks that exactly these blocks are complete, with the hashes of the file content.</summary>
    private void AreComplete(bool confirmed, params int[] blocks)
    {
        JournalContent journal = TransferJournal.Read(_folder.Target)!;
        Assert.Equal(blocks, journal.Blocks.Keys.Order());
        Assert.Equal(blocks.Sum(b => _download!.EndOf(b) - _download.StartOf(b)), _download!.BytesComplete);
        Assert.All(blocks, block =>
        {
            Assert.Equal(_hasher.Hash(InFile((int)_download.StartOf(block), (int)_download.EndOf(block))), _download.HashOf(block));
            Assert.Equal(new JournalBlock(_download.HashOf(block), !confirmed), journal.Blocks[block]);
        });
    }

    [Theory]
    [InlineData(Block)]
    [InlineData(2 * Block)]
    [InlineData(300)]
    [InlineData(Size)]
    public async Task Blocks_are_completed_with_the_hash_of_the_file_content(int piece)
    {
        WorkRange range = await StartAsync();
        Assert.Equal((0, Size, 0), (range.From, range.To, range.Watermark));
        for (int at = 0; at < Size; at += piece)
        {
            Write(range, at, Math.Min(at + piece, Size));
        }

        AreComplete(true);
        range.Validated((2 * Block) + 999, confirmed: true);
        AreComplete(true, 0, 1);
        Assert.Equal((2 * Block) + 999, range.Watermark);
        range.Validated(Size, confirmed: true);
        AreComplete(true, 0, 1, 2, 3);
        Assert.Equal(_content, InFile(0, Size));
    }

    [Fact]
    public async Task Zeros_are_written_over_other_bytes_in_a_new_file()
    {
        WorkRange range = await StartAsync();
        Write(range, 0, 2 * Block);
        range.Write(new byte[(2 * Block) - 500], 500);
        Assert.Equal(new byte[(2 * Block) - 500], InFile(500, 2 * Block));
        range.Write(new byte[Size - (2 * Block)], 2 * Block);
        Write(range, 2 * Block, Size);
        range.Write(new byte[Block], 2 * Block);
        Assert.Equal(new byte[Block], InFile(2 * Block, 3 * Block));
        Assert.Equal(_content[(3 * Block)..], InFile(3 * Block, Size));
        range.Validated(Size, confirmed: true);
        AreComplete(true, 0, 1, 2, 3);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(400, 100)]
    [InlineData(Block - 1, 1)]
    [InlineData(Block - 1, 2)]
    public async Task A_block_that_is_partly_rewritten_is_hashed_again(int at, int count)
    {
        WorkRange range = await StartAsync();
        Write(range, 0, Block);
        Write(range, Block, 2 * Block);
        range.Write(Download.Random(count), at);
        range.Validated(2 * Block, confirmed: true);
        AreComplete(true, 0, 1);
    }

    [Fact]
    public async Task A_complete_block_that_is_written_to_is_no_longer_complete()
    {
        WorkRange range = await StartAsync();
        Write(range, 0, Size);
        range.Validated(Size, confirmed: true);
        range.Write([1, 2, 3], Block + 5);
        AreComplete(true, 0);
        range.Validated(Size, confirmed: true);
        AreComplete(true, 0, 1, 2, 3);
    }

    [Fact]
    public async Task Invalidated_data_must_be_written_again()
    {
        WorkRange range = await StartAsync();
        Write(range, 0, Size);
        range.Validated(3 * Block, confirmed: true);
        range.Validated(Block + 1, confirmed: true);
        AreComplete(true, 0);
        Assert.Equal(Block + 1, range.Watermark);
        range.Write(new byte[Block], Block);
        range.Validated(2 * Block, confirmed: true);
        AreComplete(true, 0, 1);
        range.Validated(0, confirmed: true);
        AreComplete(true);
    }

    [Fact]
    public async Task The_last_bytes_are_visible_to_others_only_when_it_is_complete()
    {
        WorkRange range = await StartAsync(published: true, from: Block, to: 3 * Block);
        Write(range, Block, 3 * Block);
        range.Received((3 * Block) - 4097);
        Assert.Equal((3 * Block) - 4097, range.Watermark);
        range.Received((3 * Block) - 1);
        Assert.Equal((3 * Block) - 4096, range.Watermark);
        AreComplete(false, 1);
        range.Validated(3 * Block, confirmed: true);
        Assert.Equal(3 * Block, range.Watermark);
        AreComplete(true, 1, 2);
    }

    [Fact]
    public async Task It_completes_no_block_outside_its_range()
    {
        WorkRange range = await StartAsync(from: Block, to: 3 * Block);
        Assert.Equal(Block, range.Watermark);
        Write(range, Block, 3 * Block);
        range.Validated(Size, confirmed: true);
        AreComplete(true, 1, 2);
        range.Validated(0, confirmed: true);
        AreComplete(true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Unconfirmed_data_is_completed_provisionally_if_there_is_a_final_hash(bool published)
    {
        WorkRange range = await StartAsync(published);
        Write(range, 0, Size);
        range.Received(2 * Block);
        AreComplete(false, published ? [0, 1] : []);
        Assert.Equal(published ? 2 * Block : 0, range.Watermark);
    }

    [Theory]
    [InlineData(Block, Block)]
    [InlineData(Block + 1, 2 * Block)]
    [InlineData((2 * Block) - 1, 2 * Block)]
    public async Task A_block_with_bytes_of_an_unconfirmed_response_stays_provisional(int unconfirmed, int provisional)
    {
        WorkRange range = await StartAsync(published: true);
        Write(range, 0, Size);
        range.Received(3 * Block);
        range.Validated(unconfirmed, confirmed: false);
        range.Received(Size - 1);
        range.Validated(Size, confirmed: true);
        JournalContent journal = TransferJournal.Read(_folder.Target)!;
        Assert.All(journal.Blocks, b => Assert.Equal(_download!.StartOf(b.Key) < provisional, b.Value.IsProvisional));
        Assert.Equal(4, journal.Blocks.Count);
    }

    [Fact]
    public async Task Unconfirmed_bytes_that_are_replaced_by_confirmed_ones_no_longer_count()
    {
        WorkRange range = await StartAsync(published: true);
        Write(range, 0, 2 * Block);
        range.Validated(2 * Block, confirmed: false);
        range.Validated(0, confirmed: true);
        Write(range, 0, Size);
        range.Validated(Size, confirmed: true);
        AreComplete(true, 0, 1, 2, 3);
    }

    [Fact]
    public async Task A_file_that_another_process_truncates_is_reported()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "On Windows, other processes cannot write to the file.");
        WorkRange range = await StartAsync();
        Write(range, 0, 300);
        using (Process other = Process.Start(new ProcessStartInfo("truncate", ["--size=300", _folder.Target + PartialDownload.Suffix]))!)
        {
            other.WaitForExit();
            Assert.Equal(0, other.ExitCode);
        }

        Assert.Equal(SfErrors.TargetChanged, Assert.Throws<SfException>(() => range.Validated(Block, confirmed: true)).Error);
        Assert.Equal(SfErrors.TargetChanged, Assert.Throws<SfException>(() => Write(range, 300, 400)).Error);
        AreComplete(true);
    }
}
