using System.Diagnostics;
using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Pipeline;

/// <summary>-AsJob: a job as PowerShell knows them, by PowerShell's own commands.</summary>
[Collection(Alone.Name)]
public sealed class TransferJobTests
{
    private static readonly TimeSpan ForEver = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_job_saves_and_its_records_are_received()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("$job = $raw, $iso | Save-SfBlobData -Path $dir -PassThru -AsJob; $job; Get-Job -Id $job.Id; $job | Wait-Job").Good;
        Assert.All(result.Output, o => Assert.Equal("SfBlobTransferJob", o.Text("PSJobTypeName")));
        Assert.Equal(3, result.Output.Count);
        Assert.Equal("Completed", cluster.Run("$job.State").Only.ToString());
        Assert.Contains("Save-SfBlobData", result.Output[0].Text("Command"), StringComparison.Ordinal);
        EngineResult received = cluster.Run("$job | Receive-Job -Keep; $job | Receive-Job; $job | Receive-Job").Good;
        Assert.Equal(4, received.Output.Count);
        Assert.All(received.Output, o => Assert.Equal("SfBlobSaveResult", o.BaseObject.GetType().Name));
        Assert.Equal(2, cluster.Files.Length);
        Assert.False((bool)cluster.Run("$job.HasMoreData").Only.BaseObject);
        Assert.Empty(cluster.Run("$job | Remove-Job; Get-Job").Good.Output);
    }

    [Fact]
    public async Task Receive_Job_waits_and_removes()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Single(cluster.Run("Save-SfBlobData $raw $dir -PassThru -AsJob | Receive-Job -Wait -AutoRemoveJob").Good.Output);
        Assert.Empty(cluster.Run("Get-Job").Good.Output);
    }

    [Fact]
    public async Task Errors_and_warnings_come_out_of_it_and_the_others_are_saved()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = $"/blobs/{DemoCluster.RawDisk}/data", Kind = FaultKind.Status, Status = 403, Times = int.MaxValue });
        EngineResult result = cluster.Run("Save-SfBlobData $raw, $unknown, $snapshot $dir -AsJob | Receive-Job -Wait");
        Assert.Equal(
            ["AccessForbidden,Save-SfBlobData", "BlobNotFound,ShakenFist.Blobs.Commands.SaveSfBlobDataCommand"],
            result.Errors.Select(e => e.FullyQualifiedErrorId.Replace(",Microsoft.PowerShell.Commands.ReceiveJobCommand", string.Empty, StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains(result.Warnings, w => w.Contains("not verified", StringComparison.Ordinal));
        Assert.Equal([$"{DemoCluster.Snapshot}.raw"], cluster.Files);
        Assert.Equal("Completed", cluster.Run("(Get-Job).State").Only.ToString());
    }

    [Theory]
    [InlineData("$job | Stop-Job")]
    [InlineData("$job | Remove-Job -Force")]
    public async Task A_stalled_transfer_is_stopped_at_once_and_can_be_resumed(string stop)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Task met = cluster.Meet(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Stall, AfterBytes = 3 << 20, Delay = ForEver });
        _ = cluster.Run("$job = Save-SfBlobData $raw \"$dir/disk\" -AsJob").Good;
        await met.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        Assert.Equal("Running", cluster.Run("$job.State").Only.ToString());
        await Task.Delay(1200, TestContext.Current.CancellationToken);
        Assert.Contains(cluster.Run("$job.Progress").Good.Output, p => p.Get<int>("PercentComplete") >= 40 && p.Get<string>("Activity").Contains("disk", StringComparison.Ordinal));
        Stopwatch watch = Stopwatch.StartNew();
        _ = cluster.Run(stop).Good;
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"{watch.Elapsed}");
        Assert.Equal("Stopped", cluster.Run("$job.State").Only.ToString());
        Assert.True(cluster.Run("Resume-SfBlobTransfer $dir -PassThru").Only.Get<long>("BytesResumed") >= 2 << 20);
        Assert.Equal(["disk"], cluster.Files);
    }

    [Fact]
    public async Task Progress_is_completed_when_it_is_over()
    {
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { BytesPerSecond = 4 << 20 });
        EngineResult result = cluster.Run("$job = Save-SfBlobData $raw $dir -AsJob; $null = $job | Wait-Job; $job.Progress").Good;
        Assert.NotEmpty(result.Output);
        Assert.Equal(ProgressRecordType.Completed, result.Output[^1].Get<ProgressRecordType>("RecordType"));
    }

    [Fact]
    public async Task What_is_declined_is_not_in_it()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Empty(cluster.Run("Save-SfBlobData $raw $dir -AsJob -WhatIf").Good.Output);
        Assert.Empty(cluster.Files);
        Assert.Empty(cluster.DataRequests);
    }

    [Fact]
    public async Task It_outlives_the_runspace_that_began_it()
    {
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { BytesPerSecond = 8 << 20 });
        Job job;
        using (Engine other = new())
        {
            other["session"] = cluster.Engine["session"];
            other["raw"] = DemoCluster.RawDisk;
            other["dir"] = cluster.Directory;
            job = (Job)other.Run("Save-SfBlobData $raw $dir -Session $session -PassThru -AsJob").Only.BaseObject;
        }

        Assert.True(job.Finished.WaitOne(TimeSpan.FromMinutes(2)));
        Assert.Equal(JobState.Completed, job.JobStateInfo.State);
        Assert.Single(job.Output);
        job.Dispose();
    }
}
