using System.Net.NetworkInformation;
using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Tests;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>
/// What must be so after a transfer whatever befell it: one outcome, in time; the old file or the whole new one; nothing beside it but what can be resumed; no open
/// file, no connection, no secret.
/// </summary>
internal sealed class TransferOutcome
{
    private TransferOutcome()
    {
    }

    /// <summary>The record, if it was saved.</summary>
    public SfBlobSaveResult? Transfer { get; private set; }

    /// <summary>The error, if it was not.</summary>
    public SfException? Failure { get; private set; }

    /// <summary>Bytes that need not be fetched again.</summary>
    public long Kept { get; private set; }

    /// <summary>Runs a transfer to its end and asserts all of it.</summary>
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

    /// <summary>It failed with this row of the error table.</summary>
    public TransferOutcome Failed(SfError error)
    {
        Assert.True(Failure?.Error == error, $"{Failure?.Error.Id ?? "no error"} where {error.Id} was expected: {Failure}");
        return this;
    }

    /// <summary>The same command once more does it, and fetches what was not kept and nothing else.</summary>
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

        // A connection that was being made for a request that was given up stays with its session, as it should.
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

    /// <summary>What was stopped in the middle may need a moment to let go.</summary>
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

    /// <summary>Files of this process below the folder. Where the system does not tell, those that nobody else can open count.</summary>
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

    private static IEnumerable<string> Connections(int port) => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Where(c => c.RemoteEndPoint.Port == port && c.State == TcpState.Established).Select(c => $"{c.LocalEndPoint} to {c.RemoteEndPoint}");
}
