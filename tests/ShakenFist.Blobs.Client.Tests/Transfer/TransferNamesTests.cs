using System.Text;
using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Targets whose names are too long for the suffixes of temporary files.</summary>
public sealed class TransferNamesTests
{
    private const int Block = 1 << 16;

    // "ü" has 2 bytes and 1 code unit, "語" 3 and 1, and the emoji 4 and 2. On Windows, names of up to 255 code units are valid, so all of them are.
    public static TheoryData<string, int> Names => new()
    {
        { "x", 242 },
        { "x", 246 },
        { "x", 255 },
        { "ü", 127 },
        { "語", 85 },
        { "\ud83d\ude00", 63 },
    };

    private static string NameOf(string character, int count) => string.Concat(Enumerable.Repeat(character, count));

    [Theory]
    [MemberData(nameof(Names))]
    public void The_temporary_names_of_a_long_name_are_short_and_contain_its_beginning(string character, int count)
    {
        using TempFolder folder = new();
        string name = NameOf(character, count);
        string stem = TransferNames.StemOf(folder.At(name));
        Assert.Equal(folder.Path, Path.GetDirectoryName(stem));
        Assert.InRange(Encoding.UTF8.GetByteCount(Path.GetFileName(stem) + TransferJournal.NewSuffix), 255 - character.Length - 3, 255);
        string beginning = Path.GetFileName(stem)[..^33];
        Assert.StartsWith(beginning, name, StringComparison.Ordinal);
        Assert.Equal(0, beginning.Length % character.Length);
        Assert.Equal(stem, TransferNames.StemOf(stem));
        Assert.Equal(name, TransferNames.NameToRecord(folder.At(name)));
        Assert.Equal(folder.At(name), TransferNames.TargetOf(stem, name));
    }

    [Fact]
    public void A_name_that_leaves_room_for_the_suffixes_is_not_changed()
    {
        using TempFolder folder = new();
        string target = folder.At(new string('x', 241));
        Assert.Equal(target, TransferNames.StemOf(target));
        Assert.Null(TransferNames.NameToRecord(target));
        Assert.Equal(target + ".sfpart", PartialDownload.PathOf(target));
        Assert.Equal(target + ".sfjournal", TransferJournal.PathOf(target));
    }

    [Fact]
    public void Long_names_that_differ_only_at_their_end_have_different_temporary_names()
    {
        using TempFolder folder = new();
        string name = new('x', 250);
        Assert.NotEqual(TransferNames.StemOf(folder.At(name + "1")), TransferNames.StemOf(folder.At(name + "2")));
        Assert.Equal(OperatingSystem.IsLinux(), TransferNames.StemOf(folder.At(name)) != TransferNames.StemOf(folder.At(name[..^1] + "X")));
    }

