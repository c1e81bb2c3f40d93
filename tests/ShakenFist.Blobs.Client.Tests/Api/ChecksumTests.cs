using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class ChecksumTests
{
    private static readonly byte[] Content = Download.Random(1_000);

    private static async Task<(SfSession Session, EmulatedBlob Blob)> StartAsync(Cluster cluster) =>
        (await cluster.ConnectAsync(), cluster.State.AddBlob(EmulatedBlob.FromBytes(Content)));

    private static string? Sum(EmulatedBlob blob, SfHashAlgorithm algorithm) => algorithm switch
    {
        SfHashAlgorithm.SHA512 => blob.Sha512,
        SfHashAlgorithm.SHA256 => blob.Sha256,
        SfHashAlgorithm.SHA1 => blob.Sha1,
        _ => blob.Xxh128,
    };

    public static TheoryData<ServerGeneration, SfHashAlgorithm, bool> Searches
    {
        get
        {
            TheoryData<ServerGeneration, SfHashAlgorithm, bool> rows = [];
            foreach (SfHashAlgorithm algorithm in Enum.GetValues<SfHashAlgorithm>())
            {
                // Generation B compares every value with the SHA-512 checksums.
                rows.Add(ServerGeneration.B, algorithm, algorithm == SfHashAlgorithm.SHA512);
                rows.Add(ServerGeneration.C, algorithm, true);
                rows.Add(ServerGeneration.D, algorithm, true);
            }

            rows.Add(ServerGeneration.A, SfHashAlgorithm.SHA512, true);
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Searches))]
    public async Task A_hash_in_upper_or_lower_case_finds_the_blob_if_the_server_supports_the_algorithm(ServerGeneration generation, SfHashAlgorithm algorithm, bool finds)
    {
        await using Cluster cluster = await Cluster.StartAsync(generation);
        (SfSession session, EmulatedBlob blob) = await StartAsync(cluster);
        string hash = Sum(blob, algorithm)!;
        SfBlob? found = await session.FindBlobByHashAsync(algorithm, hash.ToUpperInvariant(), cluster.Log, Limit.Token);
        Assert.Equal(finds ? blob.Uuid : null, found?.Uuid);
        Assert.EndsWith($"/blob_checksums/{algorithm.ServerName()}/{hash}", cluster.Emulator.Requests[^1].Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.B)]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task A_hash_that_no_blob_has_returns_null(ServerGeneration generation)
    {
        await using Cluster cluster = await Cluster.StartAsync(generation);
        (SfSession session, _) = await StartAsync(cluster);
        Assert.Null(await session.FindBlobByHashAsync(SfHashAlgorithm.SHA512, new string('0', 128), cluster.Log, Limit.Token));
    }

    [Fact]
    public async Task An_algorithm_that_the_release_does_not_support_is_reported()
    {
        await using Cluster cluster = await Cluster.StartAsync(ServerGeneration.A);
        (SfSession session, _) = await StartAsync(cluster);
        SfException e = await SfAssert.ThrowsAsync(SfErrors.ResourceNotFound, () => session.FindBlobByHashAsync(SfHashAlgorithm.SHA1, new string('0', 40), cluster.Log, Limit.Token));
        Assert.Equal(404, e.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../../auth")]
    [InlineData("a?b")]
    [InlineData("1111111111111111111111111111111111111111 ")]
    [InlineData("١١١١١١١١١١١١١١١١١١١١١١١١١١١١١١١١١١١١١١١١")]
    public async Task Text_that_is_not_a_hash_is_not_sent(string text)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (SfSession session, _) = await StartAsync(cluster);
        int before = cluster.Emulator.Requests.Count;
        await SfAssert.ThrowsAsync(SfErrors.HashInvalid, () => session.FindBlobByHashAsync(SfHashAlgorithm.SHA1, text, cluster.Log, Limit.Token));
        Assert.Equal(before, cluster.Emulator.Requests.Count);
    }

    [Fact]
    public async Task A_single_checksum_is_returned_as_text_or_null_if_it_is_not_available()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (SfSession session, EmulatedBlob blob) = await StartAsync(cluster);
        blob.Sha256 = null;
        Assert.Equal(blob.Xxh128, await session.GetBlobChecksumAsync(blob.Uuid, SfHashAlgorithm.XXH128, cluster.Log, Limit.Token));
        Assert.Null(await session.GetBlobChecksumAsync(blob.Uuid, SfHashAlgorithm.SHA256, cluster.Log, Limit.Token));
        Guid unknown = Guid.NewGuid();
        SfException e = await SfAssert.ThrowsAsync(SfErrors.BlobNotFound, () => session.GetBlobChecksumAsync(unknown, SfHashAlgorithm.SHA1, cluster.Log, Limit.Token));
        Assert.Contains(unknown.ToString("D"), e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("7")]
    [InlineData("true")]
    [InlineData("\"abc")]
    public async Task A_checksum_that_is_not_text_and_a_blob_that_is_not_an_object_are_rejected(string body)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (SfSession session, EmulatedBlob blob) = await StartAsync(cluster);
        cluster.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 200, Body = body, ContentType = "application/json", Times = int.MaxValue });
        await SfAssert.ThrowsAsync(SfErrors.InvalidResponse, () => session.GetBlobChecksumAsync(blob.Uuid, SfHashAlgorithm.SHA1, cluster.Log, Limit.Token));
        await SfAssert.ThrowsAsync(SfErrors.InvalidResponse, () => session.FindBlobByHashAsync(SfHashAlgorithm.SHA1, new string('0', 40), cluster.Log, Limit.Token));
        await SfAssert.ThrowsAsync(SfErrors.InvalidResponse, () => session.GetBlobAsync(blob.Uuid, cluster.Log, Limit.Token));
    }

    [Fact]
    public async Task The_error_for_a_missing_capability_lists_the_available_ones()
    {
        await using Cluster cluster = await Cluster.StartAsync(ServerGeneration.A);
        SfCapabilities offered = (await cluster.ConnectAsync()).Capabilities;
        offered.Require("blob-metadata", "This");
        SfException e = SfAssert.Throws(SfErrors.CapabilityMissing, () => offered.Require("blob-events", "Reading events"));
        Assert.Equal("Reading events requires the capability blob-events, which the cluster does not announce. Its capabilities for blobs: blob-metadata, blob-search-by-hash.", e.Message);
        Assert.EndsWith("for blobs: none.", SfAssert.Throws(SfErrors.CapabilityMissing, () => SfCapabilities.None.Require("x", "This")).Message, StringComparison.Ordinal);
        SfCapabilities hostile = SfCapabilities.Parse("<li>blobs: \u001b[31mred, " + new string('x', 500) + "</li>");
        Assert.InRange(SfAssert.Throws(SfErrors.CapabilityMissing, () => hostile.Require("x", "This")).Message.Length, 1, 250);
    }
}
