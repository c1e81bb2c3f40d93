using System.Diagnostics;
using System.Security.Cryptography;
using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Tests;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>
/// Two runs of the same command with different hashes. The first one has a hash and a server that returns wrong data, and does not complete. The second one must never
/// save wrong data, with or without the hash.
/// </summary>
public sealed class KnowledgeTests : IDisposable
{
    // Work ranges of several MiB, in which each MiB is completed while the response is still in progress.
    private const int Size = 24 << 20;

    private static readonly byte[] Content = Download.Random(Size);

    private static readonly string Sha512 = Convert.ToHexStringLower(SHA512.HashData(Content));

    private static readonly string Sha256 = Convert.ToHexStringLower(SHA256.HashData(Content));

    private readonly TempFolder _folder = new();
    private readonly byte[] _content = Content;
    private readonly Guid _uuid = Guid.NewGuid();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, string> Pairs
    {
        get
        {
            TheoryData<string, string, string> rows = [];
            foreach (string server in new[] { "ignores the offset", "shifts", "sends zeros" })
            {
                foreach (string end in new[] { "stopped", "killed", "mismatch" })
                {
                    foreach (string second in new[] { "None", "no hash", "another algorithm", "unreadable hash", "same" })
                    {
                        rows.Add(server, end, second);
                    }
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Data_that_the_first_run_could_not_verify_is_not_saved_by_a_second_run_without_the_hash(string server, string end, string second)
    {
        await FirstRunAsync(server, end);
        BlobTransferApi.Get(_folder.Target);
        SfBlob blob = Record(second);
        SfBlobSaveOptions options = Cluster.Save with { CreateXxh128 = Xxh128.Create, Verification = second == "None" ? SfVerificationPolicy.None : SfVerificationPolicy.IfAvailable };
        await using RawServer right = RawServer.StartCluster(x => x.SendChunkedAsync(_content.AsMemory((int)x.Query("offset")), properEnd: true), capabilities: "none");
        using SfSession session = await ConnectAsync(right.Url);
        SfBlobSaveResult transfer = await session.SaveBlobDataAsync(blob, _folder.Target, options, NullLog.Instance, Limit.Token);
        Assert.Equal(SfBlobSaveStatus.Saved, transfer.Status);
        Assert.True((await File.ReadAllBytesAsync(_folder.Target, Limit.Token)).AsSpan().SequenceEqual(_content), "Wrong bytes got the name.");
        _folder.ContainsNoPartialFile();
        Assert.Equal(second == "None" ? SfVerificationOutcome.NotVerified : SfVerificationOutcome.Verified, transfer.Verification);
    }

    [Fact]
    public async Task A_file_that_did_not_match_the_hash_is_listed_with_HashMismatch()
    {
        await FirstRunAsync("sends zeros", "mismatch");
        SfBlobTransfer left = BlobTransferApi.Get(_folder.Target)!;
        Assert.Equal((SfBlobTransferState.HashMismatch, "the data did not match the published hash"), (left.State, left.Problem));
    }

    private SfBlob Record(string what) => what switch
    {
        "None" or "same" => new SfBlob { Uuid = _uuid, Size = Size, State = "created", Sha512 = Sha512 },
        "another algorithm" => new SfBlob { Uuid = _uuid, Size = Size, State = "created", Checksums = { ["sha256"] = Sha256 } },
        "unreadable hash" => Model.BlobReader.Read(System.Text.Encoding.UTF8.GetBytes($$"""{"uuid": "{{_uuid}}", "state": "created", "size": {{Size}}, "checksums": {"sha512": "sha512:{{Sha512}}", "sha1": 7} }""")),
        _ => new SfBlob { Uuid = _uuid, Size = Size, State = "created" },
    };

    /// <summary>
    /// Runs a transfer with four connections whose server returns wrong data in the middle of the blob. The run is stopped, killed, or detects the mismatch.
    /// </summary>
    private async Task FirstRunAsync(string how, string end)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Limit.Token);
        int sent = 0;
        string part = _folder.Target + PartialDownload.Suffix;
        string journal = _folder.Target + TransferJournal.Suffix;
        await using RawServer server = RawServer.StartCluster(
            async x =>
            {
                int offset = (int)x.Query("offset");
                byte[] lie = _content[offset..];
                if (offset is > 0 and < Size - 1)
                {
                    lie = how switch
                    {
                        "ignores the offset" => _content[..(Size - offset)],
                        "shifts" => [.. _content[(offset + 1)..], 0],
                        _ => new byte[Size - offset],
                    };
                }

                bool whole = end == "mismatch" || offset == Size - 1;
                if (end == "mismatch")
                {
                    lie[^1] ^= 1;
                }

                await x.WriteAsync($"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{lie.Length:x}\r\n");
                await x.WriteAsync(whole ? lie : lie.AsMemory(0, Math.Min(lie.Length, (3 << 20) + 1000)));
                if (whole)
                {
                    await x.WriteAsync("\r\n0\r\n\r\n");
                    return;
                }

                Interlocked.Increment(ref sent);
                await x.UntilGoneAsync();
            },
            capabilities: "none");
        using SfSession session = await ConnectAsync(server.Url);
        SfBlobSaveOptions options = Cluster.Save with { CreateXxh128 = Xxh128.Create, RetryTimeout = TimeSpan.FromMinutes(1) };
        Task<SfBlobSaveResult> saving = session.SaveBlobDataAsync(Record("same"), _folder.Target, options, NullLog.Instance, stop.Token);
        if (end == "mismatch")
        {
            await SfAssert.ThrowsAsync(SfErrors.HashMismatch, () => saving);
            return;
        }

        await Eventually.TrueAsync(() => sent >= 2 && File.Exists(journal) && TransferJournal.Read(_folder.Target)?.Blocks.Count > 3);
        if (end == "killed")
        {
            Copy(journal);
            Copy(part);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => saving);
        if (end == "killed")
        {
            File.Move(part + ".copy", part, overwrite: true);
            File.Move(journal + ".copy", journal, overwrite: true);
        }
    }

    /// <summary>Reads the file like another program, regardless of the locks of .NET.</summary>
    private static void Copy(string path)
    {
        using Process copying = Process.Start(OperatingSystem.IsWindows() ? new ProcessStartInfo("cmd", ["/c", "copy", "/b", path, path + ".copy"]) : new ProcessStartInfo("cp", [path, path + ".copy"]))!;
        copying.WaitForExit();
        Assert.Equal(0, copying.ExitCode);
    }

    private static Task<SfSession> ConnectAsync(Uri url) =>
        Cluster.ConnectAsync(url, Cluster.Quick with { IdleTimeout = TimeSpan.FromMinutes(1) }, "banana", false, Cluster.Key, NullLog.Instance);
}
