using System.Diagnostics;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Transfers that are interrupted, and what happens to the received data.</summary>
public sealed class InterruptionTests
{
    private const int Part = 64 * 1024;
    private const int Size = (20 * Part) - 1;

    private static readonly SfTransportOptions Parts = Cluster.Quick with { BlockBytes = Part, RequestBytes = 2 * Part };

    /// <summary>About ten blocks are complete, the rest has failed.</summary>
    private static async Task<Download> InterruptedAsync(ServerGeneration generation = ServerGeneration.C, bool publish = true)
    {
        Download download = await Download.StartAsync(Size, generation, publish);
        download.Options = Parts;
        download.With(new Fault { Kind = FaultKind.Status, Status = 403, Skip = generation == ServerGeneration.A ? 4 : 7, Times = int.MaxValue, When = r => generation != ServerGeneration.A || !r.Query.Contains("limit", StringComparison.Ordinal) });
        if (generation == ServerGeneration.A)
        {
            download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 5 * Part, Times = 4, When = r => !r.Query.Contains("limit", StringComparison.Ordinal) });
        }

        SfException e = await download.FailsAsync(SfErrors.AccessForbidden);
        SfBlobTransfer left = BlobTransferApi.Get(download.Target)!;
        Assert.InRange(left.BytesTransferred, Part, Size - Part);
        Assert.Contains($"{ErrorText.Bytes(left.BytesTransferred)} are kept in '{left.PartialPath}'", e.Message, StringComparison.Ordinal);
        download.Cluster.Faults.Clear();
        return download;
    }

    [Theory]
    [InlineData(ServerGeneration.A, true)]
    [InlineData(ServerGeneration.A, false)]
    [InlineData(ServerGeneration.B, true)]
    [InlineData(ServerGeneration.B, false)]
    [InlineData(ServerGeneration.C, true)]
    [InlineData(ServerGeneration.D, true)]
    [InlineData(ServerGeneration.C, false)]
    [InlineData(ServerGeneration.D, false)]
    public async Task The_same_command_fetches_what_is_missing(ServerGeneration generation, bool publish)
    {
        await using Download download = await InterruptedAsync(generation, publish);
        long done = BlobTransferApi.Get(download.Target)!.BytesTransferred;
        SfBlobSaveResult transfer = await download.SavesAsync();
        Assert.Equal(done, transfer.BytesResumed);

        // If a wrong offset cannot be detected, data after the first gap is fetched again.
        Assert.InRange(transfer.BytesReceived, Size - done, generation == ServerGeneration.A ? Size + 10 : Size - done);
    }

    [Fact]
    public async Task A_transfer_can_be_resumed_from_another_cluster()
    {
        await using Download download = await InterruptedAsync();
        await using Cluster other = await Cluster.StartAsync(ServerGeneration.B);
        EmulatedBlob copy = EmulatedBlob.FromBytes(download.Content, download.Blob.Uuid);
        other.State.AddBlob(copy);
        SfSession session = await other.ConnectAsync(Parts);
        SfBlob record = await session.GetBlobAsync(copy.Uuid, other.Log, Limit.Token);
        SfBlobSaveResult transfer = await session.SaveBlobDataAsync(record, download.Target, Cluster.Save with { CreateXxh128 = Xxh128.Create }, other.Log, Limit.Token);
        Assert.True(transfer.BytesResumed > 0 && transfer.BytesReceived == Size - transfer.BytesResumed);
        Assert.Equal(download.Content, await File.ReadAllBytesAsync(download.Target, Limit.Token));
    }

    [Theory]
    [InlineData("altered")]
    [InlineData("shortened")]
    [InlineData("lengthened")]
    [InlineData("zeroed")]
    public async Task Changed_blocks_are_fetched_again(string how)
    {
        await using Download download = await InterruptedAsync(publish: false);
        string path = download.Target + PartialDownload.Suffix;
        byte[] bytes = await File.ReadAllBytesAsync(path, Limit.Token);
        byte[] changed = how switch
        {
            "shortened" => bytes[..(Part + 7)],
            "lengthened" => [.. bytes, .. new byte[Size]],
            "zeroed" => new byte[bytes.Length],
            _ => [.. bytes],
        };
        changed[5] ^= (byte)(how == "altered" ? 1 : 0);
        await File.WriteAllBytesAsync(path, changed, Limit.Token);
        SfBlobSaveResult transfer = await download.SavesAsync();
        Assert.True(how == "lengthened" ? transfer.BytesResumed > 0 : transfer.BytesReceived > Size - transfer.BytesResumed - Part);
    }

    [Theory]
    [InlineData("cut", 0)]
    [InlineData("garbage", 1)]
    [InlineData("edited", 1)]
    [InlineData("gone", 0)]
    [InlineData("empty", 1)]
    public async Task An_unusable_journal_is_reported_and_the_transfer_starts_from_the_beginning(string how, int warnings)
    {
        await using Download download = await InterruptedAsync();
        string path = download.Target + TransferJournal.Suffix;
        string text = await File.ReadAllTextAsync(path, Limit.Token);
        if (how == "gone")
        {
            File.Delete(path);
        }
        else
        {
            await File.WriteAllTextAsync(path, how switch { "cut" => text[..^30], "garbage" => "what", "empty" => string.Empty, _ => text.Replace($"\"size\":{Size}", $"\"size\":{Size + 1}", StringComparison.Ordinal) }, Limit.Token);
        }

        SfBlobSaveResult transfer = await download.SavesAsync();
        Assert.Equal(how == "cut", transfer.BytesResumed > 0);
        Assert.Equal(warnings, download.Cluster.Log.Warnings.Count(w => w.Contains("Restarting the transfer", StringComparison.Ordinal) && w.Contains(path, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("of another blob")]
    [InlineData("newer")]
    public async Task A_transfer_that_others_can_resume_is_kept_unless_Force_is_specified(string what)
    {
        await using Download download = await InterruptedAsync();
        string path = download.Target + TransferJournal.Suffix;
        if (what == "newer")
        {
            await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, Limit.Token)).Replace("\"version\":1", "\"version\":7", StringComparison.Ordinal), Limit.Token);
        }
        else
        {
            using TransferJournal journal = TransferJournal.Create(
                download.Target, new JournalHeader { Blob = Guid.NewGuid(), Size = Size, BlockBytes = Part, BlockHash = "XXH128" }, new BlockTable(Size, Part));
            journal.Add(1, 1, provisional: false);
        }

        byte[] before = await File.ReadAllBytesAsync(path, Limit.Token);
        await SfAssert.ThrowsAsync(SfErrors.TransferConflict, () => download.RunAsync());
        Assert.Equal(before, await File.ReadAllBytesAsync(path, Limit.Token));
        Assert.Equal(what == "newer" ? SfBlobTransferState.NewerVersion : SfBlobTransferState.Resumable, BlobTransferApi.Get(download.Target)!.State);
        Assert.Equal(0, (await download.SavesAsync(new SfBlobSaveOptions { Force = true })).BytesResumed);
    }

    [Fact]
    public async Task A_blob_that_changed_is_saved_from_the_beginning()
    {
        await using Download download = await InterruptedAsync();
        byte[] other = Download.Random(Size + 1);
        download.Blob.Content = new MemoryContent(other);
        download.Blob.Size = other.Length;
        download.Blob.Sha512 = download.Blob.Sha256 = download.Blob.Sha1 = null;
        await download.RunAsync();
        Assert.Equal(other, await File.ReadAllBytesAsync(download.Target, Limit.Token));
        Assert.Contains(download.Cluster.Log.Warnings, w => w.Contains("has changed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Blocks_recorded_with_another_hash_algorithm_are_fetched_again()
    {
        await using Download download = await InterruptedAsync();
        (SfSession session, SfBlob record) = await download.PrepareAsync();
        SfBlobSaveResult transfer = await session.SaveBlobDataAsync(record, download.Target, Cluster.Save, download.Cluster.Log, Limit.Token);
        Assert.Equal(0, transfer.BytesResumed);
        Assert.Contains(download.Cluster.Log.Warnings, w => w.Contains("XXH128", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_deadline_ends_it_with_an_error_and_received_data_is_kept()
    {
        await using Download download = await Download.StartAsync(Size, change: o => o with { BytesPerSecond = 2 * Part });
        download.Options = Parts;
        using CancellationTokenSource deadline = new();
        Task<SfBlobSaveResult> transfer = download.RunAsync(new SfBlobSaveOptions { TimeLimit = deadline.Token });
        while (BlobTransferApi.Get(download.Target) is not { BytesTransferred: > 0 })
        {
            await Task.Delay(20, Limit.Token);
        }

        await deadline.CancelAsync();
        SfException e = await SfAssert.ThrowsAsync(SfErrors.TimeLimitReached, () => transfer);
        Assert.Contains("are kept", e.Message, StringComparison.Ordinal);
        Assert.True(BlobTransferApi.Get(download.Target)!.BytesTransferred > 0);
        Assert.True((await download.SavesAsync()).BytesResumed > 0);
    }

    [Fact]
    public async Task The_files_of_an_interrupted_transfer_are_deleted_if_the_target_is_complete()
    {
        await using Download download = await InterruptedAsync();
        download.Folder.Write("blob.raw", download.Content);
        Assert.Equal(SfBlobSaveStatus.Unchanged, (await download.RunAsync()).Status);
        download.Folder.ContainsNoPartialFile();
    }

    [Fact]
    public async Task Without_a_hash_and_without_limit_the_response_is_read_to_the_end_to_detect_a_wrong_offset()
    {
        for (int at = 0; at < 6; at++)
        {
            await using Download download = await Download.StartAsync(Size, ServerGeneration.A, publish: false);
            download.Options = Parts;
            download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 3 * Part, Times = 3 }).With(new Fault { Kind = FaultKind.IgnoreRange, Skip = at });
            await download.SavesAsync();
        }
    }

    [Theory]
    [InlineData(SfSparsePolicy.Always, "raw", true)]
    [InlineData(SfSparsePolicy.Auto, "raw", true)]
    [InlineData(SfSparsePolicy.Auto, "qcow2", false)]
    [InlineData(SfSparsePolicy.Never, "raw", false)]
    public async Task Zeros_become_holes_of_a_sparse_file_and_its_content_is_correct(SfSparsePolicy policy, string format, bool sparse)
    {
        byte[] content = new byte[4 << 20];
        Download.Random(100_000).CopyTo(content, 1_000_000);
        content[^1] = 1;
        await using Download download = await Download.StartAsync(content);
        download.Blob.Info["file format"] = format;
        download.Options = Parts;

        // Wrong bytes in a place for zeros, which must be overwritten.
        download.With(new Fault { Kind = FaultKind.WrongOffset, AfterBytes = 900_000 });
        await download.SavesAsync(new SfBlobSaveOptions { Sparse = policy });
        if (OperatingSystem.IsLinux())
        {
            long onDisk = BytesOnDisk(download.Target);
            Assert.Equal(sparse, onDisk < 1_500_000);
        }
    }

    [Fact]
    public async Task Zeros_overwrite_the_data_of_an_abandoned_range()
    {
        byte[] content = new byte[Size];
        Download.Random(Size / 3).CopyTo(content, 0);
        await using Download download = await Download.StartAsync(content, publish: false);
        download.Options = Parts with { RequestBytes = Part };
        download.With(new Fault { Kind = FaultKind.IgnoreRange, When = r => r.Query.StartsWith($"offset={10 * Part}&", StringComparison.Ordinal), Times = 2 });
        await download.SavesAsync(new SfBlobSaveOptions { Sparse = SfSparsePolicy.Always });
    }

    private static long BytesOnDisk(string path)
    {
        using Process stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%b", path]) { RedirectStandardOutput = true })!;
        return 512 * long.Parse(stat.StandardOutput.ReadToEnd(), System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Interrupted_transfers_are_listed_and_removed_and_active_ones_are_kept()
    {
        await using Download download = await InterruptedAsync();
        download.Folder.Write("stray.sfpart", [1]);
        SfBlobTransfer[] found = [.. BlobTransferApi.Find(download.Folder.Path, recurse: true)];
        Assert.Equal([SfBlobTransferState.Resumable, SfBlobTransferState.Damaged], found.Select(f => f.State));
        Assert.Equal((download.Blob.Uuid, (long)Size, download.Target), (found[0].BlobUuid, found[0].Size, found[0].Path));
        Assert.Equal((DateTimeKind.Local, DateTimeKind.Local), (found[0].StartedAt!.Value.Kind, found[0].LastWriteTime.Kind));
        Assert.InRange(found[0].LastWriteTime, DateTime.Now.AddMinutes(-10), DateTime.Now);
        foreach (SfBlobTransfer transfer in found)
        {
            BlobTransferApi.Remove(transfer);
        }

        Assert.Empty(Directory.GetFiles(download.Folder.Path));
        SfAssert.Throws(SfErrors.DirectoryNotFound, () => BlobTransferApi.Find(download.Folder.At("none"), recurse: false));
        Assert.Null(BlobTransferApi.Get(download.Target));
    }
}
