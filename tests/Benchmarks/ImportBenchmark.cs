using System.Diagnostics;
using System.Globalization;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>Time of Import-Module alone, in a process whose engine has started and has run something.</summary>
internal static class ImportBenchmark
{
    public static async Task<int> RunAsync(int count)
    {
        List<double> times = [];
        for (int i = 0; i < count; i++)
        {
            using Process process = Child.Start("import-once");
            times.Add(double.Parse(await process.StandardOutput.ReadToEndAsync(), CultureInfo.InvariantCulture));
            await process.WaitForExitAsync();
        }

        Figures figures = new("import");
        figures.Add("Import-Module, ms", times);
        return figures.Report();
    }

    public static int Once()
    {
        using Engine engine = new();
        _ = engine.Run("Get-Module | ForEach-Object { $_ }; Get-Command Import-Module");
        Stopwatch watch = Stopwatch.StartNew();
        _ = engine.Run("Import-Module $manifest");
        Console.Write(watch.Elapsed.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
        return 0;
    }
}
