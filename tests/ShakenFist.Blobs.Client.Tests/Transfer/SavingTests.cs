using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class SavingTests
{
    private const int RequestSize = 4096;

    public static TheoryData<ServerGeneration> Generations => [.. Enum.GetValues<ServerGeneration>()];

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task A_blob_is_saved_and_verified(ServerGeneration generation)
    {
        await using Download download = await Download.StartAsync(300_000, generation);
        SfBlobSaveResult transfer = await download.SavesAsync();
        PublishedHash hash = PublishedHash.Of(download.Record!)!;
        Assert.Equal((SfVerificationOutcome.Verified, (SfHashAlgorithm?)hash.Algorithm, hash.Hex), (transfer.Verification, transfer.Algorithm, transfer.Hash));
        Assert.Equal(generation >= ServerGeneration.C ? PublishedHash.Preferred[0] : SfHashAlgorithm.SHA512, hash.Algorithm);
        Assert.Equal((300_000, 1, 0), (transfer.BytesReceived, transfer.RequestCount, transfer.ResumeCount));
        Assert.Empty(transfer.FailedRequestIds);
        Assert.True(transfer.Duration > TimeSpan.Zero && transfer.BytesPerSecond > 0);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(RequestSize - 1, 1)]
    [InlineData(RequestSize, 1)]
    [InlineData(RequestSize + 1, 2)]
    [InlineData(3 * RequestSize - 1, 3)]
    [InlineData(3 * RequestSize, 3)]
    [InlineData(3 * RequestSize + 1, 4)]
    public async Task Requests_cover_the_blob_exactly(int size, int requests)
    {
        foreach (ServerGeneration generation in new[] { ServerGeneration.B, ServerGeneration.C, ServerGeneration.D })
        {
            await using Download download = await Download.StartAsync(size, generation);
            download.Options = Cluster.Quick with { RequestBytes = RequestSize };
            SfBlobSaveResult transfer = await download.SavesAsync();
            Assert.Equal((requests, (long)size), (transfer.RequestCount, transfer.BytesReceived));
        }
    }

    [Fact]
    public async Task Requests_to_a_server_without_limit_contain_only_the_offset()
    {
        await using Download download = await Download.StartAsync(100_000, ServerGeneration.A);
        await download.SavesAsync();
        Assert.Equal("offset=0", Assert.Single(download.Cluster.Emulator.Requests, r => r.Path.EndsWith("/data", StringComparison.Ordinal)).Query);
    }

    [Fact]
    public async Task An_existing_file_that_matches_the_blob_is_kept_and_no_data_is_requested()
    {
        await using Download download = await Download.StartAsync(10_000);
        download.Folder.Write("blob.raw", download.Content);
        DateTime before = File.GetLastWriteTimeUtc(download.Target);
        SfBlobSaveResult transfer = await download.RunAsync(new SfBlobSaveOptions { Force = true });
        Assert.Equal((SfBlobSaveStatus.Unchanged, SfVerificationOutcome.Verified, 0), (transfer.Status, transfer.Verification, transfer.RequestCount));
        Assert.Equal(before, File.GetLastWriteTimeUtc(download.Target));
        Assert.Equal(0, download.Cluster.DataRequests);
    }

    [Theory]
    [InlineData(10_000, true, "different content")]
    [InlineData(9_999, true, "has a length of 9.76 KiB, but blob")]
    [InlineData(0, true, "has a length of 0 B, but blob")]
    [InlineData(10_000, false, "no hash is available")]
    public async Task A_different_existing_file_is_an_error_without_Force_and_is_replaced_with_it(int length, bool publish, string message)
    {
        await using Download download = await Download.StartAsync(10_000, publish: publish);
        byte[] old = new byte[length];
        download.Folder.Write("blob.raw", old);
        SfException e = await SfAssert.ThrowsAsync(SfErrors.TargetExists, () => download.RunAsync());
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Equal(old, await File.ReadAllBytesAsync(download.Target, Limit.Token));
        Assert.Equal(0, download.Cluster.DataRequests);
        await download.SavesAsync(new SfBlobSaveOptions { Force = true });
    }

    [Fact]
    public async Task A_blob_without_a_published_hash_is_saved_as_not_verified()
    {
        await using Download download = await Download.StartAsync(10_000, publish: false);
        SfBlobSaveResult transfer = await download.SavesAsync();
        Assert.Equal((SfVerificationOutcome.NotPublished, null, null), (transfer.Verification, transfer.Algorithm, transfer.Hash));
    }

    [Fact]
    public async Task If_verification_is_required_nothing_is_fetched_without_a_published_hash()
    {
        await using Download download = await Download.StartAsync(10_000, publish: false);
        await download.FailsAsync(SfErrors.ChecksumNotPublished, new SfBlobSaveOptions { Verification = SfVerificationPolicy.Required });
        Assert.Equal(0, download.Cluster.DataRequests);
    }

    [Fact]
    public async Task Without_verification_only_the_length_is_checked()
    {
        await using Download download = await Download.StartAsync(10_000);
        download.Blob.Sha512 = new string('0', 128);
        SfBlobSaveResult transfer = await download.SavesAsync(new SfBlobSaveOptions { Verification = SfVerificationPolicy.None });
        Assert.Equal(SfVerificationOutcome.NotVerified, transfer.Verification);
    }

    [Fact]
    public async Task A_hash_in_upper_case_is_accepted()
    {
        await using Download download = await Download.StartAsync(10_000, ServerGeneration.B);
        download.Blob.Sha512 = download.Sha512.ToUpperInvariant();
        Assert.Equal(download.Sha512, (await download.SavesAsync()).Hash);
    }

    [Theory]
    [InlineData("sha256", "SHA256")]
    [InlineData("sha1", "SHA1")]
    public async Task The_strongest_hash_that_is_published_is_used(string published, string used)
    {
        await using Download download = await Download.StartAsync(10_000);
        download.Blob.Sha512 = "not a hash";
        download.Blob.Sha256 = published == "sha256" ? Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(download.Content)) : new string('x', 64);
        Assert.Equal(used, (await download.SavesAsync()).Algorithm.ToString());
    }

    [Fact]
    public async Task A_published_hash_that_cannot_be_read_verifies_nothing()
    {
        await using Download download = await Download.StartAsync(10_000, ServerGeneration.B);
        download.Blob.Sha512 = "abc";
        Assert.Equal(SfVerificationOutcome.NotVerified, (await download.SavesAsync()).Verification);
        await SfAssert.ThrowsAsync(SfErrors.ChecksumNotPublished, () =>
            download.RunAsync(new SfBlobSaveOptions { Verification = SfVerificationPolicy.Required }, download.Folder.At("other")));
    }

    [Theory]
    [InlineData(9223372036854775807L)]
    [InlineData((1L << 47) + 1)]
    public async Task A_blob_larger_than_the_maximum_file_size_is_rejected_before_a_file_is_created(long size)
    {
        await using Download download = await Download.StartAsync(100);
        download.Blob.Size = size;
        await download.FailsAsync(SfErrors.DiskFull, new SfBlobSaveOptions { Sparse = SfSparsePolicy.Always });
        Assert.Equal(0, download.Cluster.DataRequests);
        download.Folder.ContainsNoPartialFile();
    }

    [Fact]
    public async Task An_empty_blob_is_reported_as_such()
    {
        await using Download download = await Download.StartAsync(100);
        download.Blob.Size = 0;
        SfException e = await download.FailsAsync(SfErrors.BlobNotReady);
        Assert.Equal($"The cluster reports a size of 0 bytes for blob {download.Blob.Uuid}, so there is no data to save.", e.Message);
    }

    [Theory]
    [InlineData("initial", "100")]
    [InlineData("created", "0")]
    [InlineData("created", "null")]
    [InlineData("created", "NaN")]
    [InlineData("created", "-1")]
    public async Task A_blob_without_data_is_not_ready(string state, string size)
    {
        await using Download download = await Download.StartAsync(100);
        download.Blob.State = state;
        download.Blob.ExtraRaw["size"] = size;
        await download.FailsAsync(SfErrors.BlobNotReady);
        Assert.Equal(0, download.Cluster.DataRequests);
    }

    [Theory]
    [InlineData("error")]
    [InlineData("deleted")]
    public async Task A_blob_in_a_bad_state_is_saved_with_a_warning(string state)
    {
        await using Download download = await Download.StartAsync(100, ServerGeneration.B);
        download.Blob.State = state;
        await download.SavesAsync();
        Assert.Contains(state, Assert.Single(download.Cluster.Log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_transfer_without_a_complete_block_leaves_no_files()
    {
        await using Download download = await Download.StartAsync(300_000);
        download.With(new Fault { Kind = FaultKind.Stall, AfterBytes = 200_000 });
        using CancellationTokenSource stop = new();
        Task<SfBlobSaveResult> transfer = download.RunAsync(cancellationToken: stop.Token);
        await download.Cluster.Log.SeesAsync("/data?offset=0&limit=300000 200");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => transfer);
        Assert.False(File.Exists(download.Target));
        download.Folder.ContainsNoPartialFile();
    }

    [Fact]
    public async Task Ten_blobs_with_one_on_a_dead_node_are_nine_files_and_one_error()
    {
        await using Download download = await Download.StartAsync(5_000, ServerGeneration.B);
        download.Cluster.State.SetNode("sf-3", NodeCondition.Down);
        SfSession session = await download.Cluster.ConnectAsync(resilient: true);
        List<string> failed = [];
        for (int i = 0; i < 10; i++)
        {
            EmulatedBlob blob = EmulatedBlob.FromBytes(Download.Random(1000 + i));
            blob.Locations = i == 4 ? ["sf-3"] : null;
            download.Cluster.State.AddBlob(blob);
            SfBlob record = await session.GetBlobAsync(blob.Uuid, download.Cluster.Log, Limit.Token);
            try
            {
                await session.SaveBlobDataAsync(record, download.Folder.At($"{i}"), Cluster.Save, download.Cluster.Log, Limit.Token);
            }
            catch (SfException e)
            {
                failed.Add($"{i} {e.Error.Id}");
            }
        }

        Assert.Equal("4 TransferInterrupted", Assert.Single(failed));
        Assert.Equal(9, Directory.GetFiles(download.Folder.Path).Length);
    }
}
