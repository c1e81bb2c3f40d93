using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests the file names of blobs that were found by artifacts and instances.</summary>
public sealed class SaveByNameTests
{
    [Theory]
    [InlineData("Get-SfBlob -Artifact debian-13 | Save-SfBlobData -Path $dir", "debian-13-1.qcow2")]
    [InlineData("Get-SfArtifact debian-13 | Save-SfBlobData -Path $dir", "debian-13-1.qcow2")]
    [InlineData("Save-SfBlobData (Get-SfArtifact debian-13) -Path $dir", "debian-13-1.qcow2")]
    [InlineData("Get-SfBlob -Artifact debian-13 | ConvertTo-Json -Depth 4 | ConvertFrom-Json | Save-SfBlobData -Path $dir", "debian-13-1.qcow2")]
    [InlineData("Get-SfBlob -Instance web-1 | Save-SfBlobData -Path $dir", "web-1-vda.qcow2")]
    [InlineData("Get-SfBlob -Instance db-1 -Snapshot | Save-SfBlobData -Path $dir -WarningAction Ignore", "db-1-vda-2.raw")]
    [InlineData("$raw | Save-SfBlobData -Path $dir", "d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004.raw")]
    [InlineData("Get-SfBlob -Artifact debian-13 | Save-SfBlobData -Path \"$dir/mine\"", "mine")]
    public async Task The_file_is_named_by_what_the_blob_was_found_by(string script, string file)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        PSObject saved = cluster.Run(script + " -PassThru").Only;
        Assert.Equal([file], cluster.Files);
        Assert.Equal(cluster.ContentOf(saved.Get<Guid>("BlobUuid")), await File.ReadAllBytesAsync(cluster.PathOf(file), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_second_blob_of_the_same_name_gets_the_start_of_its_UUID()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatorState state = cluster.Emulator.State;
        state.AddArtifact(new EmulatedArtifact { Name = "DEBIAN 13", Namespace = DemoCluster.UserNamespace }.Add(state.Blob(DemoCluster.Transcode)!));
        state.AddArtifact(new EmulatedArtifact { Name = "debian?13", Namespace = DemoCluster.UserNamespace }.Add(state.Blob(DemoCluster.BaseImage)!));
        state.AddArtifact(new EmulatedArtifact { Name = "debian_13", Namespace = DemoCluster.UserNamespace }.Add(state.Blob(DemoCluster.BaseImage)!));
        EngineResult result = cluster.Run("'DEBIAN 13', 'debian?13', 'debian_13' | ForEach-Object { Get-SfBlob -Artifact $_ } | Save-SfBlobData -Path $dir -PassThru").Good;
        Assert.Equal(["DEBIAN_13-1.qcow2", "debian_13-1-d3a00001.qcow2", "debian_13-1-d3a00001.qcow2"], result.Each<string>("Path").Select(Path.GetFileName));
        Assert.Equal(["Saved", "Saved", "Unchanged"], result.Output.Select(o => o.Text("Status")));
    }

    [Fact]
    public async Task WhatIf_shows_the_name_and_the_file()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        string shown = cluster.Run("Get-SfArtifact debian-13 | Save-SfBlobData -Path $dir -WhatIf").Good.Shown;
        Assert.Contains($"blob debian-13 v1 ({DemoCluster.BaseImage})", shown, StringComparison.Ordinal);
        Assert.Contains("debian-13-1.qcow2", shown, StringComparison.Ordinal);
        Assert.Empty(cluster.Files);
    }

    [Theory]
    [InlineData("../../evil")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("C:\\x")]
    [InlineData("a\0b")]
    [InlineData("-rf")]
    [InlineData("CON.x")]
    [InlineData("x.sfpart")]
    [InlineData("\u202egpj.exe")]
    public async Task A_hostile_name_stays_in_the_directory(string name)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Directory.CreateDirectory(cluster.PathOf("inner"));
        EmulatedArtifact artifact = cluster.Emulator.State.AddArtifact(
            new EmulatedArtifact { Name = name, Namespace = DemoCluster.UserNamespace }.Add(cluster.Emulator.State.Blob(DemoCluster.RawDisk)!));
        Assert.Equal("Saved", cluster.Run($"Get-SfArtifact -Uuid {artifact.Uuid} | Save-SfBlobData -Path \"$dir/inner\" -PassThru").Only.Text("Status"));
        string file = Path.GetFileName(Assert.Single(cluster.Files, f => f.StartsWith("inner", StringComparison.Ordinal)));
        Assert.Single(cluster.Files);
        Assert.Matches("^[A-Za-z0-9_][A-Za-z0-9._-]*$", file);
    }
}
