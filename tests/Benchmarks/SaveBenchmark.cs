using System.Diagnostics;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>Compares Save-SfBlobData, in an engine with a connected session, with other programs that download a file over HTTP.</summary>
internal sealed class SaveBenchmark(string verb, string directory, int pairs, int mebibytes) : IDisposable
{
    // The download loop of the Python client, writing to a file: requests of 512 MiB, reads of 8 KiB, no verification.
    private const string PythonLoop =
        """
        import sys, requests
        url, token, path, size = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
        with open(path, 'wb') as f:
            offset = 0
            while offset < size:
                r = requests.get(url, params={'offset': offset, 'limit': 512 * 1024 * 1024}, headers={'Authorization': 'Bearer ' + token}, stream=True)
                for chunk in r.iter_content(chunk_size=8192):
                    f.write(chunk)
                    offset += len(chunk)
        """;

    private readonly string _ours = Path.Combine(Path.GetFullPath(directory), "saved.bin");
    private readonly string _theirs = Path.Combine(Path.GetFullPath(directory), "fetched.bin");
    private readonly Engine _engine = new();
    private readonly Figures _figures = new(verb);

    private static bool HasPwsh => Child.Has("pwsh", "-NoProfile", "-c", "1");

    private long Size => (long)mebibytes << 20;

    public async Task<int> RunAsync()
    {
        Console.WriteLine($"{mebibytes} MiB into {directory}, {pairs} pairs; seconds, and the other's time by ours");

        // A run that was stopped can leave a transfer of another blob.
        Array.ForEach(Directory.GetFiles(Path.GetDirectoryName(_ours)!, "saved.bin*"), File.Delete);
        await using (Server server = await Server.StartAsync(new ServerOptions { Size = Size }))
        {
            _engine.Connect(server);
            string url = $"{server.Url}blobs/{server.Blobs[0]}/data";
            string[] curl = ["-sf", "-H", $"Authorization: Bearer {server.Token}", "-o", _theirs, url];
            Compare("curl -o, nothing verified", 0.95, 1.15, server, "-Verification None", () => Child.Run("curl", curl));
            Compare("curl -o && sha512sum", 1.3, 1.8, server, "-Verification Required", () => Then(curl, "sha512sum"));
            Compare("curl -o && sha256sum", 1.3, 1.8, server, "-Verification Required", () => Then(curl, "sha256sum"));
            if (Child.Has("python3", "-c", "import requests"))
            {
                Compare("the Python client's loop, which verifies nothing", 1, 1.5, server, "-Verification Required",
                    () => Child.Run("python3", "-c", PythonLoop, url, server.Token, _theirs, $"{Size}"));
            }

            if (Child.Has("aria2c", "--version"))
            {
                string twin = $"{server.Url}emulator/data/{server.Blobs[0]}";
                Compare("aria2c -x4 from a server of ranges", 0.9, 1.1, server, "-Verification None",
                    () => Child.Run("aria2c", "-q", "-x4", "-s4", "--file-allocation=none", "--allow-overwrite=true", "-d", Path.GetDirectoryName(_theirs)!, "-o", Path.GetFileName(_theirs), twin));
            }

            if (HasPwsh)
            {
                Environment.SetEnvironmentVariable("SHAKENFIST_API_URL", server.Url);
                Environment.SetEnvironmentVariable("SHAKENFIST_NAMESPACE", "system");
                Environment.SetEnvironmentVariable("SHAKENFIST_KEY", server.Key);
                string whole = $"Import-Module '{Engine.Manifest}'; Save-SfBlobData {server.Blobs[0]} '{_ours}' -Verification Required";
                new Comparison("curl && sha512sum, ours with pwsh's start and all", 1.3, 1.5).Run(
                    pairs, server,
                    () =>
                    {
                        Child.Run("pwsh", "-NoProfile", "-c", whole);
                        File.Delete(_ours);
                    },
                    () => Then(curl, "sha512sum")).AddTo(_figures);
                string script = $"Invoke-WebRequest '{url}' -Headers @{{ Authorization = 'Bearer {server.Token}' }} -OutFile '{_theirs}'; Get-FileHash '{_theirs}' -Algorithm SHA512";
                Compare("Invoke-WebRequest && Get-FileHash, theirs with pwsh's start", 2, 3, server, "-Verification Required", () => Child.Run("pwsh", "-NoProfile", "-c", script));
            }

            Memory.Measure(_figures, $"{mebibytes} MiB, 8 connections", () => Save(server, "-ThrottleLimit 8"), Size);
            Compare("ours without progress, against with it", 0.99, 1, server, "-ProgressAction Continue", () => Save(server, "-ProgressAction SilentlyContinue"));
        }

        return _figures.Report();
    }

