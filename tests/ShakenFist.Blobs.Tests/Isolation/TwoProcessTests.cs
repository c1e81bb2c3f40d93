using System.Diagnostics;
using System.Globalization;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Isolation;

/// <summary>Tests two processes that save to one file.</summary>
public sealed class TwoProcessTests
{
    [Fact]
    public async Task While_a_transfer_is_active_another_one_reports_an_error_and_changes_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "No process can be halted there; SurroundingsTests has two transfers of one process, with the same locks.");
        await using Cluster cluster = await Cluster.StartAsync();
        Task met = cluster.Meet(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Stall, AfterBytes = 3 << 20, Delay = TimeSpan.FromSeconds(2) });
        Task<IReadOnlyList<string[]>> first = SaveAsync(cluster, $"[IO.File]::WriteAllText('{cluster.Directory}.pid', $PID)");

        // Either the request is received, or the process ends without it, and its error fails the test.
        if (await Task.WhenAny(met, first) == first)
        {
            Assert.Fail(string.Join('\n', (await first).SelectMany(step => step)));
        }

        // Paused in the middle, so that the other process starts in time even on a slow computer.
        int id = int.Parse(await File.ReadAllTextAsync(cluster.Directory + ".pid", TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);
        File.Delete(cluster.Directory + ".pid");
        Signal("-STOP", id);
        try
        {
            IReadOnlyList<string[]> second = await SaveAsync(cluster, "$null");
            Assert.StartsWith("error TargetBusy,ShakenFist.Blobs.Commands.SaveSfBlobDataCommand: ", Assert.Single(second[^1]), StringComparison.Ordinal);
            Assert.Equal(["one.img.sfjournal", "one.img.sfpart"], cluster.Files);
        }
        finally
        {
            Signal("-CONT", id);
        }

        Assert.Equal(["Saved Verified"], (await first)[^1]);
        Assert.Equal(["one.img"], cluster.Files);
        Assert.Equal(cluster.ContentOf(DemoCluster.RawDisk), await File.ReadAllBytesAsync(cluster.PathOf("one.img"), TestContext.Current.CancellationToken));
    }

    private static Task<IReadOnlyList<string[]>> SaveAsync(Cluster cluster, string before) => FreshProcess.RunAsync(
        FreshProcess.Import, IsolationTests.Connect(cluster), before,
        $"$t = Save-SfBlobData {DemoCluster.RawDisk} '{cluster.PathOf("one.img")}' -PassThru; if ($t) {{ \"$($t.Status) $($t.Verification)\" }}");

    private static void Signal(string signal, int id)
    {
        using Process kill = Process.Start("kill", [signal, id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
