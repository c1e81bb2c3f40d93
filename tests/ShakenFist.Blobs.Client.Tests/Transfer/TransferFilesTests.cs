using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>The temporary file and its journal: together they are what an interrupted transfer has left, and neither is anything alone.</summary>
public sealed class TransferFilesTests : IDisposable
{
    private const int Part = 1000;
    private const int Size = 3500;

    private readonly TempFolder _folder = new();
    private readonly RecordingLog _log = new();
    private readonly SfBlob _blob = new() { Uuid = new Guid(1, 2, 3, new byte[8]), Size = Size, State = "created", Sha512 = new string('a', 128) };
    private readonly byte[] _content = Download.Random(Size);

    public void Dispose() => _folder.Dispose();

    private Task<PartialFile> OpenPartAsync() => PartialFile.OpenAsync(_folder.Target, Size, sparse: false, Limit.Token);

    private TransferFiles Open(PartialFile part, SfBlob? blob = null) =>
        TransferFiles.Open(part, _folder.Target, blob ?? _blob, Part, new SfDownloadOptions { CreateXxh128 = Xxh128.Create }, DateTime.UnixEpoch, _log);

    private void Bring(TransferFiles files, params int[] parts)
    {
        using PartHasher hasher = new(Xxh128.Create);
        foreach (int part in parts)
        {
            ReadOnlySpan<byte> bytes = _content.AsSpan((int)files.Map.StartOf(part)..(int)files.Map.EndOf(part));
            files.Part.Write(bytes, files.Map.StartOf(part), fresh: true);
            files.Map.Complete(part, hasher.Hash(bytes));
            files.Note(part, files.Map.HashOf(part));
        }
    }

    /// <summary>Leaves a transfer behind that had these parts.</summary>
    private async Task<string> LeaveAsync(params int[] parts)
    {
        using PartialFile part = await OpenPartAsync();
        using TransferFiles files = Open(part);
        Assert.Equal(0, await files.CheckAsync(Xxh128.Create, _ => { }, _log, Limit.Token));
        Bring(files, parts);
        return files.LeaveBehind(Size - 1);
    }

    [Fact]
    public async Task What_was_left_is_gone_on_with_and_told()
    {
        Assert.Equal($" {Size - 1} of {Size} bytes had arrived; 2000 of them are kept in '{_folder.Target}{PartialFile.Suffix}', and the same command goes on from there.", await LeaveAsync(0, 2));
        Assert.DoesNotContain(_log.Verboses, line => line.Contains("Resuming", StringComparison.Ordinal));
        Assert.NotEmpty(TransferJournal.Read(_folder.Target)!.Header!.ModuleVersion);
        using PartialFile part = await OpenPartAsync();
        using TransferFiles files = Open(part);
        Assert.False(part.IsNew);
        Assert.Equal(2000, await files.CheckAsync(Xxh128.Create, _ => { }, _log, Limit.Token));
        Assert.EndsWith($"2000 of {Size} bytes are there.", Assert.Single(_log.Verboses), StringComparison.Ordinal);
        Assert.Equal(((long)Part, 2L * Part), files.Map.Take(long.MaxValue));
    }

    [Fact]
    public async Task A_part_that_is_not_what_it_was_is_open_again_in_the_map_and_in_the_journal()
    {
        await LeaveAsync(0, 1, 2);
        using (PartialFile part = await OpenPartAsync())
        {
            part.Write([(byte)~_content[1500]], 1500, fresh: false);
            using TransferFiles files = Open(part);
            Assert.Equal(2000, await files.CheckAsync(Xxh128.Create, _ => { }, _log, Limit.Token));
            Assert.EndsWith("1 parts that were noted are not what they were, and are fetched again.", Assert.Single(_log.Verboses), StringComparison.Ordinal);
            Assert.Equal((1000L, 2000L), files.Map.Take(long.MaxValue));
        }

        Assert.Equal([0, 2], TransferJournal.Read(_folder.Target)!.Parts.Keys.Order());
    }

