using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Pipeline;

/// <summary>Removes or reimports the module during a transfer. The transfer completes, and the commands work again.</summary>
public sealed class ModuleRemovalTests
{
    [Theory]
    [InlineData("Remove-Module ShakenFist.Blobs")]
    [InlineData("Remove-Module ShakenFist.Blobs -Force; Import-Module $manifest")]
    [InlineData("Import-Module $manifest -Force")]
    public async Task A_job_completes_the_file_even_if_the_module_is_removed_or_imported_again(string change)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Task met = cluster.Meet(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Stall, AfterBytes = 3 << 20, Delay = TimeSpan.FromSeconds(1) });
        _ = cluster.Run("$job = Save-SfBlobData $raw $dir -PassThru -AsJob").Good;
        await met.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        _ = cluster.Run(change).Good;
        PSObject record = cluster.Run("$null = $job | Wait-Job; $job | Receive-Job").Only;
        Assert.Equal("Verified", record.Text("Verification"));
        AssertWhole(cluster);
    }

    [Theory]
    [InlineData("Remove-Module ShakenFist.Blobs")]
    [InlineData("Import-Module $manifest -Force")]
    public async Task A_pipeline_continues_with_the_files_in_progress(string change)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = $"/blobs/{DemoCluster.RawDisk}/data", Kind = FaultKind.Stall, AfterBytes = 3 << 20, Delay = TimeSpan.FromSeconds(1) });
        EngineResult result = cluster.Run($"$iso, $raw | Save-SfBlobData -Path $dir -PassThru | ForEach-Object {{ if ($_.BlobUuid -eq $iso) {{ {change} }}; $_ }}").Good;
        Assert.Equal(2, result.Output.Count);
        Assert.All(result.Output, o => Assert.Equal("Verified", o.Text("Verification")));
        AssertWhole(cluster);
    }

    private static void AssertWhole(Cluster cluster)
    {
        Assert.True(File.ReadAllBytes(cluster.PathOf($"{DemoCluster.RawDisk}.raw")).AsSpan().SequenceEqual(cluster.ContentOf(DemoCluster.RawDisk)));
        Assert.DoesNotContain(cluster.Files, f => f.Contains(".sf", StringComparison.Ordinal));
        Assert.Equal(5L << 20, cluster.Run("Import-Module $manifest; (Get-SfBlob $raw -Session $session).Size").Only.BaseObject);
    }
}
