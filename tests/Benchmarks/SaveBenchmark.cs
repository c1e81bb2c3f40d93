using System.Diagnostics;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>Save-SfBlobData, which verifies, against curl followed by sha512sum; in turns, so that what else the machine does meets both.</summary>
internal static class SaveBenchmark
{
    public static async Task<int> RunAsync(string directory, int pairs, int mebibytes)
    {
        await using Server server = await Server.StartAsync("data", (long)mebibytes << 20);
        using Engine engine = new();
        engine.Connect(server);
        engine["blob"] = server.Blob;
        string ours = Path.Combine(Path.GetFullPath(directory), "saved.bin");
        string theirs = Path.Combine(Path.GetFullPath(directory), "curled.bin");
        engine["file"] = ours;
        List<double> save = [];
        List<double> curl = [];
        List<double> growth = [];
        try
        {
            for (int i = 0; i < pairs; i++)
            {
                File.Delete(ours);
                double before = Memory.Reset();
                save.Add(Time(() => engine.Run("Save-SfBlobData $blob $file -Verification Required")));
                growth.Add(Memory.Peak() - before);
                File.Delete(ours);
                curl.Add(Time(() => Curl(server, theirs)));
                File.Delete(theirs);
            }
        }
        finally
        {
            File.Delete(ours);
            File.Delete(theirs);
        }

        Figures figures = new("save");
        figures.Add($"Save-SfBlobData of {mebibytes} MiB, ms", save);
        figures.Add("curl -o X && sha512sum X, ms", curl);
        figures.Add("Save-SfBlobData / curl, %", save.Zip(curl, (s, c) => 100 * s / c));
        figures.Add("peak working set growth in a save, MiB", growth);
        return figures.Report();
    }

    private static void Curl(Server server, string file)
    {
        Run("curl", "-sf", "-H", $"Authorization: Bearer {server.Token}", "-o", file, $"{server.Url.TrimEnd('/')}/blobs/{server.Blob}/data");
        Run("sha512sum", file);
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Child.Start(program, arguments);
        _ = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
        }
    }

    private static double Time(Action action)
    {
        Stopwatch watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalMilliseconds;
    }
}
