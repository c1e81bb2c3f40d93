using System.Diagnostics;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Pipeline;

/// <summary>Tests that fifty runs leak no handles and no threads.</summary>
[Collection(Alone.Name)]
public sealed class LeakTests
{
    private const int Runs = 50;

    // The number of threads and sockets of the thread pool, the emulator, and the runtime varies slightly. Fifty leaks are still detected.
    private const int Margin = 15;

    [Theory]
    [InlineData("Get-SfBlob $raw")]
    [InlineData("do { Get-SfBlob | ForEach-Object { break } } while ($false)")]
    [InlineData("Save-SfBlobData $iso $dir -Force -Verification None")]
    [InlineData("try { Get-SfBlob | ForEach-Object { throw 'x' } } catch { }")]
    [InlineData("$s = Connect-ShakenFist $url $admin; $null = Get-SfBlob $raw -Session $s; Disconnect-ShakenFist $s")]
    public async Task Fifty_runs_leak_no_handle_and_no_thread(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { KeepAlive = true });
        Repeat(cluster, script, 5);
        (int handles, int threads) before = Count();
        Repeat(cluster, script, Runs);
        (int handles, int threads) after = Count();
        TestContext.Current.TestOutputHelper?.WriteLine($"Handles {before.handles} to {after.handles}, threads {before.threads} to {after.threads}.");
        Assert.True(after.handles <= before.handles + Margin, $"Handles: {before.handles}, then {after.handles}.");
        Assert.True(after.threads <= before.threads + Margin, $"Threads: {before.threads}, then {after.threads}.");
    }

    [Fact]
    public async Task Stopped_transfers_leak_no_handle_and_no_thread()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        await StopOften(cluster, 5);
        (int handles, int threads) before = Count();
        await StopOften(cluster, Runs);
        (int handles, int threads) after = Count();
        for (int wait = 0; wait < 100 && after.handles > before.handles + Margin; wait++)
        {
            // The emulator closes its end of a connection when it notices that the client has closed. Unlike a leak, this ends.
            await Task.Delay(100, TestContext.Current.CancellationToken);
            after = Count();
        }

        Assert.True(after.handles <= before.handles + Margin, $"Handles: {before.handles}, then {after.handles}.");
        Assert.True(after.threads <= before.threads + Margin, $"Threads: {before.threads}, then {after.threads}.");
        Assert.Equal("Resumable", cluster.Run("Get-SfBlobTransfer $dir").Only.Text("State"));
    }

    private static void Repeat(Cluster cluster, string script, int times)
    {
        _ = cluster.Run($"foreach ($run in 1..{times}) {{ $null = . {{ {script} }} }}", TimeSpan.FromSeconds(60)).Good;
    }

    private static async Task StopOften(Cluster cluster, int times)
    {
        for (int i = 0; i < times; i++)
        {
            Task met = cluster.Meet(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Stall, AfterBytes = 1 << 20 });
            using StoppableRun run = cluster.Engine.Start("Save-SfBlobData $raw $dir");
            await run.StopAfterAsync(met);
        }
    }

    private static (int Handles, int Threads) Count()
    {
        // Objects that only wait for their finalizer are not leaks.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using Process self = Process.GetCurrentProcess();
        return (OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries("/proc/self/fd").Length : self.HandleCount, self.Threads.Count);
    }
}
