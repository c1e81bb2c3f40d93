using System.Globalization;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>Reads the working set of this process from Linux.</summary>
internal static class Memory
{
    /// <summary>Resets the peak and returns the current working set in MiB.</summary>
    public static double Reset()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Read("VmRSS:");
    }

    /// <summary>Returns the highest working set since the reset, in MiB.</summary>
    public static double Peak() => Read("VmHWM:");

    /// <summary>The memory of one run: growth of the working set, and allocations for each GiB.</summary>
    public static void Measure(Figures figures, string what, Action action, long bytes)
    {
        action();
        double before = Reset();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        int collections = GC.CollectionCount(2);
        action();
        double gibibytes = bytes / (double)(1L << 30);
        figures.Add($"{what}: growth of the working set, MiB", Peak() - before);
        figures.Add($"{what}: allocated for each GiB, MiB", (GC.GetTotalAllocatedBytes(precise: true) - allocated) / gibibytes / (1 << 20));
        figures.Add($"{what}: collections of generation 2", GC.CollectionCount(2) - collections);
    }

    private static double Read(string name)
    {
        string line = File.ReadLines("/proc/self/status").Single(l => l.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
