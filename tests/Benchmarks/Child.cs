using System.Diagnostics;
using System.Globalization;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>Starts this program in another role, and other programs to compare with.</summary>
internal static class Child
{
    // Clock ticks per second in which Linux counts processor time.
    private const double Ticks = 100;

    /// <summary>Gets the processor time, in seconds, of this process and of the child processes that have ended.</summary>
    public static double CpuSeconds
    {
        get
        {
            string stat = File.ReadAllText("/proc/self/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[11..15].Sum(f => long.Parse(f, CultureInfo.InvariantCulture)) / Ticks;
        }
    }

    public static Process Start(params string[] arguments) => Start("dotnet", [typeof(Child).Assembly.Location, .. arguments]);

    public static Process Start(string program, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true })!;

    /// <summary>Runs a program and waits until it ends.</summary>
    /// <exception cref="InvalidOperationException">The program failed.</exception>
    public static void Run(string program, params string[] arguments)
    {
        using Process process = Start(program, arguments);
        process.StandardInput.Close();
        _ = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
        }
    }

    /// <summary>Whether a program exists. If an argument is specified, whether it runs with it.</summary>
    public static bool Has(string program, params string[] arguments)
    {
        try
        {
            Run(program, arguments);
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            Console.WriteLine($"Not measured: there is no {program} {string.Join(' ', arguments)}.");
            return false;
        }
    }
}
