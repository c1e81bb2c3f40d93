using System.Management.Automation;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>Measures Get-SfBlob with a long list: the time of the first and the last object, and the memory.</summary>
internal static class ListBenchmark
{
    private const int Runs = 5;

    public static async Task<int> RunAsync(int count)
    {
        await using Server server = await Server.StartAsync(new ServerOptions { Kind = "records", Count = count });
        using Engine engine = new();
        engine.Connect(server);
        List<double> firstByte = [];
        List<double> first = [];
        List<double> all = [];
        List<double> growth = [];

        // The verbose message of the request is written when the response headers are received. Each object is released immediately.
        const string Script =
            """
            $w = [Diagnostics.Stopwatch]::StartNew(); $head = $first = $null; $n = 0
            Get-SfBlob -Verbose 4>&1 | ForEach-Object {
                if ($_ -is [Management.Automation.VerboseRecord]) { $head ??= $w.Elapsed.TotalMilliseconds } else { $first ??= $w.Elapsed.TotalMilliseconds; $n++ }
            }
            $head; $first; $w.Elapsed.TotalMilliseconds; $n
            """;
        for (int i = 0; i < Runs; i++)
        {
            double before = Memory.Reset();
            IReadOnlyList<PSObject> output = engine.Run(Script);
            growth.Add(Memory.Peak() - before);
            if ((int)output[3].BaseObject != count)
            {
                throw new InvalidOperationException($"{output[3]} objects came.");
            }

            firstByte.Add((double)output[0].BaseObject);
            first.Add((double)output[1].BaseObject - (double)output[0].BaseObject);
            all.Add((double)output[2].BaseObject);
        }

        Figures figures = new("list");
        figures.Add("head of the answer, ms", firstByte);
        figures.Add("from head to first object, ms", first);
        figures.Add($"all {count} objects, ms", all);
        figures.Add("peak working set growth, MiB", growth);
        return figures.Report();
    }
}
