using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Pipeline;

/// <summary>Tests -AsJob: the end of a job, and a job without its runspace. The other tests of jobs are in tests/Pester/Transfers.Tests.ps1.</summary>
[Collection(Alone.Name)]
public sealed class TransferJobTests
{
    [Fact]
    public async Task The_progress_of_a_job_is_completed_at_its_end()
    {
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { BytesPerSecond = 4 << 20 });
        EngineResult result = cluster.Run("$job = Save-SfBlobData $raw $dir -AsJob; $null = $job | Wait-Job; $job.Progress").Good;
        Assert.NotEmpty(result.Output);
        Assert.Equal(ProgressRecordType.Completed, result.Output[^1].Get<ProgressRecordType>("RecordType"));
    }

    [Fact]
    public async Task A_job_continues_after_its_runspace_is_closed()
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
