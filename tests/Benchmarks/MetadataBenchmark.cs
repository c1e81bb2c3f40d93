using System.Diagnostics;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>Measures Set-SfBlobMetadata in one pipeline for several blobs. Writes to different blobs run in parallel, those to the same blob sequentially.</summary>
internal static class MetadataBenchmark
{
    private const int Blobs = 100;
    private const int Runs = 3;

    public static async Task<int> RunAsync(int writes)
    {
        await using Server server = await Server.StartAsync(new ServerOptions { Size = 4096, Count = Blobs });
        using Engine engine = new();
        engine.Connect(server);
        engine["blobs"] = server.Blobs;
        engine["writes"] = writes;
        List<double> seconds = [];
        List<double> serverSeconds = [];
        for (int run = 0; run < Runs; run++)
        {
            engine["run"] = run;
            double server0 = server.CpuSeconds;
            Stopwatch watch = Stopwatch.StartNew();
            _ = engine.Run("1..$writes | ForEach-Object { [pscustomobject]@{ Uuid = $blobs[$_ % $blobs.Count]; Key = \"k$_\"; Value = \"$run\" } } | Set-SfBlobMetadata");
            seconds.Add(watch.Elapsed.TotalSeconds);
            serverSeconds.Add(server.CpuSeconds - server0);
        }

        Figures figures = new("metadata");
        figures.Add($"{writes} writes over {Blobs} blobs, s", seconds);
        figures.Add("the server's CPU, s", serverSeconds);
        return figures.Report();
    }
}
