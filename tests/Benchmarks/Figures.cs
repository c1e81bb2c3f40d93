using System.Globalization;
using System.Text.Json;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>Formats the results of a benchmark as a table, and as JSON for comparisons.</summary>
internal sealed class Figures(string verb)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Dictionary<string, double[]> _rows = [];

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public void Add(string what, params IEnumerable<double> values) => _rows[what] = [.. values];

    public int Report()
    {
        Console.WriteLine($"{"",-72}{"median",12}{"min",12}{"max",12}{"runs",6}");
        foreach ((string what, double[] values) in _rows)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-72}{Median(values),12:0.00}{values.Min(),12:0.00}{values.Max(),12:0.00}{values.Length,6}"));
        }

        string file = Path.GetFullPath($"benchmark-{verb}.json");
        File.WriteAllText(file, JsonSerializer.Serialize(_rows.ToDictionary(r => r.Key, r => new { Median = Median(r.Value), Values = r.Value }), Indented));
        Console.WriteLine($"Written to {file}.");
        return 0;
    }
}