    [Fact]
    public async Task A_file_without_a_journal_begins_anew_and_so_does_a_journal_without_a_file()
    {
        await LeaveAsync(0, 2);
        File.Delete(_folder.Target + TransferJournal.Suffix);
        using (PartialFile part = await OpenPartAsync())
        using (TransferFiles files = Open(part))
        {
            Assert.Equal((true, 0L, 0L), (part.IsNew, files.Map.BytesDone, RandomAccess.GetLength(part.Handle)));
            Bring(files, 1);
            files.LeaveBehind(0);
        }

        File.Delete(_folder.Target + PartialFile.Suffix);
        using (PartialFile part = await OpenPartAsync())
        using (TransferFiles files = Open(part))
        {
            Assert.Equal((true, 0L), (part.IsNew, files.Map.BytesDone));
        }
    }

    [Fact]
    public async Task A_blob_that_has_another_checksum_now_begins_anew()
    {
        await LeaveAsync(0, 2);
        using PartialFile part = await OpenPartAsync();
        using TransferFiles files = Open(part, new SfBlob { Uuid = _blob.Uuid, Size = Size, State = "created", Sha512 = new string('b', 128) });
        Assert.Equal((true, 0L), (part.IsNew, files.Map.BytesDone));
        Assert.Contains("had another checksum then", Assert.Single(_log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_a_part_was_there_before_zeros_are_not_left_out_any_more()
    {
        using PartialFile part = await OpenPartAsync();
        using TransferFiles files = Open(part);
        Bring(files, 0);
        Assert.True(part.IsNew);
        files.Forget(0);
        Assert.False(part.IsNew);
        Assert.Equal((0L, (long)Size), files.Map.Take(long.MaxValue));
    }

    [Fact]
    public async Task Nothing_is_left_of_nothing()
    {
        Assert.Contains("the temporary file was removed", await LeaveAsync(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task A_file_with_a_hole_never_gets_the_name()
    {
        using PartialFile part = await OpenPartAsync();
        using TransferFiles files = Open(part);
        Bring(files, 0, 1, 3);
        SfException e = await Expect.ErrorAsync(SfErrors.TransferInterrupted, () => files.FinishAsync(_folder.Target, replace: true, Limit.Token));
        Assert.StartsWith("1000 bytes have not come", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.Target));
        Bring(files, 2);
        await files.FinishAsync(_folder.Target, replace: false, Limit.Token);
        Assert.Equal(_content, await File.ReadAllBytesAsync(_folder.Target, Limit.Token));
        _folder.HoldsNoPartialFile();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_disk_has_not_taken_is_neither_noted_nor_named_nor_left(bool journalFails)
    {
        using (PartialFile part = await OpenPartAsync())
        using (TransferFiles files = Open(part))
        {
            Bring(files, 0);
            files.Map.Flushed(files.Map.BeginFlush());
            Bring(files, 1, 2, 3);
            using (ToldDisk.Failing(_folder.Path, FileStep.Flush, PartialFile.Suffix, 1, ToldDisk.InputOutput))
            {
                Assert.Throws<IOException>(part.Flush);
            }

            // It says so once, and then takes everything.
            Expect.Error(SfErrors.FileFailed, () => files.Note(1, 1));
            await Expect.ErrorAsync(SfErrors.FileFailed, () => files.FinishAsync(_folder.Target, replace: true, Limit.Token));
            using (journalFails ? ToldDisk.Failing(_folder.Path, FileStep.Write, TransferJournal.Suffix, 1, ToldDisk.InputOutput) : null)
            {
                Assert.Contains(journalFails ? "was removed" : "1000 of them are kept", files.LeaveBehind(Size), StringComparison.Ordinal);
            }
        }

        Assert.False(File.Exists(_folder.Target));
        Assert.Equal(journalFails ? null : [0], TransferJournal.Read(_folder.Target)?.Parts.Keys.Order().ToArray());
    }
}
