using System.Diagnostics;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>This program again, in another role, and other programs to compare with.</summary>
internal static class Child
{
    private static double _ofOthers;

    /// <summary>Seconds of processor time of this process and of the programs that <see cref="Run"/> ran.</summary>
    public static double CpuSeconds
    {
        get
        {
            using Process self = Process.GetCurrentProcess();
            return self.TotalProcessorTime.TotalSeconds + _ofOthers;
        }
    }

    public static Process Start(params string[] arguments) => Start("dotnet", [typeof(Child).Assembly.Location, .. arguments]);

    public static Process Start(string program, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true })!;

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static void Run(string program, params string[] arguments)
    {
        using Process process = Start(program, arguments);
        process.StandardInput.Close();
        _ = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        _ofOthers += process.TotalProcessorTime.TotalSeconds;
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
        }
    }

    /// <summary>Whether there is such a program, and if an argument is given, whether it runs with it.</summary>
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
