using System.Globalization;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>This process's working set, as Linux counts it.</summary>
internal static class Memory
{
    /// <summary>Lets the peak start anew and returns the present working set in MiB.</summary>
    public static double Reset()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Read("VmRSS:");
    }

    /// <summary>The highest working set since the reset, in MiB.</summary>
    public static double Peak() => Read("VmHWM:");

    private static double Read(string name)
    {
        string line = File.ReadLines("/proc/self/status").Single(l => l.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
