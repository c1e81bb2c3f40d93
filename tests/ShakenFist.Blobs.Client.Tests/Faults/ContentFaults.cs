using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Data and records of the cluster that do not match.</summary>
public sealed class ContentFaults
{
    private const int Size = FaultRun.Size;

    private static readonly Dictionary<string, DataFault> Rows = new()
    {
        ["one bit is another, once"] = new() { Emulated = [new() { Kind = FaultKind.FlipBit, AfterBytes = 70_000 }], Repeated = (Size, Size) },
        ["one bit is another, always"] = new() { Emulated = [new() { Kind = FaultKind.FlipBit, AfterBytes = 70_000, Times = DataFault.Always }], Error = SfErrors.HashMismatch },
        ["zeros from a place on, once"] = new() { Emulated = [new() { Kind = FaultKind.Zeros, AfterBytes = 70_000, When = r => r.Query.StartsWith("offset=0", StringComparison.Ordinal) }], Repeated = (Size, Size) },
        ["zeros from a place on, always"] = new() { Emulated = [new() { Kind = FaultKind.Zeros, AfterBytes = 70_000, Times = DataFault.Always }], Error = SfErrors.HashMismatch },
        ["the published hash is wrong"] = new() { On = [ServerGeneration.A, ServerGeneration.B], Change = (_, blob) => blob.Sha512 = new string('a', 128), Mend = Republish, Error = SfErrors.HashMismatch },
        ["no hash is published"] = new() { Change = (_, blob) => blob.PublishChecksums = false, Verification = SfVerificationOutcome.NotPublished, Repeated = (0, 2) },
        ["the hash is in capitals"] = new() { Change = (_, blob) => blob.Sha512 = Sha512(blob).ToUpperInvariant() },
        ["the hash is of no form"] = new() { Change = (_, blob) => blob.Sha512 = blob.Sha256 = blob.Sha1 = blob.Xxh128 = "none", Verification = SfVerificationOutcome.NotVerified, Repeated = (0, 2) },
        ["the hash is of another algorithm"] = new() { On = [ServerGeneration.C, ServerGeneration.D], Change = (_, blob) => blob.Sha512 = blob.Sha256 = null },
        ["size 0"] = new() { Change = (_, blob) => blob.Size = 0, Mend = (_, blob) => blob.Size = Size, Error = SfErrors.BlobNotReady },
        ["size null"] = new() { Change = (_, blob) => blob.ExtraRaw["size"] = "null", Mend = (_, blob) => blob.ExtraRaw.Clear(), Error = SfErrors.BlobNotReady },
        ["state initial"] = new() { Change = (_, blob) => blob.State = "initial", Mend = (_, blob) => blob.State = "created", Error = SfErrors.BlobNotReady },
        ["state error"] = new() { Change = (_, blob) => blob.State = "error" },
        ["state deleted"] = new() { Change = (_, blob) => blob.State = "deleted" },
        ["deleted in the middle"] = new()
        {
            On = [ServerGeneration.B, ServerGeneration.C, ServerGeneration.D],
            Change = (cluster, blob) => When(cluster, 2, () => cluster.State.RemoveBlob(blob.Uuid)),
            Mend = (cluster, blob) => cluster.State.AddBlob(blob),
            Error = SfErrors.BlobDataMissing,
        },
        ["the size grows after the record was read"] = new()
        {
            Change = (cluster, blob) => When(cluster, 1, () => blob.Content = new MemoryContent(Download.Random(Size + 10))),
            Mend = (_, blob) => blob.Content = new MemoryContent(Download.Random(Size)),
            On = [ServerGeneration.B, ServerGeneration.C, ServerGeneration.D],
            Error = SfErrors.HashMismatch,
        },
        ["the size shrinks after the record was read"] = new()
        {
            Change = (cluster, blob) => When(cluster, 1, () => blob.Content = new MemoryContent(Download.Random(Size).AsMemory(0, 1000))),
            Mend = (_, blob) => blob.Content = new MemoryContent(Download.Random(Size)),
            Error = SfErrors.DataLengthMismatch,
        },
        ["more bytes than the size, once"] = new() { Emulated = [new() { Kind = FaultKind.ExtraBytes, AfterBytes = 5 }], Repeated = (0, Size + 128) },
        ["more bytes than the size, always"] = new() { Emulated = [new() { Kind = FaultKind.ExtraBytes, AfterBytes = 5, Times = DataFault.Always }], Error = SfErrors.DataLengthMismatch, RepeatedByResume = (0, 0) },
        ["a byte less than whole parts"] = new() { Size = (4 * FaultRun.Part) - 1 },
        ["whole parts exactly"] = new() { Size = 4 * FaultRun.Part },
        ["a byte more than whole parts"] = new() { Size = (4 * FaultRun.Part) + 1, Repeated = (64, 64) },
        ["a single byte"] = new() { Size = 1 },
    };

    public static TheoryData<string, ServerGeneration?> Cases => FaultRun.Cases(Rows);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task After_any_fault_of_the_content_the_file_is_correct_or_the_error_is_reported(string row, ServerGeneration? generation) => FaultRun.CheckAsync(Rows[row], generation);

    [Theory]
    [InlineData(ServerGeneration.B)]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task A_range_beyond_4_GiB_or_in_a_blob_of_8_TiB_is_correct(ServerGeneration generation)
    {
        const long Size8TiB = 8L << 40;
        await using Cluster cluster = await Cluster.StartAsync(generation);
        EmulatedBlob blob = EmulatedBlob.Generated(Size8TiB, seed: 8, publishChecksums: false);
        cluster.State.AddBlob(blob);
        SfSession session = await cluster.ConnectAsync(resilient: true);
        SfBlob record = await session.GetBlobAsync(blob.Uuid, cluster.Log, Limit.Token);
        foreach (long offset in new[] { (4L << 30) - 1000, 4L << 30, Size8TiB - 2000 })
        {
            byte[] expected = new byte[2000];
            blob.Content!.Read(offset, expected);
            Assert.Equal(expected, await BlobRange.ReadAsync(session, record, offset, expected.Length, Cluster.RetryTimeout, cluster.Log, Limit.Token));
        }
    }

    [Fact]
    public async Task A_blob_that_does_not_fit_on_the_disk_is_reported_before_a_data_request()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedBlob blob = EmulatedBlob.Generated(1L << 50, seed: 8, publishChecksums: false);
        cluster.State.AddBlob(blob);
        SfSession session = await cluster.ConnectAsync(resilient: true);
        SfBlob record = await session.GetBlobAsync(blob.Uuid, cluster.Log, Limit.Token);
        using TempFolder folder = new();
        await SfAssert.ThrowsAsync(SfErrors.DiskFull, () => session.SaveBlobDataAsync(record, folder.Target, new SfBlobSaveOptions { Sparse = SfSparsePolicy.Never }, cluster.Log, Limit.Token));
        Assert.Equal(0, cluster.DataRequests);
        folder.ContainsNoPartialFile();
    }

    /// <summary>Runs an action after a number of data requests.</summary>
    private static void When(Cluster cluster, int request, Action change)
    {
        int asked = 0;
        cluster.Faults.Add(new Fault
        {
            Path = "/blobs/*/data",
            When = _ =>
            {
                if (++asked == request)
                {
                    change();
                }

                return false;
            },
        });
    }

    private static void Republish(Cluster cluster, EmulatedBlob blob) => blob.Sha512 = Sha512(blob);

    private static string Sha512(EmulatedBlob blob)
    {
        byte[] content = new byte[blob.Content!.Length];
        blob.Content.Read(0, content);
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA512.HashData(content));
    }
}
