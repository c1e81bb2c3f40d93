using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>What a command would do to save a blob, without doing it.</summary>
public sealed class SavePreviewTests
{
    private const int Block = 1 << 16;
    private const int Size = 10 * Block;

    private static readonly SfBlobSaveOptions Force = new() { Force = true };

    [Theory]
    [InlineData(false, false, "Save the blob")]
    [InlineData(true, false, "Replace the file with the blob")]
    [InlineData(false, true, "Resume saving the blob at 30 %")]
    [InlineData(true, true, "Replace the file with the blob, resuming at 30 %")]
    public async Task What_would_be_done_is_described_and_not_done(bool exists, bool interrupted, string expected)
    {
        await using Download download = await StartAsync();
        if (interrupted)
        {
            await InterruptAsync(download);
        }

        if (exists)
        {
            download.Folder.Write("blob.raw", [7, 7]);
        }

        Dictionary<string, (DateTime, long)> before = Files(download);
        int requests = download.Cluster.DataRequests;
        Assert.Equal(expected, await PreviewAsync(download, Force));
        if (exists)
        {
            await SfAssert.ThrowsAsync(SfErrors.TargetExists, () => PreviewAsync(download, new SfBlobSaveOptions()));
        }

        Assert.Equal(before, Files(download));
        Assert.Equal(requests, download.Cluster.DataRequests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_contains_the_blob_is_recognized(bool force)
    {
        await using Download download = await StartAsync();
        download.Folder.Write("blob.raw", download.Content);
        Assert.Equal("Do nothing, because the file already contains the blob", await PreviewAsync(download, Force with { Force = force }));
    }

    [Fact]
    public async Task Data_of_another_blob_is_not_resumed()
    {
        await using Download download = await StartAsync();
        await InterruptAsync(download);
        await using Download other = await StartAsync();
        Assert.Equal("Save the blob", await PreviewAsync(other, Force, download.Target));
    }

    private static async Task<Download> StartAsync()
    {
        Download download = await Download.StartAsync(Size);
        download.Options = Cluster.Quick with { BlockBytes = Block, RequestBytes = Block };
        return download;
    }

    private static async Task InterruptAsync(Download download)
    {
        // The first write creates the journal.
        using (FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Write, TransferJournal.Suffix, 5, FaultInjectingDisk.InputOutput))
        {
            await SfAssert.ThrowsAsync(SfErrors.FileFailed, () => download.RunAsync(new SfBlobSaveOptions { Limits = new SfTransferLimits(1), Force = true }));
        }

        Assert.Equal(3 * Block, BlobTransferApi.Get(download.Target)!.BytesTransferred);
    }

    private static async Task<string> PreviewAsync(Download download, SfBlobSaveOptions options, string? path = null)
    {
        (SfSession session, SfBlob record) = await download.PrepareAsync();
        return (await session.PreviewSaveAsync(record, path ?? download.Target, options, download.Cluster.Log, Limit.Token)).Describe("the blob");
    }

    private static Dictionary<string, (DateTime, long)> Files(Download download) =>
        new DirectoryInfo(download.Folder.Path).GetFiles().ToDictionary(f => f.Name, f => (f.LastWriteTimeUtc, f.Length));
}
