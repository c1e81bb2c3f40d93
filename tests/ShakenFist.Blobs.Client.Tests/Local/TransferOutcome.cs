using System.Net.NetworkInformation;
using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Tests;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>
/// Checks the outcome of a transfer after any fault: one outcome, in time. The target is the old or the complete new file, and no other files remain except for those
/// that can be resumed. There are no open files, no connections, and no secrets.
/// </summary>
internal sealed class TransferOutcome
{
    private TransferOutcome()
    {
    }

    /// <summary>The result, if the blob was saved.</summary>
    public SfBlobSaveResult? Transfer { get; private set; }

    /// <summary>The error, if the transfer failed.</summary>
    public SfException? Failure { get; private set; }

    /// <summary>Number of bytes that do not have to be fetched again.</summary>
    public long Kept { get; private set; }

    /// <summary>Runs a transfer and checks its outcome.</summary>
    public static async Task<TransferOutcome> OfAsync(Download download, SfBlobSaveOptions? options = null, string? path = null, CancellationToken? stop = null)
    {
        string target = path ?? download.Target;
        byte[]? old = await ContentAsync(target);
        TransferOutcome after = new();
        bool stopped = false;
        try
        {
            after.Transfer = await download.RunAsync(options, target, cancellationToken: stop).WaitAsync(Limit.Token);
        }
        catch (SfException e)
        {
            after.Failure = e;
        }
        catch (OperationCanceledException) when (stop is { IsCancellationRequested: true })
        {
            stopped = true;
        }

        Assert.Equal(1, (after.Transfer is null ? 0 : 1) + (after.Failure is null ? 0 : 1) + (stopped ? 1 : 0));
        await after.CheckAsync(download, target, old);
        return after;
    }

    /// <summary>Checks that the transfer failed with this error.</summary>
    public TransferOutcome Failed(SfError error)
    {
        Assert.True(Failure?.Error == error, $"{Failure?.Error.Id ?? "no error"} where {error.Id} was expected: {Failure}");
        return this;
    }

    /// <summary>Checks that the same command saves the blob, and fetches only the data that was not kept.</summary>
    public async Task<SfBlobSaveResult> ResumeAsync(Download download, SfBlobSaveOptions? options = null, string? path = null)
    {
        TransferOutcome next = await OfAsync(download, options, path);
        Assert.True(next.Transfer is not null, $"{next.Failure}");
        Assert.Equal(Kept, next.Transfer.BytesResumed);
        Assert.Equal(download.Content.Length - Kept, next.Transfer.BytesReceived);
        return next.Transfer;
    }

    private async Task CheckAsync(Download download, string target, byte[]? old)
    {
        byte[]? now = await ContentAsync(target);
        Assert.True(Same(now, Transfer is null ? old : download.Content), "The target is neither the old file nor the blob.");
        if (Transfer is { Status: SfBlobSaveStatus.Saved })
        {
            Assert.Equal(download.Content.Length, Transfer.Size);
            Assert.Equal(download.Blob.PublishChecksums == false ? SfVerificationOutcome.NotPublished : SfVerificationOutcome.Verified, Transfer.Verification);
        }

        // A connection that was being established for a canceled request stays with its session.
        download.Cluster.EndSessions();
        string folder = Path.GetDirectoryName(target)!;
        await AssertNothingOpenAsync(folder, download.Cluster.Emulator.Url.Port);
        string journal = target + TransferJournal.Suffix;
        bool left = File.Exists(target + PartialDownload.Suffix);
        Assert.True(left == File.Exists(journal), "A temporary file without its journal, or the other way round.");
        if (left)
        {
            SfBlobTransfer transfer = BlobTransferApi.Get(target)!;
            Assert.Equal(SfBlobTransferState.Resumable, transfer.State);
            Assert.InRange(new FileInfo(transfer.PartialPath!).Length, 1, download.Content.Length);
            Kept = transfer.BytesTransferred;
            Assert.True(Kept > 0 && Transfer is null);
        }

        string text = download.Cluster.Log.Everything + Failure + (left ? await File.ReadAllTextAsync(journal, Limit.Token) : string.Empty);
        Assert.DoesNotContain(Cluster.Key, text, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", text, StringComparison.Ordinal);
    }

    private static bool Same(byte[]? one, byte[]? other) => one is null ? other is null : other is not null && one.AsSpan().SequenceEqual(other);

    private static async Task<byte[]?> ContentAsync(string path) =>
        File.Exists(path) && FileKind.GetSpecialFileKind(path) is null ? await File.ReadAllBytesAsync(path, Limit.Token) : null;

    /// <summary>Waits until a canceled operation has released its files and connections.</summary>
    private static async Task AssertNothingOpenAsync(string folder, int port)
    {
        string[] held = [];
        try
        {
            await Eventually.TrueAsync(() => (held = [.. OpenFiles(folder), .. Connections(port)]).Length == 0);
        }
        catch (Xunit.Sdk.XunitException) when (held.Length > 0)
        {
            Assert.Fail("Still held: " + string.Join(", ", held));
        }
    }

    /// <summary>Returns the open files of this process in the folder. If the system does not report them, returns the files that cannot be opened exclusively.</summary>
    private static IEnumerable<string> OpenFiles(string folder) => OperatingSystem.IsLinux()
        ? Directory.EnumerateFiles("/proc/self/fd").Select(fd => new FileInfo(fd).LinkTarget ?? string.Empty).Where(file => file.StartsWith(folder + "/", StringComparison.Ordinal))
        : Directory.EnumerateFiles(folder).Where(IsHeld);

    private static bool IsHeld(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.None).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Returns the connections to the emulator. Returns none if <c>SHAKENFIST_TEST_CONNECTIONS</c> is <c>unlisted</c>, because Wine needs up to 100 s for the list.</summary>
    private static IEnumerable<string> Connections(int port) => Environment.GetEnvironmentVariable("SHAKENFIST_TEST_CONNECTIONS") == "unlisted"
        ? []
        : IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
            .Where(c => c.RemoteEndPoint.Port == port && c.State == TcpState.Established).Select(c => $"{c.LocalEndPoint} to {c.RemoteEndPoint}");
}
