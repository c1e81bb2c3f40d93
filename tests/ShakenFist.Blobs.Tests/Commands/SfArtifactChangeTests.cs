using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests Remove-SfArtifact and Set-SfArtifact.</summary>
public sealed class SfArtifactChangeTests
{
    private const string Remove = ",ShakenFist.Blobs.Commands.RemoveSfArtifactCommand";

    private static async Task<(Cluster Cluster, EmulatedArtifact Artifact)> StartAsync()
    {
        Cluster cluster = await Cluster.StartAsync(connect: false);
        EmulatedArtifact artifact = new() { Name = "web", Namespace = DemoCluster.UserNamespace, MaxVersions = 5 };
        for (int i = 1; i <= 4; i++)
        {
            artifact.Add(cluster.Emulator.State.AddBlob(EmulatedBlob.Generated(1000 * i, i)));
        }

        cluster.Emulator.State.AddArtifact(artifact);
        _ = cluster.Run("$session = Connect-ShakenFist $url $user").Good;
        cluster.Emulator.ClearRequests();
        return (cluster, artifact);
    }

    private static int Changes(Cluster cluster) => cluster.Emulator.Requests.Count(r => r.Method is "DELETE" or "POST");

    [Theory]
    [InlineData("Remove-SfArtifact web -Version 1", 2, 3, 4)]
    [InlineData("Remove-SfArtifact web -Version 4, 2, 2", 1, 3)]
    [InlineData("Remove-SfArtifact web -KeepNewest 1", 4)]
    [InlineData("Remove-SfArtifact web -KeepNewest 4", 1, 2, 3, 4)]
    [InlineData("Remove-SfArtifact web -KeepNewest 9", 1, 2, 3, 4)]
    [InlineData("Get-SfArtifact web | Remove-SfArtifact -KeepNewest 2", 3, 4)]
    [InlineData("$a = Get-SfArtifact web; $a, $a | Remove-SfArtifact -Version 1", 2, 3, 4)]
    [InlineData("Remove-SfArtifact (Get-SfArtifact web).Uuid -Version 3", 1, 2, 4)]
    [InlineData("'web' | Remove-SfArtifact -KeepNewest 3", 2, 3, 4)]
    public async Task The_specified_versions_are_removed(string script, params int[] left)
    {
        (Cluster cluster, EmulatedArtifact artifact) = await StartAsync();
        await using Cluster disposed = cluster;
        EngineResult result = cluster.Run(script.Contains("$a, $a", StringComparison.Ordinal) ? script + " -ErrorAction Ignore" : script).Good;
        Assert.Empty(result.Output);
        Assert.Equal(left, artifact.Versions.Keys);
        Assert.Equal(4 - left.Length, Changes(cluster));
    }

    [Theory]
    [InlineData("Remove-SfArtifact foreign -Force", "ArtifactNotFound")]
    [InlineData("Remove-SfArtifact twice -Force", "NameAmbiguous")]
    public async Task A_name_means_the_only_artifact_of_the_own_namespace(string script, string id)
    {
        (Cluster cluster, _) = await StartAsync();
        await using Cluster disposed = cluster;
        EmulatedArtifact[] others =
        [
            new() { Name = "foreign", Namespace = DemoCluster.AdminNamespace, Shared = true },
            new() { Name = "twice", Namespace = DemoCluster.UserNamespace },
            new() { Name = "twice", Namespace = DemoCluster.UserNamespace, Type = "label" },
        ];
        foreach (EmulatedArtifact other in others)
        {
            cluster.Emulator.State.AddArtifact(other);
        }

        others[0].Add(cluster.Emulator.State.AddBlob(EmulatedBlob.Generated(10, 10)));
        others[1].Add(cluster.Emulator.State.AddBlob(EmulatedBlob.Generated(11, 11)));
        Assert.Equal(id + Remove, cluster.Run(script).OnlyError.FullyQualifiedErrorId);
        Assert.Equal(0, Changes(cluster));
    }

