using System.Security.Cryptography;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests the options of a download.</summary>
public sealed class DownloadOptionTests
{
    private const int Size = 10_000;

    private static Task<Download> StartAsync(bool publish = true) => Download.StartAsync(Size, ServerGeneration.C, publish);

    private static Task<Download> WithSha512AloneAsync() => Download.StartAsync(Size, ServerGeneration.B);

    [Fact]
    public async Task The_specified_algorithm_is_used()
    {
        await using Download download = await StartAsync();
        SfBlobSaveOptions options = new() { Algorithm = SfHashAlgorithm.SHA1, Verification = SfVerificationPolicy.Required };
        Assert.Equal((SfVerificationOutcome.Verified, "SHA1"), Verified(await download.SavesAsync(options)));
        Assert.Empty(download.Cluster.Log.Warnings);
    }

    [Fact]
    public async Task If_the_hash_is_not_published_another_one_is_used_with_a_warning()
    {
        await using Download download = await WithSha512AloneAsync();
        Assert.Equal((SfVerificationOutcome.Verified, "SHA512"), Verified(await download.SavesAsync(new SfBlobSaveOptions { Algorithm = SfHashAlgorithm.SHA1 })));
        Assert.Contains("a SHA1 hash of blob", Assert.Single(download.Cluster.Log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_no_checksum_is_published_there_is_no_output()
    {
        await using Download download = await StartAsync(publish: false);
        Assert.Equal((SfVerificationOutcome.NotPublished, null), Verified(await download.SavesAsync(new SfBlobSaveOptions { Algorithm = SfHashAlgorithm.SHA1 })));
        Assert.Empty(download.Cluster.Log.Warnings);
    }

    [Theory]
    [InlineData(null, false, "has not published a hash of")]
    [InlineData(SfHashAlgorithm.SHA1, false, "has not published a SHA1 hash of")]
    [InlineData(SfHashAlgorithm.SHA1, true, "has not published a SHA1 hash of")]
    public async Task If_verification_is_required_and_the_hash_is_not_published_the_transfer_fails(SfHashAlgorithm? algorithm, bool publish, string message)
    {
        await using Download download = await Download.StartAsync(Size, ServerGeneration.B, publish);
        SfException e = await download.FailsAsync(SfErrors.ChecksumNotPublished, new SfBlobSaveOptions { Algorithm = algorithm, Verification = SfVerificationPolicy.Required });
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Equal(0, download.Cluster.DataRequests);
    }

    [Fact]
    public async Task If_verification_is_required_and_no_algorithm_is_specified_any_is_accepted()
    {
        await using Download download = await WithSha512AloneAsync();
        Assert.Equal((SfVerificationOutcome.Verified, "SHA512"), Verified(await download.SavesAsync(new SfBlobSaveOptions { Verification = SfVerificationPolicy.Required })));
    }

    [Theory]
    [InlineData(Size, 0, null)]
    [InlineData(Size, 60, null)]
    [InlineData(Size, -1, "cannot be confirmed to be newer than blob")]
    [InlineData(Size - 1, 60, "has a length of 9.76 KiB, but blob")]
    public async Task An_existing_file_can_be_recognized_by_length_and_time(int length, int secondsLater, string? message)
    {
        await using Download download = await StartAsync();
        SfBlobSaveOptions options = new() { ExistingFileCheck = SfExistingFileCheck.SizeAndTime };
        (_, SfBlob record) = await download.PrepareAsync();
        download.Folder.Write("blob.raw", new byte[length]);
        File.SetLastWriteTime(download.Target, record.Modified!.Value.AddSeconds(secondsLater));
        if (message is null)
        {
            SfBlobSaveResult transfer = await download.RunAsync(options);
            Assert.Equal((SfBlobSaveStatus.Unchanged, SfVerificationOutcome.NotVerified, null), (transfer.Status, transfer.Verification, transfer.Hash));
            Assert.Equal(0, transfer.BytesRepeated);
            Assert.Contains(download.Cluster.Log.Verboses, line => line.Contains("was last written after the blob was modified", StringComparison.Ordinal));
        }
        else
        {
            Assert.Contains(message, (await SfAssert.ThrowsAsync(SfErrors.TargetExists, () => download.RunAsync(options))).Message, StringComparison.Ordinal);
            Assert.Equal((SfVerificationOutcome.Verified, PublishedHash.Preferred[0].ToString()), Verified(await download.SavesAsync(options with { Force = true })));
        }
    }

    [Fact]
    public async Task It_is_reported_whether_an_existing_file_is_already_the_blob()
    {
        await using Download download = await StartAsync();
        download.Folder.Write("blob.raw", download.Content);
        Assert.Equal(SfBlobSaveStatus.Unchanged, (await download.RunAsync()).Status);
        Assert.Contains(download.Cluster.Log.Verboses, line => line.Contains("already contains blob", StringComparison.Ordinal));
        download.Folder.Write("blob.raw", new byte[Size]);
        SfException e = await SfAssert.ThrowsAsync(SfErrors.TargetExists, () => download.RunAsync());
        Assert.Contains("with the length of blob", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_blob_that_another_transfer_just_saved_is_not_fetched_again(bool saved)
    {
        await using Download download = await StartAsync();
        (SfSession session, SfBlob record) = await download.PrepareAsync();
        record.Checksums.Clear();
        record.Checksums["xxh128"] = Convert.ToHexStringLower(Xxh128.Create().ComputeHash(download.Content));
        download.Folder.Write("blob.raw", new byte[Size]);
        List<WatchedHash> made = [];
        HashAlgorithm Create()
        {
            // The first hasher compares the existing file. When it is disposed, the other transfer completes.
            made.Add(new WatchedHash(saved && made.Count == 0 ? () => download.Folder.Write("blob.raw", download.Content) : null));
            return made[^1];
        }

        SfBlobSaveOptions options = new() { Force = true, Algorithm = SfHashAlgorithm.XXH128, CreateXxh128 = Create };
        SfBlobSaveResult transfer = await session.SaveBlobDataAsync(record, download.Target, options, download.Cluster.Log, Limit.Token);
        Assert.Equal(saved ? (SfBlobSaveStatus.Unchanged, 0) : (SfBlobSaveStatus.Saved, 1), (transfer.Status, download.Cluster.DataRequests));

        // One hasher for each comparison, or one for the comparison, one for blocks, one for the whole file, and one for each reader of the final check.
        Assert.InRange(made.Count, saved ? 2 : 4, saved ? 2 : 7);
        Assert.All(made, hash => Assert.True(hash.IsDisposed));
        download.Folder.ContainsNoPartialFile();
    }

    [Theory]
    [InlineData(1L << 45, "free")]
    [InlineData(1L << 47, "free")]
    [InlineData((1L << 47) + 1, "more than the maximum file size")]
    public async Task A_blob_that_does_not_fit_on_the_disk_is_rejected_before_a_file_is_created(long size, string message)
    {
        await using Download download = await StartAsync();
        download.Blob.Size = size;
        SfException e = await download.FailsAsync(SfErrors.DiskFull, new SfBlobSaveOptions { Sparse = SfSparsePolicy.Never });
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Null(e.InnerException);
        Assert.Equal(0, download.Cluster.DataRequests);
        download.Folder.ContainsNoPartialFile();
    }

    [Theory]
    [InlineData("initial", "still being created")]
    [InlineData("created", "no known size")]
    public async Task A_blob_that_is_not_ready_is_reported_with_the_reason(string state, string message)
    {
        await using Download download = await StartAsync();
        download.Blob.State = state;
        download.Blob.ExtraRaw["size"] = "null";
        SfException e = await download.FailsAsync(SfErrors.BlobNotReady);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Null(e.InnerException);
    }

    [Fact]
    public async Task An_expired_time_limit_is_reported_first_except_for_a_cancellation()
    {
        await using Download download = await StartAsync();
        download.Blob.State = "initial";
        using CancellationTokenSource over = new();
        await over.CancelAsync();
        SfBlobSaveOptions options = new() { TimeLimit = over.Token };
        await download.FailsAsync(SfErrors.TimeLimitReached, options);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => download.RunAsync(options, cancellationToken: over.Token));
        Assert.Equal(0, download.Cluster.DataRequests);
    }

    [Fact]
    public async Task A_valid_blob_causes_no_warning()
    {
        await using Download download = await StartAsync();
        await download.SavesAsync();
        Assert.Empty(download.Cluster.Log.Warnings);
    }

    private static (SfVerificationOutcome Outcome, string? Algorithm) Verified(SfBlobSaveResult transfer) => (transfer.Verification, transfer.Algorithm?.ToString());

    /// <summary>An XXH128 hasher that runs an action when it is disposed.</summary>
    private sealed class WatchedHash : HashAlgorithm
    {
        private readonly HashAlgorithm _inner = Xxh128.Create();
        private readonly Action? _disposed;

        public WatchedHash(Action? disposed)
        {
            HashSizeValue = _inner.HashSize;
            _disposed = disposed;
        }

        public bool IsDisposed { get; private set; }

        public override void Initialize() => _inner.Initialize();

        protected override void HashCore(byte[] array, int ibStart, int cbSize) => _inner.TransformBlock(array, ibStart, cbSize, null, 0);

        protected override byte[] HashFinal()
        {
            _inner.TransformFinalBlock([], 0, 0);
            return _inner.Hash!;
        }

        protected override void Dispose(bool disposing)
        {
            if (!IsDisposed)
            {
                IsDisposed = true;
                _inner.Dispose();
                _disposed?.Invoke();
            }

            base.Dispose(disposing);
        }
    }
}
