using System.Diagnostics;
using System.Security.Cryptography;
using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests a file whose hash does not match: what is checked, what is fetched again, and when the transfer fails.</summary>
public sealed class RepairTests : IDisposable
{
    private const int MiB = 1 << 20;

    private readonly TempFolder _folder = new();
    private readonly RecordingLog _log = new();
    private readonly List<string> _asked = [];

    public void Dispose() => _folder.Dispose();

    /// <summary>Saves a blob from a cluster that sends some of its bytes wrong.</summary>
    /// <param name="content">The content of the blob.</param>
    /// <param name="damage">Receives the number of the request, from 0, the offset of the response, and the response, which it can change.</param>
    /// <param name="sha512">The published hash. Null for the correct one.</param>
    private async Task<SfBlobSaveResult> SaveAsync(byte[] content, Action<int, int, byte[]> damage, string? sha512 = null)
    {
        using SfSession session = await ScriptedCluster.ConnectAsync(
            request =>
            {
                (int from, int? limit) = ScriptedCluster.RangeOf(request);
                byte[] bytes = content.AsSpan(from, limit!.Value).ToArray();
                damage(_asked.Count, from, bytes);
                _asked.Add(request.RequestUri!.Query[1..]);
                return ScriptedCluster.Bytes(bytes);
            });
        SfBlob blob = new() { Uuid = new Guid(1, 2, 3, new byte[8]), Size = content.Length, State = "created", Sha512 = sha512 ?? Convert.ToHexStringLower(SHA512.HashData(content)) };
        SfBlobSaveOptions options = Cluster.Save with { Limits = new SfTransferLimits(1), CreateXxh128 = Xxh128.Create };
        SfBlobSaveResult transfer = await session.SaveBlobDataAsync(blob, _folder.Target, options, _log, Limit.Token);
        Assert.True((await File.ReadAllBytesAsync(_folder.Target, Limit.Token)).AsSpan().SequenceEqual(content), "The file is not the blob.");
        _folder.ContainsNoPartialFile();
        return transfer;
    }

    private static Action<int, int, byte[]> Once(int request, params int[] wrong) => (number, from, bytes) =>
    {
        foreach (int at in number == request ? wrong : [])
        {
            bytes[at - from] ^= 1;
        }
    };

    [Theory]
    [InlineData(4 * MiB, 3 * MiB, new[] { "offset=0&limit=4194304" })]
    [InlineData((8 * MiB) + 100, (5 * MiB) + 7, new[] { "offset=0&limit=4194304", "offset=4194304&limit=4194304", "offset=8384612&limit=4096" })]
    [InlineData((8 * MiB) + 100, (8 * MiB) + 99, new[] { "offset=0&limit=4194304", "offset=4194304&limit=4194304", "offset=8384612&limit=4096" })]
    public async Task The_blob_is_fetched_again_in_short_requests_and_differing_blocks_are_replaced(int size, int wrong, string[] again)
    {
        SfBlobSaveResult transfer = await SaveAsync(Download.Random(size), Once(0, wrong));
        Assert.Equal([$"offset=0&limit={size}", .. again], _asked);
        SfRepairedRange range = Assert.Single(transfer.RepairedRanges);
        Assert.Equal((wrong / MiB * (long)MiB, Math.Min(MiB, size - (wrong / MiB * MiB))), (range.Offset, range.Length));
        Assert.Contains("offset=0&", RequestOf(range.FirstRequestId), StringComparison.Ordinal);
        Assert.Contains(again[Math.Min(wrong / (4 * MiB), again.Length - 1)], RequestOf(range.RequestId), StringComparison.Ordinal);
        Assert.Equal(transfer.BytesReceived - size, transfer.BytesRepeated);
        Assert.Equal(2, _log.Warnings.Count());
    }

    [Fact]
    public async Task A_block_that_was_replaced_with_wrong_data_is_repaired_again()
    {
        SfBlobSaveResult transfer = await SaveAsync(Download.Random(3 * MiB), (number, _, bytes) => bytes[0] ^= (byte)(number < 2 ? number + 1 : 0));
        Assert.Equal(3, _asked.Count);
        Assert.Equal(2, transfer.RepairedRanges.Length);
        Assert.All(transfer.RepairedRanges, range => Assert.Equal((0, MiB), (range.Offset, range.Length)));
    }

    [Fact]
    public async Task Data_that_differs_in_each_download_is_an_error_and_the_next_run_starts_from_the_beginning()
    {
        byte[] content = Download.Random(3 * MiB);
        SfException e = await SfAssert.ThrowsAsync(SfErrors.HashMismatch, () => SaveAsync(content, (number, _, bytes) => bytes[2 * MiB] ^= (byte)(number + 1)));
        Assert.Equal(3, _asked.Count);
        Assert.Contains("differed in each download: bytes 2097152-3145727 (", e.Message, StringComparison.Ordinal);

        // A file that did not match the hash is not resumed.
        SfBlobSaveResult transfer = await SaveAsync(content, (_, _, _) => { });
        Assert.Equal((0, content.Length), (transfer.BytesResumed, transfer.BytesReceived));
        Assert.Empty(transfer.RepairedRanges);
    }

    [Fact]
    public async Task If_the_data_is_the_same_again_the_repair_ends()
    {
        SfException e = await SfAssert.ThrowsAsync(SfErrors.HashMismatch, () => SaveAsync(Download.Random(3 * MiB), (_, _, _) => { }, sha512: new string('a', 128)));
        Assert.Equal(2, _asked.Count);
        Assert.Contains("A second download returned the same data", e.Message, StringComparison.Ordinal);
        Assert.Single(_log.Warnings);
    }

    [Fact]
    public async Task If_the_file_is_damaged_only_its_damaged_blocks_are_fetched_again()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "On Windows, the lock prevents this.");
        byte[] content = Download.Random(9 * MiB);
        Assert.True(content[2 * MiB] > 0 && content[5 * MiB] > 0);

        // The first byte is wrong. Before that is detected, two other blocks change on the disk.
        _log.OnLine = line =>
        {
            if (line.Contains("to find the damaged ranges", StringComparison.Ordinal))
            {
                _log.OnLine = null;
                Damage(5 * MiB);
                Damage(2 * MiB);
            }
        };
        SfBlobSaveResult transfer = await SaveAsync(content, Once(0, 0));
        Assert.Equal(
            ["offset=0&limit=9437184", "offset=2097152&limit=1048576", "offset=5242880&limit=1048576", "offset=0&limit=4194304", "offset=4194304&limit=4194304", "offset=8388608&limit=1048576"],
            _asked);
        Assert.Equal([(2L * MiB, false), (5L * MiB, false), (0L, true)], transfer.RepairedRanges.Select(r => (r.Offset, r.FirstRequestId is not null)));
    }

    /// <summary>Sets a byte of the temporary file to zero. .NET cannot do this, because it honors the lock.</summary>
    private void Damage(int at)
    {
        using Process dd = Process.Start(new ProcessStartInfo("dd", ["if=/dev/zero", $"of={_folder.Target}{PartialDownload.Suffix}", "bs=1", $"seek={at}", "count=1", "conv=notrunc", "status=none"]))!;
        dd.WaitForExit();
        Assert.Equal(0, dd.ExitCode);
    }

    private string RequestOf(string? id) => Assert.Single(_log.Verboses, line => line.EndsWith($"request id {id}", StringComparison.Ordinal));
}
