using System.Diagnostics;
using System.Globalization;

namespace ShakenFist.Blobs.Soak;

/// <summary>
/// Checks whether the process grows: samples handles, managed memory, and resident memory after a number of schedules, and calculates the slope of a line through them.
/// The first tenth is ignored, because a process grows while it warms up.
/// </summary>
internal sealed class Drift
{
    private readonly List<(double At, double Handles, double Managed, double Resident)> _samples = [];

    /// <summary>Takes a sample after a number of schedules.</summary>
    public void Sample(int after)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using Process self = Process.GetCurrentProcess();
        int handles = OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries("/proc/self/fd").Count(IsOurs) : self.HandleCount;
        _samples.Add((after, handles, GC.GetTotalMemory(forceFullCollection: true) / (double)(1 << 20), self.WorkingSet64 / (double)(1 << 20)));
    }

    /// <summary>Returns the results, one line for each quantity.</summary>
    public IEnumerable<string> Describe()
    {
        (double At, double Handles, double Managed, double Resident)[] settled = [.. _samples.Skip(_samples.Count / 10)];
        yield return Line("Handles", "", [.. settled.Select(s => (s.At, s.Handles))]);
        yield return Line("Managed memory", " MiB", [.. settled.Select(s => (s.At, s.Managed))]);
        yield return Line("Resident memory", " MiB", [.. settled.Select(s => (s.At, s.Resident))]);
    }

    /// <summary>Calculates the slope of the least-squares line, and its standard error.</summary>
    public static (double Slope, double Error) Regress(IReadOnlyList<(double X, double Y)> points)
    {
        double meanX = points.Average(p => p.X);
        double meanY = points.Average(p => p.Y);
        double spread = points.Sum(p => (p.X - meanX) * (p.X - meanX));
        double slope = points.Sum(p => (p.X - meanX) * (p.Y - meanY)) / spread;
        double rest = points.Sum(p => Math.Pow(p.Y - meanY - (slope * (p.X - meanX)), 2));
        return (slope, Math.Sqrt(rest / (points.Count - 2) / spread));
    }

    /// <summary>Excludes assemblies, which are loaded when they are first needed and stay open.</summary>
    private static bool IsOurs(string handle) => new FileInfo(handle).LinkTarget is { } target && !target.EndsWith(".dll", StringComparison.Ordinal);

    private static string Line(string what, string unit, (double X, double Y)[] points)
    {
        if (points.Length < 3)
        {
            return $"{what}: too few samples for a slope.";
        }

        (double slope, double error) = Regress(points);
        return string.Create(CultureInfo.InvariantCulture,
            $"{what}: {points[0].Y:0.#} at first, {points[^1].Y:0.#} at the end, {slope * 1000:+0.000;-0.000}{unit} per 1000 schedules (standard error {error * 1000:0.000}, {points.Length} samples).");
    }
}
