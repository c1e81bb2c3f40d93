using System.Diagnostics;
using System.Net.NetworkInformation;

namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>What the process holds because of a cluster, counted before and after: threads, open files, connections, files that nobody can go on with. For tests that run alone.</summary>
internal sealed class ResourceUsage
{
    // The pool's and the runtime's own threads come and go.
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

    /// <summary>It comes to hold nothing more than before, and whatever it has said holds no secret.</summary>
    public async Task AssertReleasedAsync(EngineResult result)
    {
        // A connection that was being made for a request that was stopped stays with the session, as it should. The session must let go of it.
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

    /// <summary>All threads, and those that work has taken for itself, as far as the system tells what they are.</summary>
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
            // It has just ended.
            return false;
        }
    }

    private int OpenFiles() => OperatingSystem.IsLinux()
        ? Directory.EnumerateFiles("/proc/self/fd").Count(fd => new FileInfo(fd).LinkTarget?.StartsWith(_cluster.Directory + "/", StringComparison.Ordinal) == true)
        : 0;

    private int Connections() => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Count(c => c.RemoteEndPoint.Port == _cluster.Emulator.Url.Port && c.State == TcpState.Established);
}
