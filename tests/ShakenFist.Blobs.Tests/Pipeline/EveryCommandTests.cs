using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Pipeline;

/// <summary>Tests features of PowerShell with every command: -ErrorAction, -WhatIf, -OutVariable, strict mode, and serialization.</summary>
public sealed class EveryCommandTests
{
    /// <summary>An input for each command that causes a nonterminating error, and the error.</summary>
    private static readonly Dictionary<string, (string Script, string Id)> Failing = new()
    {
        ["Checkpoint-SfInstance"] = ("Checkpoint-SfInstance -Uuid $unknown", "InstanceNotFound"),
        ["Export-SfBlobGraph"] = ("$unknown | Export-SfBlobGraph", "BlobNotFound"),
        ["Find-SfBlobByHash"] = ("Find-SfBlobByHash ('ab' * 64) -Required", "HashNotFound"),
        ["Get-SfArtifact"] = ("Get-SfArtifact -Uuid $unknown", "ArtifactNotFound"),
        ["Get-SfBlob"] = ("Get-SfBlob $unknown", "BlobNotFound"),
        ["Get-SfBlobChecksum"] = ("Get-SfBlobChecksum $unknown", "BlobNotFound"),
        ["Get-SfBlobData"] = ("Get-SfBlobData $unknown", "BlobNotFound"),
        ["Get-SfBlobEvent"] = ("Get-SfBlobEvent $unknown", "BlobNotFound"),
        ["Get-SfInstance"] = ("Get-SfInstance -Uuid $unknown", "InstanceNotFound"),
        ["Get-SfImageInfo"] = ("Get-SfImageInfo $unknown", "BlobNotFound"),
        ["Get-SfBlobMetadata"] = ("Get-SfBlobMetadata $unknown", "BlobNotFound"),
        ["Get-SfBlobReference"] = ("Get-SfBlobReference $unknown", "BlobNotFound"),
        ["New-SfBlobMetadata"] = ("New-SfBlobMetadata $unknown k v", "BlobNotFound"),
        ["Remove-SfArtifact"] = ("Remove-SfArtifact c8d9e0f1-2a3b-4c5d-8e6f-7a8b9c0d1e65", "ForceRequired"),
        ["Remove-SfBlobMetadata"] = ("Remove-SfBlobMetadata $raw nonesuch", "MetadataKeyNotFound"),
        ["Resume-SfBlobTransfer"] = ("Resume-SfBlobTransfer \"$dir/none\"", "TransferNotFound"),
        ["Save-SfBlobData"] = ("Save-SfBlobData $unknown $dir", "BlobNotFound"),
        ["Set-SfArtifact"] = ("Set-SfArtifact $unknown -MaxVersions 2", "ArtifactNotFound"),
        ["Set-SfBlobMetadata"] = ("Set-SfBlobMetadata $raw k ''", "MetadataValueRefused"),
        ["Test-SfBlobData"] = ("Test-SfBlobData $raw \"$dir/none\"", "FileNotFound"),
        ["Wait-SfBlob"] = ("Wait-SfBlob $initial -TimeoutSeconds 0", "WaitTimeout"),
    };

    /// <summary>A change for each command.</summary>
    private static readonly Dictionary<string, string> Changing = new()
    {
        ["Checkpoint-SfInstance"] = "Checkpoint-SfInstance web-1",
        ["Export-SfBlobGraph"] = "$raw | Export-SfBlobGraph -Path \"$dir/graph.html\"",
        ["New-SfBlobMetadata"] = "New-SfBlobMetadata $raw k v",
        ["Remove-SfArtifact"] = "Remove-SfArtifact database -Version 1",
        ["Remove-SfBlobMetadata"] = "Remove-SfBlobMetadata $raw * -Force",
        ["Remove-SfBlobTransfer"] = "Remove-SfBlobTransfer $dir",
        ["Resume-SfBlobTransfer"] = "Resume-SfBlobTransfer $dir",
        ["Save-SfBlobData"] = "$raw, $iso | Save-SfBlobData -Path $dir -Force",
        ["Set-SfArtifact"] = "Set-SfArtifact database -MaxVersions 1",
        ["Set-SfBlobMetadata"] = "Set-SfBlobMetadata $raw k v",
    };