    [Fact]
    public async Task A_version_that_does_not_exist_is_an_error_and_the_others_are_removed()
    {
        (Cluster cluster, EmulatedArtifact artifact) = await StartAsync();
        await using Cluster disposed = cluster;
        EngineResult result = cluster.Run("Remove-SfArtifact web -Version 9, 1");
        Assert.Equal("ArtifactVersionNotFound" + Remove, result.OnlyError.FullyQualifiedErrorId);
        Assert.Contains("Its versions: 1, 2, 3, 4", result.OnlyError.ToString(), StringComparison.Ordinal);
        Assert.Equal([2, 3, 4], artifact.Versions.Keys);
    }

    [Theory]
    [InlineData("Remove-SfArtifact web")]
    [InlineData("Remove-SfArtifact web -Version (1..4)")]
    public async Task A_whole_artifact_is_removed_only_with_Force(string script)
    {
        (Cluster cluster, EmulatedArtifact artifact) = await StartAsync();
        await using Cluster disposed = cluster;
        EngineResult result = cluster.Run(script);
        Assert.Equal("ForceRequired" + Remove, result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal((0, "created"), (Changes(cluster), artifact.State));
        _ = cluster.Run(script + " -Force").Good;
        Assert.Equal("deleted", artifact.State);
        Assert.All(cluster.Emulator.State.Blobs.Where(blob => blob.Size is 1000 or 2000 or 3000 or 4000), blob => Assert.Equal("deleted", blob.State));
        Assert.Equal("ArtifactNotFound" + Remove, cluster.Run("Remove-SfArtifact " + artifact.Uuid + " -Force").OnlyError.FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData("Remove-SfArtifact web -WhatIf", 4)]
    [InlineData("Remove-SfArtifact web -Version 2, 3 -WhatIf", 2)]
    [InlineData("Remove-SfArtifact web -KeepNewest 1 -WhatIf", 3)]
    [InlineData("Set-SfArtifact web -MaxVersions 2 -WhatIf", 2)]
    public async Task WhatIf_names_each_version_and_blob_that_would_be_removed(string script, int count)
    {
        (Cluster cluster, EmulatedArtifact artifact) = await StartAsync();
        await using Cluster disposed = cluster;
        cluster.Emulator.State.Blob(artifact.Versions[2])!.ReferenceCount = 2;
        string shown = cluster.Run(script).Good.Shown;
        Assert.Equal(count, artifact.Versions.Count(version => shown.Contains($"version {version.Key} (blob {version.Value:D}, ", StringComparison.Ordinal)));
        Assert.Equal(shown.Contains("version 2 ", StringComparison.Ordinal), shown.Contains("which others use and which is kept", StringComparison.Ordinal));
        Assert.Equal((0, 4), (Changes(cluster), artifact.Versions.Count));
    }

    [Fact]
    public async Task An_ambiguous_name_is_refused()
    {
        (Cluster cluster, EmulatedArtifact artifact) = await StartAsync();
        await using Cluster disposed = cluster;
        cluster.Emulator.State.AddArtifact(new EmulatedArtifact { Name = "web", Type = "other", Namespace = artifact.Namespace }.Add(cluster.Emulator.State.Blobs[0]));
        Assert.Equal("NameAmbiguous" + Remove, cluster.Run("Remove-SfArtifact web -Force").OnlyError.FullyQualifiedErrorId);
        Assert.Equal(0, Changes(cluster));
    }

    [Theory]
    [InlineData("Set-SfArtifact web -MaxVersions 2 -PassThru", 2, 3, 4)]
    [InlineData("Get-SfArtifact web | Set-SfArtifact -MaxVersions 0 -PassThru", 0, 1, 2, 3, 4)]
    [InlineData("Set-SfArtifact web -MaxVersions 5 -PassThru", 5, 1, 2, 3, 4)]
    public async Task The_maximum_number_of_versions_is_changed_and_surplus_versions_are_removed(string script, int max, params int[] left)
    {
        (Cluster cluster, EmulatedArtifact artifact) = await StartAsync();
        await using Cluster disposed = cluster;
        PSObject changed = cluster.Run(script).Only;
        Assert.Equal(("web", (long)max), (changed.Text("Name"), changed.Get<long>("MaxVersions")));
        Assert.Equal(left, artifact.Versions.Keys);
        Assert.Equal(max == 5 ? 0 : 1, Changes(cluster));
        Assert.Empty(cluster.Run("Set-SfArtifact web -MaxVersions 9").Good.Output);
    }
}
