using System.Diagnostics;
using System.Globalization;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>
/// Time of Import-Module alone, in a process whose engine has started and has run something. The first import of a process pays for the engine's own code,
/// which in the package of the engine is not compiled ahead as it is in pwsh: so an empty module's import is shown beside, and the module's after that, and its
/// import into one fresh engine after the other of one process.
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

    /// <summary>Milliseconds of Import-Module alone, after the engine has run something.</summary>
    private static double IntoFreshEngine(string module, string first = "")
    {
        using Engine engine = new();
        _ = engine.Run("Get-Module | ForEach-Object { $_ }; Get-Command Import-Module; " + first);
        Stopwatch watch = Stopwatch.StartNew();
        _ = engine.Run("Import-Module " + module);
        return watch.Elapsed.TotalMilliseconds;
    }
}