    /// <summary>The commands with a specific output type.</summary>
    private static readonly string[] Emitting =
    [
        "Checkpoint-SfInstance web-1", "Set-SfArtifact database -MaxVersions 4 -PassThru", "Get-SfBlob $qcow2", "Get-SfBlob", "Get-SfArtifact", "Get-SfInstance", "Get-SfBlob -Artifact database -AllVersions", "Get-SfBlob -Instance db-1 -Snapshot", "Find-SfBlobByHash $sha512", "Wait-SfBlob $raw", "Get-SfBlobMetadata $qcow2", "Set-SfBlobMetadata $raw k v -PassThru",
        "Get-SfBlobReference $qcow2", "Get-SfBlobChecksum $raw", "Get-SfBlobEvent $raw", "Get-SfImageInfo $qcow2", "Save-SfBlobData $raw \"$dir/saved\" -PassThru -Force",
        "Test-SfBlobData $raw \"$dir/saved\" -Detailed", "Get-SfBlobTransfer $dir", "Get-SfCapability", "Get-SfSession", "Export-SfBlobGraph $qcow2", "Get-SfBlobData $raw -First 10 -AsText",
    ];

    public static TheoryData<string> Failures => [.. Failing.Keys];

    public static TheoryData<string> Changes => [.. Changing.Keys];

    public static TheoryData<string> Outputs => [.. Emitting];