    /// <summary>Measures high latency, low bandwidth, resets, and small blobs.</summary>
    public async Task<int> RunNetworkAsync()
    {
        Console.WriteLine($"{mebibytes} MiB into {directory}, {pairs} pairs; seconds, and the other's time by ours");
        await using (Server server = await Server.StartAsync(new ServerOptions { Size = Size, FirstByte = 100 }))
        {
            (string url, Process proxy) = await DelayProxy.StartAsync(server.Url, 50);
            _engine.Connect(server, url);
            Compare("1 connection, 50 ms round trip, 100 ms to first byte", 3.2, 3.6, server, "-ThrottleLimit 4", () => Save(server, "-ThrottleLimit 1"));
            proxy.StandardInput.Close();
        }

        await using (Server server = await Server.StartAsync(new ServerOptions { Size = Size, BytesPerSecond = 20_000_000 }))
        {
            _engine.Connect(server);
            string[] curl = ["-sf", "-H", $"Authorization: Bearer {server.Token}", "-o", _theirs, $"{server.Url}blobs/{server.Blobs[0]}/data"];
            Compare("curl, 20 MB/s for each connection, ours with 4", 3.5, 3.5, server, "-ThrottleLimit 4", () => Child.Run("curl", curl));
            Compare("curl, 20 MB/s for each connection, ours with 8", 3.5, 7, server, "-ThrottleLimit 8", () => Child.Run("curl", curl));
        }

        await using (Server quiet = await Server.StartAsync(new ServerOptions { Size = Size }))
        {
            List<double> ratios = [];
            for (int i = 0; i < pairs + 1; i++)
            {
                // Each reset happens only once for each server process.
                await using Server resetting = await Server.StartAsync(new ServerOptions { Size = Size, ResetEvery = 64 });
                _engine.Connect(resetting);
                double with = Seconds(() => Save(resetting, string.Empty));
                _engine.Connect(quiet);
                double without = Seconds(() => Save(quiet, string.Empty));
                ratios.Add(with / without);
            }

            _figures.Add("one reset per 64 MiB, time against none", ratios[1..]);
        }

        await using (Server server = await Server.StartAsync(new ServerOptions { Size = Size, Buffers = true, FirstByte = 50 }))
        {
            _engine.Connect(server);
            string[] curl = ["-sf", "-H", $"Authorization: Bearer {server.Token}", "-o", _theirs, $"{server.Url}blobs/{server.Blobs[0]}/data"];
            Compare("curl && sha512sum, the server of 2024", 1, 1, server, "-Verification Required", () => Then(curl, "sha512sum"));
        }

        await CompareSmallAsync();
        return _figures.Report();
    }

    /// <summary>Measures only many small blobs.</summary>
    public async Task<int> RunSmallAsync()
    {
        await CompareSmallAsync();
        return _figures.Report();
    }

