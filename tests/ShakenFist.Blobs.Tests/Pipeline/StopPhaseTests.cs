using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Pipeline;

/// <summary>
/// Tests Ctrl+C in each phase of a transfer with a slow disk: the prompt returns immediately, the remaining files can be resumed, and the same command completes the
/// transfer.
/// </summary>
[Collection(Alone.Name)]
public sealed class StopPhaseTests
{
    private const long Size = 24 << 20;
    private const string Save = "Save-SfBlobData $blob \"$dir/disk.img\" -Force -PassThru";

    // The delay of a slow disk for one block.
    private const int Block = 20;

    private static readonly TimeSpan ForEver = TimeSpan.FromHours(1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static readonly string[] Interrupted = ["disk.img.sfjournal", "disk.img.sfpart"];

    [Theory]
    [InlineData("Save-SfBlobData $blob \"$dir/disk.img\" -Force")]
    [InlineData("Test-SfBlobData $blob \"$dir/disk.img\"")]
    [InlineData("Find-SfBlobByHash -Path \"$dir/disk.img\"")]
    public async Task Hashing_an_existing_file_can_be_stopped(string script)
    {
        await using Cluster cluster = await StartAsync();
        await File.WriteAllBytesAsync(cluster.PathOf("disk.img"), new byte[Size], TestContext.Current.CancellationToken);
        ResourceUsage held = ResourceUsage.By(cluster);
        Task reading = Slow(cluster, "disk.img", () => true, out FileOperationHook disk);
        using StoppableRun run = cluster.Engine.Start(script);
        using (disk)
        {
            await run.StopAfterAsync(reading);
        }

        Assert.Empty(run.Stopped().Errors);
        Assert.Empty(run.Stopped().Output);
        Assert.Empty(cluster.DataRequests);
        Assert.Equal(["disk.img"], cluster.Files);
        await held.AssertReleasedAsync(run.Stopped());
        AssertDone(cluster, resumed: 0);
    }

    [Fact]
    public async Task Checking_an_interrupted_transfer_can_be_stopped()
    {
        await using Cluster cluster = await InterruptedAsync();
        ResourceUsage held = ResourceUsage.By(cluster);
        Task reading = Slow(cluster, "disk.img.sfpart", () => true, out FileOperationHook disk);
        using StoppableRun run = cluster.Engine.Start(Save);
        using (disk)
        {
            await run.StopAfterAsync(reading);
        }

        Assert.Empty(cluster.DataRequests);
        await AssertInterruptedAsync(cluster, run, held);
    }

    [Fact]
    public async Task The_verification_can_be_stopped_and_nothing_is_fetched_again()
    {
        await using Cluster cluster = await StartAsync();
        ResourceUsage held = ResourceUsage.By(cluster);
        Task verifying = Slow(cluster, "disk.img.sfpart", () => cluster.DataRequests.Sum(r => r.BytesSent) >= Size, out FileOperationHook disk);
        using StoppableRun run = cluster.Engine.Start(Save);
        using (disk)
        {
            await run.StopAfterAsync(verifying);
        }

        await AssertInterruptedAsync(cluster, run, held);
    }

    [Fact]
    public async Task The_repair_of_damaged_ranges_can_be_stopped()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Engine["blob"] = DemoCluster.RawDisk;
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.FlipBit, AfterBytes = 1 << 20 });
        Task again = cluster.Meet(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Stall, AfterBytes = 1000, Delay = ForEver, When = _ => cluster.DataRequests.Count > 1 });
        ResourceUsage held = ResourceUsage.By(cluster);
        using StoppableRun run = cluster.Engine.Start(Save + " -ThrottleLimit 1");
        await run.StopAfterAsync(again);
        Assert.Contains(run.Stopped().Warnings, w => w.Contains("Fetching it again", StringComparison.Ordinal));

        // All data was received but is wrong. The same command detects it again.
        await AssertInterruptedAsync(cluster, run, held, resumed: 5 << 20, received: 5 << 20);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_flush_that_does_not_end()
    {
        await using Cluster cluster = await StartAsync();
        ResourceUsage held = ResourceUsage.By(cluster);
        using ManualResetEventSlim over = new();
        TaskCompletionSource flushing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using FileOperationHook disk = new(cluster.Directory, (step, _) =>
        {
            if (step == "Flush")
            {
                flushing.TrySetResult();
                over.Wait(Limit);
            }
        });
        using StoppableRun run = cluster.Engine.Start(Save);
        await run.StopAfterAsync(flushing.Task);
        over.Set();

        await AssertInterruptedAsync(cluster, run, held, resumed: Size);
        Assert.Equal(Size, cluster.DataRequests.Sum(r => r.BytesSent));
    }

    [Fact]
    public async Task A_stop_during_the_rename_has_no_effect_and_the_file_is_complete()
    {
        await using Cluster cluster = await StartAsync();
        ResourceUsage held = ResourceUsage.By(cluster);
        using ManualResetEventSlim asked = new();
        TaskCompletionSource renaming = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using FileOperationHook disk = new(cluster.Directory, (step, _) =>
        {
            if (step == "Rename")
            {
                renaming.TrySetResult();
                asked.Wait(Limit);
            }
        });
        using StoppableRun run = cluster.Engine.Start(Save);
        await run.StopAfterAsync(renaming.Task, asked.Set);

        Assert.Equal(["disk.img"], cluster.Files);
        await held.AssertReleasedAsync(run.Stopped());
        Assert.Equal("Unchanged", cluster.Run(Save).Only.Text("Status"));
    }

    [Fact]
    public async Task The_wait_for_another_transfer_to_the_same_file_can_be_stopped()
    {
        await using Cluster cluster = await StartAsync();
        ResourceUsage held = ResourceUsage.By(cluster);
        string part = cluster.PathOf("disk.img.sfpart");
        TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int looks = 0;
        using FileOperationHook disk = new(cluster.Directory, (step, path) =>
        {
            if (step == "Open" && path == part && ++looks == 2)
            {
                waiting.TrySetResult();
            }
        });
        FileStream other = new(part, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        using StoppableRun run = cluster.Engine.Start(Save);
        await run.StopAfterAsync(waiting.Task);
        await other.DisposeAsync();
        Assert.Empty(run.Stopped().Errors);
        Assert.Empty(cluster.DataRequests);
        Assert.Equal(["disk.img.sfpart"], cluster.Files);
        File.Delete(part);
        await held.AssertReleasedAsync(run.Stopped());
        AssertDone(cluster, resumed: 0);
    }

    [Fact]
    public async Task The_wait_for_bandwidth_can_be_stopped()
    {
        await using Cluster cluster = await StartAsync();
        ResourceUsage held = ResourceUsage.By(cluster);
        TaskCompletionSource received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using FileOperationHook disk = new(cluster.Directory, (step, path) =>
        {
            if (step == "Write" && path.EndsWith(".sfpart", StringComparison.Ordinal))
            {
                received.TrySetResult();
            }
        });
        using StoppableRun run = cluster.Engine.Start(Save + " -BytesPerSecond 300");
        await run.StopAfterAsync(received.Task);
        Assert.Empty(run.Stopped().Errors);
        Assert.Empty(cluster.Files);
        await held.AssertReleasedAsync(run.Stopped());
        AssertDone(cluster, resumed: 0);
    }

    /// <summary>A cluster with a blob that takes some time to read from a slow disk.</summary>
    private static async Task<Cluster> StartAsync()
    {
        Cluster cluster = await Cluster.StartAsync();
        EmulatedBlob blob = cluster.AddBlob("blob", Size);

        // Computed in advance, so that the test does not wait for it.
        _ = (blob.Sha512, blob.Sha256, blob.Sha1);
        return cluster;
    }

    /// <summary>Creates an interrupted transfer with some MiB of the blob.</summary>
    private static async Task<Cluster> InterruptedAsync()
    {
        Cluster cluster = await StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.CutAfter, AfterBytes = 9 << 20 });
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Status, Status = 403, Times = int.MaxValue });
        Assert.StartsWith("AccessForbidden,", cluster.Run(Save + " -ThrottleLimit 1").OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
        cluster.Emulator.Faults.Clear();
        cluster.Emulator.ClearRequests();
        return cluster;
    }

    /// <summary>Makes the disk slow for each block of a file. The returned task completes with the first block for which the condition is true.</summary>
    private static Task Slow(Cluster cluster, string name, Func<bool> when, out FileOperationHook disk)
    {
        TaskCompletionSource reading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        string slow = cluster.PathOf(name);
        disk = new FileOperationHook(cluster.Directory, (step, path) =>
        {
            if (step == "Read" && path == slow)
            {
                if (when())
                {
                    reading.TrySetResult();
                }

                _ = SpinWait.SpinUntil(static () => false, Block);
            }
        });
        return reading.Task;
    }

    /// <summary>Checks that the command was stopped without an error, that received data is kept, and that the same command resumes the transfer.</summary>
    private static async Task AssertInterruptedAsync(Cluster cluster, StoppableRun run, ResourceUsage held, long? resumed = null, long? received = null)
    {
        Assert.Empty(run.Stopped().Errors);
        Assert.Empty(run.Stopped().Output);
        Assert.Equal(Interrupted, cluster.Files);
        await held.AssertReleasedAsync(run.Stopped());
        cluster.Emulator.Faults.Clear();
        AssertDone(cluster, resumed, received);
    }

    private static void AssertDone(Cluster cluster, long? resumed, long? received = null)
    {
        PSObject record = cluster.Run(Save).Only;
        Assert.Equal("Verified", record.Text("Verification"));
        Assert.Equal(received ?? record.Get<long>("Size") - record.Get<long>("BytesResumed"), record.Get<long>("BytesReceived"));
        Assert.True(resumed is { } bytes ? record.Get<long>("BytesResumed") == bytes : record.Get<long>("BytesResumed") > 0);
        Assert.Equal(["disk.img"], cluster.Files);
        Guid uuid = record.Get<Guid>("BlobUuid");
        Assert.True(File.ReadAllBytes(cluster.PathOf("disk.img")).AsSpan().SequenceEqual(cluster.ContentOf(uuid)), "The file is not the blob.");
    }
}
