using System.Diagnostics;
using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

public sealed class GetSfBlobChecksumTests
{
    private const string Command = ",ShakenFist.Blobs.Commands.GetSfBlobChecksumCommand";

    [Fact]
    public async Task Each_published_checksum_is_output_as_a_record()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedBlob raw = cluster.Emulator.State.Blob(DemoCluster.RawDisk)!;
        EngineResult result = cluster.Run("Get-SfBlobChecksum $raw").Good;
        Assert.Equal(["SHA512", "SHA256", "SHA1", "XXH128"], result.Output.Select(o => o.Text("Algorithm")));
        Assert.Equal([raw.Sha512!, raw.Sha256!, raw.Sha1!, raw.Xxh128!], result.Each<string>("Hash"));
        Assert.All(result.Output, o => Assert.Equal(DemoCluster.RawDisk, o.Get<Guid>("BlobUuid")));
        Assert.Single(cluster.Emulator.Requests);
    }

    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.B)]
    public async Task Older_clusters_publish_one_checksum_and_support_no_request_for_others(ServerGeneration generation)
    {
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { Generation = generation });
        EngineResult result = cluster.Run("Get-SfBlobChecksum $raw; Get-SfBlobChecksum $raw -Algorithm SHA512, SHA1");
        Assert.Equal(["SHA512", "SHA512"], result.Output.Select(o => o.Text("Algorithm")));
        Assert.Equal("CapabilityMissing" + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Contains("blob-single-checksum", result.OnlyError.ToString(), StringComparison.Ordinal);
        Assert.Contains("blob-metadata", result.OnlyError.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checksum_that_is_not_published_is_requested_without_waiting()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("Get-SfBlobChecksum $snapshot; Get-SfBlobChecksum $snapshot -Algorithm SHA256 -Verbose").Good;
        Assert.Empty(result.Output);
        Assert.Contains(result.Verbose, v => v.Contains("has started to compute it", StringComparison.Ordinal));
        Assert.Equal($"/blobs/{DemoCluster.Snapshot}/checksum/sha256", cluster.Emulator.Requests[^1].Path);
    }

    [Fact]
    public async Task A_checksum_that_is_computed_during_the_wait_is_output()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedBlob snapshot = cluster.Emulator.State.Blob(DemoCluster.Snapshot)!;
        cluster.Emulator.Faults.Add(new Fault
        {
            Path = "*/checksum/sha256",
            Kind = FaultKind.NullJson,
            When = _ =>
            {
                snapshot.Sha256 = new string('c', 64);
                return true;
            },
        });
        PSObject record = cluster.Run("Get-SfBlobChecksum $snapshot -Algorithm SHA256 -Wait").Only;
        Assert.Equal(new string('c', 64), record.Get<string>("Hash"));
        Assert.Equal(2, cluster.Emulator.Requests.Count(r => r.Path.EndsWith("/checksum/sha256", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_an_algorithm_the_command_waits_for_the_first_published_checksum()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedBlob snapshot = cluster.Emulator.State.Blob(DemoCluster.Snapshot)!;
        cluster.Emulator.Faults.Add(new Fault
        {
            Path = $"/blobs/{DemoCluster.Snapshot}",
            Kind = FaultKind.Delay,
            Skip = 1,
            When = _ =>
            {
                snapshot.Sha512 = new string('d', 128);
                return true;
            },
        });
        Assert.Equal(new string('d', 128), cluster.Run("Get-SfBlobChecksum $snapshot -Wait").Only.Get<string>("Hash"));
        Assert.Equal("WaitTimeout" + Command, cluster.Run("Get-SfBlobChecksum $initial -Wait -TimeoutSeconds 1").OnlyError.FullyQualifiedErrorId);
    }

    [Fact]
    public async Task Waiting_for_a_checksum_ends_at_the_timeout()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("$snapshot, $raw | Get-SfBlobChecksum -Algorithm SHA256 -Wait -TimeoutSeconds 1");
        Assert.Equal("WaitTimeout" + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.OperationTimeout, result.OnlyError.CategoryInfo.Category);
        Assert.Equal(DemoCluster.RawDisk, Assert.Single(result.Output).Get<Guid>("BlobUuid"));
    }

    [Fact]
    public async Task The_time_limit_applies_to_all_blobs_together()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Stopwatch watch = Stopwatch.StartNew();
        EngineResult result = cluster.Run("$initial, $initial, $initial | Get-SfBlobChecksum -Wait -TimeoutSec 1");
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.9, 1.9);
        Assert.Equal(["WaitTimeout", "WaitTimeout", "WaitTimeout"], result.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]));
    }

    [Fact]
    public async Task The_wait_can_be_stopped()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Task met = cluster.Meet(new Fault { Path = "*/checksum/sha1", Kind = FaultKind.NullJson });
        using StoppableRun run = cluster.Engine.Start("Get-SfBlobChecksum $snapshot -Algorithm SHA1 -Wait");
        await run.StopAfterAsync(met);
        Assert.Empty(run.Stopped().Errors);
    }

    [Theory]
    [InlineData("\"nonsense\"")]
    [InlineData("42")]
    [InlineData("\"<html>\"")]
    public async Task A_response_that_is_not_a_hash_is_an_error(string answer)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = "*/checksum/*", Kind = FaultKind.WrongBody, Body = answer, Times = int.MaxValue });
        Assert.Equal("InvalidResponse" + Command, cluster.Run("Get-SfBlobChecksum $snapshot -Algorithm SHA1").OnlyError.FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData("Get-SfBlobChecksum $unknown", "BlobNotFound")]
    [InlineData("Get-SfBlobChecksum $raw -Algorithm MD5", "CannotConvertArgumentNoMessage")]
    [InlineData("Get-SfBlobChecksum $raw -Wait -TimeoutSeconds -1", "ParameterArgumentValidationError")]
    public async Task Errors_have_their_ids(string script, string id)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Equal(id + Command, cluster.Run(script).OnlyError.FullyQualifiedErrorId);
    }
}