    /// <summary>Measures a disk image that is mostly zeros, a blob larger than the memory, and hashing of a local file.</summary>
    public async Task<int> RunFileAsync()
    {
        await using (Server server = await Server.StartAsync(new ServerOptions { Kind = "zeros", Size = Size }))
        {
            _engine.Connect(server);
            Memory.Measure(_figures, $"a disk of {mebibytes} MiB of mostly zeros", () => Save(server, "-WarningAction SilentlyContinue -ThrottleLimit 8", keep: true), Size);
            using Process stat = Child.Start("stat", ["-c", "%b", _ours]);
            double written = 512.0 * long.Parse(await stat.StandardOutput.ReadToEndAsync(), System.Globalization.CultureInfo.InvariantCulture);
            _figures.Add("mostly zeros: room on the disk / data", written / (Size / 64));
            File.Delete(_ours);
        }

        await using (Server server = await Server.StartAsync(new ServerOptions { Size = 2048L << 20 }))
        {
            _engine.Connect(server);
            Save(server, string.Empty, keep: true);
            _engine["record"] = server.Blobs[0];
            _ = _engine.Run("$record = Get-SfBlob $record");
            new Comparison("sha512sum of 2 GiB, ours by SHA-512", 1.5, 2).Run(pairs, server, () => _engine.Run("$record | Test-SfBlobData $file -Algorithm SHA512"), () => Child.Run("sha512sum", _ours)).AddTo(_figures);
            new Comparison("sha512sum of 2 GiB, ours by the best published", 1.5, 2).Run(pairs, server, () => _engine.Run("$record | Test-SfBlobData $file"), () => Child.Run("sha512sum", _ours)).AddTo(_figures);
            if (HasPwsh)
            {
                string script = $"$watch = [Diagnostics.Stopwatch]::StartNew(); $null = Get-FileHash '{_ours}' -Algorithm SHA512; [Console]::Write($watch.ElapsedMilliseconds)";
                List<double> ratios = [];
                for (int i = 0; i < pairs; i++)
                {
                    double ours = Seconds(() => _engine.Run("$record | Test-SfBlobData $file -Algorithm SHA512"));
                    using Process pwsh = Child.Start("pwsh", ["-NoProfile", "-c", script]);
                    ratios.Add(long.Parse(await pwsh.StandardOutput.ReadToEndAsync(), System.Globalization.CultureInfo.InvariantCulture) / 1000.0 / ours);
                }

                _figures.Add("Get-FileHash of 2 GiB without pwsh's start / ours by SHA-512", ratios);
            }
        }

        return _figures.Report();
    }

    public void Dispose()
    {
        _engine.Dispose();
        File.Delete(_ours);
        File.Delete(_theirs);
    }

    private static double Seconds(Action action)
    {
        Stopwatch watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalSeconds;
    }

    private async Task CompareSmallAsync()
    {
        await using Server server = await Server.StartAsync(new ServerOptions { Size = 64 << 10, Count = 2000 });
        _engine.Connect(server);
        _engine["blobs"] = server.Blobs;
        string folder = Directory.CreateDirectory(_theirs + ".d").FullName;
        string config = _theirs + ".curl";
        File.WriteAllLines(config, server.Blobs.SelectMany(b => new[] { $"url = {server.Url}blobs/{b}/data", $"output = {folder}/{b}" }));
        _engine["folder"] = Directory.CreateDirectory(_ours + ".d").FullName;
        new Comparison("curl, one connection, 2000 blobs of 64 KiB", 1, 1).Run(
            pairs, server,
            () => _engine.Run("Get-SfBlob | Save-SfBlobData -Path $folder -Force; [IO.Directory]::GetFiles($folder).ForEach{ [IO.File]::Delete($_) }"),
            () => Child.Run("curl", "-sf", "-H", $"Authorization: Bearer {server.Token}", "-K", config)).AddTo(_figures);
        Directory.Delete(folder, recursive: true);
        Directory.Delete(_ours + ".d", recursive: true);
        File.Delete(config);
    }

    private void Compare(string name, double pass, double aim, Server server, string parameters, Action theirs) =>
        new Comparison(name, pass, aim).Run(
            pairs, server, () => Save(server, parameters),
            () =>
            {
                theirs();
                File.Delete(_theirs);
            }).AddTo(_figures);

    private void Save(Server server, string parameters, bool keep = false)
    {
        File.Delete(_ours);
        _engine["blob"] = server.Blobs[0];
        _engine["file"] = _ours;
        _ = _engine.Run($"Save-SfBlobData $blob $file {parameters}");
        if (!keep)
        {
            File.Delete(_ours);
        }
    }

    private void Then(string[] curl, string hasher)
    {
        Child.Run("curl", curl);
        Child.Run(hasher, _theirs);
    }
}
