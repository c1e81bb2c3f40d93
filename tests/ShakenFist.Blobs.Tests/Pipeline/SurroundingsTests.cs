using System.Globalization;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Pipeline;

/// <summary>Tests strict mode, cultures, hosts without a user interface, and other runspaces.</summary>
public sealed class SurroundingsTests
{
    private const string Work = "$b = Get-SfBlob $raw; $t = $b | Save-SfBlobData -Path $dir -PassThru; $b; $t; Get-SfBlob | Out-Null; Get-SfSession";

    [Theory]
    [InlineData("tr-TR")]
    [InlineData("ar-SA")]
    [InlineData("de-DE")]
    public async Task Every_command_works_in_any_culture(string name)
    {
        CultureInfo culture = CultureInfo.GetCultureInfo(name);
        await using Cluster cluster = await Cluster.StartAsync(host: new HostOptions { Culture = culture });
        string there = $"[cultureinfo]::CurrentCulture = [cultureinfo]::CurrentUICulture = '{name}'\n";
        EngineResult result = cluster.Run(there + Work).Good;
        Assert.Equal(DemoCluster.RawDisk, result.Output[0].Get<Guid>("Uuid"));
        Assert.Equal("Verified", result.Output[1].Text("Verification"));
        Assert.Equal([$"{DemoCluster.RawDisk}.raw"], cluster.Files);
        Assert.All(cluster.DataRequests, r => Assert.Matches("^offset=0&limit=5242880$", r.Query));
        string shown = cluster.Run(there + "Get-SfBlob $raw | Out-Default").Good.Shown;
        Assert.Contains(5.00.ToString("0.00", culture) + " MiB", shown, StringComparison.Ordinal);
        Assert.StartsWith("BlobNotFound,", cluster.Run(there + "Get-SfBlob $unknown").OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_without_a_user_interface_is_enough()
    {
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { BytesPerSecond = 8 << 20 }, new HostOptions { HasInterface = false });
        EngineResult result = cluster.Run(Work).Good;
        Assert.Equal("Saved", result.Output[1].Text("Status"));
        Assert.Single(cluster.Run("Save-SfBlobData $snapshot $dir -PassThru -Verbose").Good.Warnings);
    }

    [Fact]
    public async Task Commands_and_views_work_in_strict_mode()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("Set-StrictMode -Version Latest\n" + Work
            + "\nGet-SfBlob | Out-Default; $t | Out-Default; $session | Out-Default; $session.Capabilities | Out-Default").Good;
        Assert.Equal(3, result.Output.Count);
        Assert.Contains(DemoCluster.RawDisk.ToString(), result.Shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parallel_commands_share_one_renewal_of_the_token()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.ExpireTokens();
        EngineResult result = cluster.Run("1..12 | ForEach-Object -ThrottleLimit 12 -Parallel { Import-Module $using:manifest; Get-SfBlob $using:raw -Session $using:session }").Good;
        Assert.Equal(12, result.Output.Count);
        Assert.Single(cluster.Emulator.Requests, r => r.Path == "/auth");
    }

    [Fact]
    public async Task Two_runspaces_that_save_to_one_file_result_in_one_complete_file()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("1..2 | ForEach-Object -ThrottleLimit 2 -Parallel { Import-Module $using:manifest; Save-SfBlobData $using:large \"$using:dir/one.img\" -Session $using:session -PassThru }", TimeSpan.FromSeconds(60));
        Assert.Equal(["one.img"], cluster.Files);
        Assert.Equal(64 << 20, new FileInfo(cluster.PathOf("one.img")).Length);
        Assert.Equal(2, result.Output.Count + result.Errors.Count);
        Assert.All(result.Errors, e => Assert.Matches("^(TargetBusy|TargetExists),", e.FullyQualifiedErrorId));
        Assert.NotEmpty(result.Output);
    }

    [Fact]
    public async Task Removing_the_module_during_a_transfer_lets_the_transfer_complete()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("Get-SfBlob $raw | Save-SfBlobData -Path $dir -PassThru | ForEach-Object { Remove-Module ShakenFist.Blobs; $_ }").Good;
        Assert.Single(result.Output);
        Assert.Equal(5L << 20, cluster.Run("Import-Module $manifest; (Get-SfBlob $raw -Session $session).Size").Only.BaseObject);
    }
}