    [Theory]
    [InlineData("/somewhere/else")]
    [InlineData("../up")]
    [InlineData("another")]
    [InlineData("")]
    [InlineData(null)]
    public void A_recorded_name_that_does_not_belong_to_the_files_is_ignored(string? recorded)
    {
        using TempFolder folder = new();
        string stem = TransferNames.StemOf(folder.At(new string('x', 250)));
        Assert.Equal(stem, TransferNames.TargetOf(stem, recorded));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_long_name_is_saved_and_an_interrupted_transfer_to_it_is_found_and_resumed(string character, int count)
    {
        await using Download download = await InterruptAsync(NameOf(character, count));
        string path = download.Folder.At(NameOf(character, count));
        SfBlobTransfer found = Assert.Single(BlobTransferApi.Find(download.Folder.Path, recurse: false));
        Assert.Equal((path, SfBlobTransferState.Resumable, download.Blob.Uuid), (found.Path, found.State, found.BlobUuid));
        Assert.Equal(found, BlobTransferApi.Get(path));
        Assert.Equal(found, BlobTransferApi.Get(found.PartialPath![..^PartialDownload.Suffix.Length]));
        Assert.True(File.Exists(found.JournalPath));
        SfBlobSaveResult transfer = await download.RunAsync(path: path);
        Assert.Equal((path, SfBlobSaveStatus.Saved, SfVerificationOutcome.Verified), (transfer.Path, transfer.Status, transfer.Verification));
        Assert.Equal(found.BytesTransferred, transfer.BytesResumed);
        Assert.Equal(path, Assert.Single(Directory.GetFiles(download.Folder.Path)));
        Assert.Equal(download.Content, await File.ReadAllBytesAsync(path, Limit.Token));
        Assert.Equal(SfBlobSaveStatus.Unchanged, (await download.RunAsync(path: path)).Status);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_interrupted_transfer_to_a_long_name_is_removed(string character, int count)
    {
        await using Download download = await InterruptAsync(NameOf(character, count));
        BlobTransferApi.Remove(BlobTransferApi.Get(download.Folder.At(NameOf(character, count)))!);
        Assert.Empty(Directory.GetFiles(download.Folder.Path));
    }

    [Fact]
    public async Task A_transfer_to_a_long_name_whose_journal_is_damaged_is_listed_and_removed()
    {
        string name = new('x', 250);
        await using Download download = await InterruptAsync(name);
        SfBlobTransfer found = BlobTransferApi.Get(download.Folder.At(name))!;
        await File.WriteAllTextAsync(found.JournalPath!, "damaged\n", Limit.Token);
        SfBlobTransfer damaged = Assert.Single(BlobTransferApi.Find(download.Folder.Path, recurse: false));
        Assert.Equal((SfBlobTransferState.Damaged, found.PartialPath), (damaged.State, damaged.PartialPath));
        BlobTransferApi.Remove(damaged);
        Assert.Empty(Directory.GetFiles(download.Folder.Path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_of_a_long_name_are_not_used_for_a_target_that_is_named_like_them(bool force)
    {
        string name = new('x', 250);
        await using Download download = await InterruptAsync(name);
        SfBlobTransfer found = BlobTransferApi.Get(download.Folder.At(name))!;
        string other = TransferNames.StemOf(download.Folder.At(name));
        if (!force)
        {
            SfException e = await SfAssert.ThrowsAsync(SfErrors.TransferConflict, () => download.RunAsync(path: other));
            Assert.Contains($"it belongs to the transfer to '{found.Path}'", e.Message, StringComparison.Ordinal);
            Assert.Equal(found, BlobTransferApi.Get(found.Path!));
            return;
        }

        Assert.Equal(0, (await download.RunAsync(new SfBlobSaveOptions { Force = true }, other)).BytesResumed);
        Assert.Equal(other, Assert.Single(Directory.GetFiles(download.Folder.Path)));
    }

    [Fact]
    public async Task A_long_name_replaces_a_file()
    {
        await using Download download = await Download.StartAsync(1000);
        string path = download.Folder.Write(new string('x', 255), [7, 7]);
        await SfAssert.ThrowsAsync(SfErrors.TargetExists, () => download.RunAsync(path: path));
        await download.RunAsync(new SfBlobSaveOptions { Force = true }, path);
        Assert.Equal(path, Assert.Single(Directory.GetFiles(download.Folder.Path)));
        Assert.Equal(download.Content, await File.ReadAllBytesAsync(path, Limit.Token));
    }

    [Fact]
    public async Task A_name_that_the_file_system_does_not_permit_is_reported_before_a_data_request()
    {
        await using Download download = await Download.StartAsync(1000);
        await SfAssert.ThrowsAsync(SfErrors.FileFailed, () => download.RunAsync(path: download.Folder.At(new string('x', 256))));
        Assert.Equal(0, download.Cluster.DataRequests);
        Assert.Empty(Directory.GetFiles(download.Folder.Path));
    }

    /// <summary>Starts a cluster and a transfer to a file with this name, which the disk interrupts.</summary>
    private static async Task<Download> InterruptAsync(string name)
    {
        Download download = await Download.StartAsync((4 * Block) - 1);
        download.Options = Cluster.Quick with { BlockBytes = Block, RequestBytes = Block };
        using (FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Write, TransferJournal.Suffix, 3, FaultInjectingDisk.InputOutput))
        {
            await SfAssert.ThrowsAsync(SfErrors.FileFailed, () => download.RunAsync(new SfBlobSaveOptions { Limits = new SfTransferLimits(1) }, download.Folder.At(name)));
        }

        Assert.Equal(2, Directory.GetFiles(download.Folder.Path).Length);
        return download;
    }
}
