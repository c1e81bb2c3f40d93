using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests how blobs are found by artifacts and instances.</summary>
public sealed class GetSfBlobByNameTests
{
    private const string RoundTrip = "[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($o, 3))";

    public static TheoryData<ServerGeneration> Generations => [.. Enum.GetValues<ServerGeneration>()];

    private static async Task<Cluster> StartAsync(ServerGeneration generation = ServerGeneration.C)
    {
        Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { Generation = generation }, connect: false);
        _ = cluster.Run("$session = Connect-ShakenFist $url $user").Good;
        cluster.Emulator.ClearRequests();
        return cluster;
    }

    private static string Origin(PSObject blob) => $"{blob.Text("Uuid")[..8]} {blob.Text("Artifact")}/{blob.Text("Version")} {blob.Text("Instance")}/{blob.Text("Disk")}".TrimEnd('/', ' ');

    [Theory]
    [InlineData("Get-SfBlob -Artifact database", "d3a00009 database/2")]
    [InlineData("Get-SfBlob -Artifact database -Version 1", "d3a00004 database/1")]
    [InlineData("Get-SfBlob -Artifact database -AllVersions", "d3a00004 database/1", "d3a00009 database/2")]
    [InlineData("'database' | Get-SfBlob -AllVersions", "d3a00004 database/1", "d3a00009 database/2")]
    [InlineData("'database' | Get-SfBlob -Version 1", "d3a00004 database/1")]
    [InlineData("Get-SfBlob -Artifact c8d9e0f1-2a3b-4c5d-8e6f-7a8b9c0d1e65", "d3a00009 database/2")]
    [InlineData("Get-SfBlob -Artifact ([guid]'c8d9e0f1-2a3b-4c5d-8e6f-7a8b9c0d1e65')", "d3a00009 database/2")]
    [InlineData("Get-SfBlob -Artifact (Get-SfArtifact database)", "d3a00009 database/2")]
    [InlineData("Get-SfArtifact database | Get-SfBlob", "d3a00009 database/2")]
    [InlineData("Get-SfArtifact database | Get-SfBlob | Get-SfBlob", "d3a00009 database/2")]
    [InlineData("Get-SfArtifact database | Get-SfBlob -AllVersions", "d3a00004 database/1", "d3a00009 database/2")]
    [InlineData("$o = Get-SfArtifact database; " + RoundTrip + " | Get-SfBlob", "d3a00009 database/2")]
    [InlineData("$o = Get-SfArtifact database; " + RoundTrip + " | Get-SfBlob -AllVersions", "d3a00004 database/1", "d3a00009 database/2")]
    [InlineData("Get-SfArtifact database | ConvertTo-Json -Depth 4 | ConvertFrom-Json | Get-SfBlob -Version 1", "d3a00004 database/1")]
    [InlineData("Get-SfArtifact database | ConvertTo-Csv | ConvertFrom-Csv | Get-SfBlob", "d3a00009 database")]
    [InlineData("(Get-SfArtifact database).Versions | Get-SfBlob", "d3a00004", "d3a00009")]
    [InlineData("Get-SfBlob -Artifact debian-13", "d3a00001 debian-13/1")]
    [InlineData("Get-SfBlob -Instance web-1", "d3a00002 / web-1/vda")]
    [InlineData("Get-SfBlob -Instance db-1", "d3a00009 / db-1/vdc")]
    [InlineData("Get-SfBlob -Instance web-1, db-1 -Disk vd*", "d3a00002 / web-1/vda", "d3a00009 / db-1/vdc")]
    [InlineData("Get-SfInstance | Sort-Object Name | Get-SfBlob", "d3a00009 / db-1/vdc", "d3a00002 / web-1/vda")]
    [InlineData("'web-1' | Get-SfBlob -Disk vda", "d3a00002 / web-1/vda")]
    [InlineData("$o = Get-SfInstance web-1; " + RoundTrip + " | Get-SfBlob", "d3a00002 / web-1/vda")]
    [InlineData("Get-SfBlob -Instance db-1 -Snapshot", "d3a00006 a4b1d2c3-9e8f-4a7b-8c6d-5e4f3a2b1c54/vda/2 db-1/vda")]
    [InlineData("Get-SfInstance db-1 | Get-SfBlob -Snapshot -AllVersions -Disk vda", "d3a00006 a4b1d2c3-9e8f-4a7b-8c6d-5e4f3a2b1c54/vda/2 db-1/vda")]
    public async Task A_blob_is_found_by_its_artifact_or_instance_and_has_the_origin(string script, params string[] origins)
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run(script).Good;
        Assert.Equal(origins, result.Output.Select(Origin));
        Assert.All(result.Output, blob => Assert.NotEmpty(blob.Text("State")));
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task The_newest_version_by_name_costs_two_requests_in_every_generation(ServerGeneration generation)
    {
        await using Cluster cluster = await StartAsync(generation);
        Assert.Equal(DemoCluster.BaseImage, cluster.Run("Get-SfBlob -Artifact debian-13").Only.Get<Guid>("Uuid"));
        Assert.Equal(["/artifacts", $"/blobs/{DemoCluster.BaseImage}"], cluster.Emulator.Requests.Select(r => r.Path));
    }

    [Theory]
    [InlineData("Get-SfArtifact debian-13 | Get-SfBlobMetadata -Key name", "debian-13")]
    [InlineData("(Get-SfArtifact debian-13 | Get-SfBlobChecksum -Algorithm SHA512).BlobUuid", "d3a00001-7a1e-4c52-9c0b-6f1f5e0a0001")]
    [InlineData("(Get-SfArtifact database | Wait-SfBlob).Uuid", "d3a00009-7a1e-4c52-9c0b-6f1f5e0a0009")]
    [InlineData("(Get-SfArtifact debian-13 | Save-SfBlobData -Path \"$dir/x\" -PassThru).BlobUuid; Get-SfArtifact debian-13 | Test-SfBlobData -Path \"$dir/x\"", "d3a00001-7a1e-4c52-9c0b-6f1f5e0a0001", "True")]
    [InlineData("(Get-SfArtifact debian-13 | Get-SfBlobData -First 4).Length", "4")]
    [InlineData("(Get-SfArtifact debian-13 | Get-SfImageInfo).FileFormat", "qcow2")]
    [InlineData("(Get-SfArtifact debian-13 | Get-SfBlobReference -Direction Uses -Relationship transcode).BlobUuid", "d3a00001-7a1e-4c52-9c0b-6f1f5e0a0001")]
    public async Task An_artifact_binds_wherever_a_blob_does(string script, params string[] expected)
    {
        await using Cluster cluster = await StartAsync();
        Assert.Equal(expected, cluster.Run(script).Good.Output.Select(o => (o.Properties["Value"]?.Value ?? o).ToString()));
    }

    [Theory]
    [InlineData("Get-SfBlob -Artifact none", "ArtifactNotFound")]
    [InlineData("Get-SfBlob -Artifact d*", "ArtifactNotFound")]
    [InlineData("Get-SfBlob -Artifact database -Version 9", "ArtifactVersionNotFound")]
    [InlineData("Get-SfBlob -Artifact empty", "ArtifactVersionNotFound")]
    [InlineData("Get-SfArtifact empty | Get-SfBlob", "ArtifactVersionNotFound")]
    [InlineData("Get-SfArtifact empty | Get-SfBlob -AllVersions", "ArtifactVersionNotFound")]
    [InlineData("$o = Get-SfArtifact empty; " + RoundTrip + " | Get-SfBlob", "ArtifactVersionNotFound")]
    [InlineData("Get-SfBlob -Artifact twice", "NameAmbiguous")]
    [InlineData("Get-SfBlob -Instance none", "InstanceNotFound")]
    [InlineData("Get-SfBlob -Instance twin", "NameAmbiguous")]
    [InlineData("Get-SfBlob -Instance db-1 -Disk vda", "DiskNotFound")]
    [InlineData("Get-SfBlob -Instance db-1 -Disk vdz", "DiskNotFound")]
    [InlineData("Get-SfBlob -Instance web-1 -Snapshot", "ArtifactNotFound")]
    [InlineData("Get-SfBlob -Instance db-1 -Snapshot -Disk vdc", "ArtifactNotFound")]
    public async Task A_name_without_exactly_one_blob_is_reported(string script, string id)
    {
        await using Cluster cluster = await StartAsync();
        EmulatorState state = cluster.Emulator.State;
        EmulatedBlob blob = state.Blob(DemoCluster.RawDisk)!;
        state.AddArtifact(new EmulatedArtifact { Name = "empty", Namespace = DemoCluster.UserNamespace });
        state.AddArtifact(new EmulatedArtifact { Name = "twice", Namespace = DemoCluster.UserNamespace }.Add(blob));
        state.AddArtifact(new EmulatedArtifact { Name = "twice", Namespace = DemoCluster.UserNamespace, Type = "other" }.Add(blob));
        state.AddInstance(new EmulatedInstance { Name = "twin", Namespace = DemoCluster.UserNamespace });
        state.AddInstance(new EmulatedInstance { Name = "twin", Namespace = DemoCluster.UserNamespace });
        EngineResult result = cluster.Run(script);
        Assert.Empty(result.Output);
        Assert.Equal($"{id},ShakenFist.Blobs.Commands.GetSfBlobCommand", result.OnlyError.FullyQualifiedErrorId);
    }

    [Fact]
    public async Task An_ambiguous_name_lists_the_artifacts_and_one_of_them_can_be_selected()
    {
        await using Cluster cluster = await StartAsync();
        EmulatorState state = cluster.Emulator.State;
        EmulatedArtifact image = state.AddArtifact(new EmulatedArtifact { Name = "twice", Namespace = DemoCluster.UserNamespace }.Add(state.Blob(DemoCluster.RawDisk)!));
        EmulatedArtifact other = state.AddArtifact(new EmulatedArtifact { Name = "twice", Namespace = DemoCluster.UserNamespace, Type = "other" }.Add(state.Blob(DemoCluster.BaseImage)!));
        ErrorRecord error = cluster.Run("Get-SfBlob -Artifact twice").OnlyError;
        Assert.Contains($"image {image.Uuid}", error.ToString(), StringComparison.Ordinal);
        Assert.Contains($"other {other.Uuid}", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("-Type", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("-Namespace", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(DemoCluster.BaseImage, cluster.Run("Get-SfArtifact twice -Type other | Get-SfBlob").Only.Get<Guid>("Uuid"));
    }

    [Fact]
    public async Task The_own_namespace_is_used_before_another_and_a_failed_publish_does_not_count()
    {
        await using Cluster cluster = await StartAsync();
        EmulatorState state = cluster.Emulator.State;
        state.AddArtifact(new EmulatedArtifact { Name = "debian-13", Namespace = DemoCluster.UserNamespace, Type = "other" });
        Assert.Equal("ArtifactVersionNotFound", cluster.Run("Get-SfBlob -Artifact debian-13").OnlyError.FullyQualifiedErrorId.Split(',')[0]);
        state.AddArtifact(new EmulatedArtifact { Name = "debian-13", Namespace = DemoCluster.UserNamespace }.Add(state.Blob(DemoCluster.RawDisk)!));
        Assert.Equal(DemoCluster.RawDisk, cluster.Run("Get-SfBlob -Artifact debian-13").Only.Get<Guid>("Uuid"));
    }

    [Fact]
    public async Task If_one_version_is_missing_the_others_are_output()
    {
        await using Cluster cluster = await StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = $"/blobs/{DemoCluster.RawDisk}", Kind = FaultKind.Status, Status = 404, Body = """{"error": "blob not found", "status": 404}""" });
        EngineResult result = cluster.Run("Get-SfBlob -Artifact database -AllVersions");
        Assert.Equal("d3a00009 database/2", Origin(Assert.Single(result.Output)));
        Assert.StartsWith("BlobNotFound,", result.OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instance_is_not_a_blob_for_the_other_commands()
    {
        await using Cluster cluster = await StartAsync();
        ErrorRecord error = cluster.Run("Get-SfInstance web-1 | Save-SfBlobData -Path $dir").OnlyError;
        Assert.StartsWith("BlobUuidInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Get-SfBlob", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(cluster.Files);
    }

    [Fact]
    public async Task The_name_of_a_blob_is_shown_from_100_columns_on()
    {
        await using Cluster cluster = await StartAsync();
        _ = cluster.Run("$b = @(Get-SfBlob -Artifact database -Version 1; Get-SfBlob -Instance web-1; Get-SfBlob $raw)").Good;
        Assert.Equal(["database v1", "web-1 vda", "scratch"], cluster.Run("$b.Name").Good.Output.Select(o => o.ToString()));
        string wide = cluster.Run("$b | Out-String -Width 100").Only.ToString()!;
        Assert.Contains("Name", wide, StringComparison.Ordinal);
        Assert.Contains("database v1", wide, StringComparison.Ordinal);
        string narrow = cluster.Run("$b | Out-String -Width 80").Only.ToString()!;
        Assert.DoesNotContain("Name", narrow, StringComparison.Ordinal);
        Assert.Contains("Modified", narrow, StringComparison.Ordinal);
    }
}