    [Fact]
    public void Every_command_that_connects_or_changes_something_is_in_the_tables()
    {
        string[] talking = [.. ModuleUnderTest.Commands().Where(c => IsTalking(c.Type)).Select(c => ModuleUnderTest.NameOf(c.Cmdlet)).Except(["Get-SfCapability", "Test-SfCapability"]).Order(StringComparer.Ordinal)];
        Assert.Equal(talking, Failing.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(talking, StopEveryCommandTests.Requests.Select(r => r.Data).Order(StringComparer.Ordinal));
        Assert.Equal(
            ModuleUnderTest.Commands().Where(c => c.Cmdlet.SupportsShouldProcess).Select(c => ModuleUnderTest.NameOf(c.Cmdlet)).Order(StringComparer.Ordinal),
            Changing.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(ModuleUnderTest.Commands().Select(c => ModuleUnderTest.NameOf(c.Cmdlet)).Except(Emitting.Select(e => e.Split(' ')[0])).Except(Changing.Keys)
            .Except(["Connect-ShakenFist", "Disconnect-ShakenFist", "Test-SfCapability"]));
    }

    private static bool IsTalking(Type type)
    {
        for (Type? t = type; t is not null; t = t.BaseType)
        {
            if (t.Name == "SfSessionCmdlet")
            {
                return true;
            }
        }

        return false;
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Every_command_obeys_each_error_action(string name)
    {
        await using Cluster cluster = await StartAsync();
        (string script, string id) = Failing[name];
        string type = name.Replace("-", string.Empty, StringComparison.Ordinal);
        foreach (string action in (string[])["Continue", "SilentlyContinue", "Ignore", "Stop"])
        {
            EngineResult result = cluster.Run($"$Error.Clear(); & {{ {script} -ErrorAction {action} }}; 'after'");
            string[] expected = [$"{id},ShakenFist.Blobs.Commands.{type}Command"];
            Assert.Equal(action is "Continue" or "Stop" ? expected : [], result.Errors.Select(e => e.FullyQualifiedErrorId));
            Assert.All(result.Errors, e => Assert.Equal(name is not ("Find-SfBlobByHash" or "Resume-SfBlobTransfer"), TargetOf(e) is Guid));
            Assert.Equal(action == "Stop", result.Ended is not null);
            Assert.Equal(action != "Stop", result.Output.Any(o => o.BaseObject is "after"));

            // The engine records an error that ends the script twice: wrapped, and as the original error.
            Assert.Equal(action switch { "Ignore" => 0, "Stop" => 2, _ => 1 }, cluster.Run("$Error.Count").Only.BaseObject);
        }

        Assert.Equal(["saved"], cluster.Files);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task WhatIf_changes_nothing_locally_or_in_the_cluster(string name)
    {
        await using Cluster cluster = await StartAsync();
        Interrupt(cluster);
        (string, DateTime, long)[] before = Snapshot(cluster);
        EngineResult result = cluster.Run(Changing[name] + " -WhatIf").Good;
        Assert.Empty(result.Output);
        Assert.Contains("What if:", result.Shown, StringComparison.Ordinal);
        Assert.Equal(before, Snapshot(cluster));
        Assert.Empty(cluster.DataRequests);
        Assert.All(cluster.Emulator.Requests, r => Assert.Equal("GET", r.Method));
    }

    [Theory]
    [MemberData(nameof(Outputs))]
    public async Task Every_output_works_in_variables_in_strict_mode_and_after_serialization(string script)
    {
        await using Cluster cluster = await StartAsync();
        Interrupt(cluster);
        EngineResult result = cluster.Run($$"""
            Set-StrictMode -Version Latest
            {{script}} -OutVariable all -PipelineVariable one | ForEach-Object { if (-not [object]::ReferenceEquals($one, $_) -and "$one" -ne "$_") { 'another' }; $_ }
            """).Good;
        Assert.NotEmpty(result.Output);
        Assert.DoesNotContain(result.Output, o => o.BaseObject is "another");
        Assert.Equal(result.Output.Count, cluster.Run("$all.Count").Only.BaseObject);
        cluster.Engine["all"] = result.Output;
        Assert.NotEqual(string.Empty, cluster.Run("Set-StrictMode -Version Latest; $all | Out-Default").Good.Shown);
        foreach (PSObject before in result.Output)
        {
            PSObject after = Shapes.Of(before, Shape.Deserialized);
            Assert.Equal(before.BaseObject is string ? before.TypeNames[0] : "Deserialized." + before.TypeNames[0], after.TypeNames[0]);
            foreach (PSPropertyInfo property in before.Properties.Where(p => p is not PSScriptProperty && p.Value is Guid or long or int or double or bool or DateTime or string))
            {
                object? there = after.Properties[property.Name].Value;

                // The remaining lifetime of the token is calculated each time.
                Assert.Equal(property.Name == "TokenExpiresAt" ? there : property.Value, there);
            }
        }
    }

    private static object? TargetOf(ErrorRecord error) => error.TargetObject is PSObject wrapped ? wrapped.BaseObject : error.TargetObject;

    internal static async Task<Cluster> StartAsync()
    {
        Cluster cluster = await Cluster.StartAsync();
        cluster.Engine["sha512"] = cluster.Emulator.State.Blob(DemoCluster.RawDisk)!.Sha512;
        await cluster.WriteAsync("saved", cluster.ContentOf(DemoCluster.RawDisk));
        return cluster;
    }

    /// <summary>Creates an interrupted transfer to $dir/part with some data.</summary>
    internal static void Interrupt(Cluster cluster, string first = "")
    {
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.CutAfter, AfterBytes = 3 << 20 });
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Status, Status = 403, Times = int.MaxValue });
        Assert.StartsWith("AccessForbidden,", cluster.Run(first + "Save-SfBlobData $raw \"$dir/part\"").OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
        cluster.Emulator.Faults.Clear();
        cluster.Emulator.ClearRequests();
    }

    private static (string Name, DateTime Written, long Length)[] Snapshot(Cluster cluster) =>
        [.. cluster.Files.Select(f => new FileInfo(cluster.PathOf(f))).Select(f => (f.Name, f.LastWriteTimeUtc, f.Length))];
}
