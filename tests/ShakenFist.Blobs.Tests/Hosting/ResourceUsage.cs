using System.Diagnostics;
using System.Net.NetworkInformation;

namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>
/// Counts the resources of the process before and after: threads, open files, connections, and temporary files that cannot be resumed. For tests that run alone.
/// </summary>
internal sealed class ResourceUsage
{
    // The number of threads of the thread pool and the runtime varies.
    private const int Margin = 15;

    private readonly Cluster _cluster;
    private readonly int _threads;
    private readonly int _longThreads;

    private ResourceUsage(Cluster cluster)
    {
        _cluster = cluster;
        (_threads, _longThreads) = Threads();
    }

    public static ResourceUsage By(Cluster cluster) => new(cluster);

    /// <summary>Checks that the process does not use more resources than before, and that its output contains no secret.</summary>
    public async Task AssertReleasedAsync(EngineResult result)
    {
        // A connection that was being established for a stopped request stays with the session, which must close it.
        _ = _cluster.Run("if (Get-SfSession) { Disconnect-ShakenFist; $session = Connect-ShakenFist $url $admin }").Good;
        await Eventually.TrueAsync(() => Threads().Long <= _longThreads && OpenFiles() == 0 && Connections() == 0);
        Assert.InRange(Threads().All, 0, _threads + Margin);
        string[] files = _cluster.Files;
        Assert.Equal(
            files.Where(f => f.EndsWith(".sfpart", StringComparison.Ordinal)).Select(f => Path.ChangeExtension(f, null)),
            files.Where(f => f.EndsWith(".sfjournal", StringComparison.Ordinal)).Select(f => Path.ChangeExtension(f, null)));
        Assert.DoesNotContain(Cluster.AdminKey, result.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", result.Everything, StringComparison.Ordinal);
    }

    /// <summary>Counts all threads, and those that are not part of a pool, as far as the system reports their kind.</summary>
    private static (int All, int Long) Threads()
    {
        using Process self = Process.GetCurrentProcess();
        return (self.Threads.Count, OperatingSystem.IsLinux() ? Directory.EnumerateDirectories("/proc/self/task").Count(IsLong) : 0);
    }

    private static bool IsLong(string thread)
    {
        try
        {
            return File.ReadAllText(thread + "/comm").StartsWith(".NET Long Runni", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // The thread has just ended.
            return false;
        }
    }

    private int OpenFiles() => OperatingSystem.IsLinux()
        ? Directory.EnumerateFiles("/proc/self/fd").Count(fd => new FileInfo(fd).LinkTarget?.StartsWith(_cluster.Directory + "/", StringComparison.Ordinal) == true)
        : 0;

    /// <summary>Counts the connections to the emulator. Returns 0 if <c>SHAKENFIST_TEST_CONNECTIONS</c> is <c>unlisted</c>, because Wine needs up to 100 s for the list.</summary>
    private int Connections() => Environment.GetEnvironmentVariable("SHAKENFIST_TEST_CONNECTIONS") == "unlisted"
        ? 0
        : IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
            .Count(c => c.RemoteEndPoint.Port == _cluster.Emulator.Url.Port && c.State == TcpState.Established);
}
