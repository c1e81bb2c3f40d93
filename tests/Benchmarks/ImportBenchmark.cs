using System.Diagnostics;
using System.Globalization;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>
/// Measures Import-Module in a process whose engine has already run a command. The first import in a process includes the JIT compilation of engine code, which is
/// precompiled in pwsh but not in the package. Therefore, the import of an empty module is also measured, then the import of the module after it, and repeated imports
/// into new engines of one process.
/// </summary>
internal static class ImportBenchmark
{
    private const string Ours = "ours";
    private const string Empty = "empty";
    private const string OursAfterEmpty = "ours-after-empty";

    public static async Task<int> RunAsync(int count)
    {
        Dictionary<string, List<double>> times = new() { [Ours] = [], [Empty] = [], [OursAfterEmpty] = [] };
        for (int i = 0; i < count; i++)
        {
            foreach ((string what, List<double> list) in times)
            {
                using Process process = Child.Start("import-once", what);
                list.Add(double.Parse(await process.StandardOutput.ReadToEndAsync(), CultureInfo.InvariantCulture));
                await process.WaitForExitAsync();
            }
        }

        Figures figures = new("import");
        figures.Add("Import-Module ShakenFist.Blobs, ms", times[Ours]);
        figures.Add("the same of an empty module, ms", times[Empty]);
        figures.Add("ShakenFist.Blobs after an empty module, ms", times[OursAfterEmpty]);
        figures.Add("ShakenFist.Blobs into a fresh engine of one process, ms", [.. Enumerable.Range(0, count).Select(_ => IntoFreshEngine("$manifest"))]);
        return figures.Report();
    }

    public static int Once(string what)
    {
        string folder = Directory.CreateTempSubdirectory("sf-benchmark-").FullName;
        string empty = Path.Combine(folder, "Empty.psd1");
        File.WriteAllText(empty, "@{ ModuleVersion = '1.0.0' }");
        double milliseconds = IntoFreshEngine(what == Empty ? $"'{empty}'" : "$manifest", first: what == OursAfterEmpty ? $"Import-Module '{empty}'" : string.Empty);
        Console.Write(milliseconds.ToString(CultureInfo.InvariantCulture));
        Directory.Delete(folder, recursive: true);
        return 0;
    }

    /// <summary>Returns the duration of Import-Module in milliseconds, after the engine has run a command.</summary>
    private static double IntoFreshEngine(string module, string first = "")
    {
        using Engine engine = new();
        _ = engine.Run("Get-Module | ForEach-Object { $_ }; Get-Command Import-Module; " + first);
        Stopwatch watch = Stopwatch.StartNew();
        _ = engine.Run("Import-Module " + module);
        return watch.Elapsed.TotalMilliseconds;
    }
}
