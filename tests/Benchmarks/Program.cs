using System.Globalization;
using ShakenFist.Blobs.Benchmarks;

const string Usage =
    """
    import [N]                  median time of Import-Module in N new processes. The default is 15.
    save DIRECTORY [N] [S]      N pairs (5) of Save-SfBlobData and curl, aria2c, the loop of the Python client, and others, with a blob of S MiB (1024), in DIRECTORY
    network DIRECTORY [N] [S]   the same with high latency, low bandwidth, resets, a buffering server, and 2000 small blobs (3, 256)
    small DIRECTORY [N]         only the 2000 small blobs (3)
    file DIRECTORY [N] [S]      a disk image of S MiB (8192) that is mostly zeros, and N pairs (3) of hashing a file of 2 GiB
    metadata [N]                N metadata writes (10000) to 100 blobs
    all DIRECTORY               all of these
    list [N]                    a list of N blobs (100000): first object, total, growth of memory

    Prints a table, and writes the results as JSON to benchmark-<verb>.json in the current directory.
    """;

return args switch
{
    ["import"] => await ImportBenchmark.RunAsync(15),
    ["import", string count] => await ImportBenchmark.RunAsync(Number(count)),
    ["save", string directory, .. string[] rest] => await With(directory, rest, 5, 1024, "save", b => b.RunAsync()),
    ["network", string directory, .. string[] rest] => await With(directory, rest, 3, 256, "network", b => b.RunNetworkAsync()),
    ["small", string directory, .. string[] rest] => await With(directory, rest, 3, 0, "small", b => b.RunSmallAsync()),
    ["file", string directory, .. string[] rest] => await With(directory, rest, 3, 8192, "file", b => b.RunFileAsync()),
    ["metadata"] => await MetadataBenchmark.RunAsync(10_000),
    ["metadata", string writes] => await MetadataBenchmark.RunAsync(Number(writes)),
    ["all", string directory] => await AllAsync(directory),
    ["list"] => await ListBenchmark.RunAsync(100_000),
    ["list", string count] => await ListBenchmark.RunAsync(Number(count)),

    // The roles of the processes that the benchmarks start.
    ["import-once", string what] => ImportBenchmark.Once(what),
    ["serve", string options] => await Server.RunAsync(ServerOptions.Parse(options)),
    ["delay", string port, string roundTrip] => await DelayProxy.RunAsync(Number(port), Number(roundTrip)),
    _ => Fail(),
};

static async Task<int> AllAsync(string directory) =>
    await ImportBenchmark.RunAsync(15)
    + await With(directory, [], 5, 1024, "save", b => b.RunAsync())
    + await With(directory, [], 3, 256, "network", b => b.RunNetworkAsync())
    + await With(directory, [], 3, 8192, "file", b => b.RunFileAsync())
    + await ListBenchmark.RunAsync(100_000)
    + await MetadataBenchmark.RunAsync(10_000);

static async Task<int> With(string directory, string[] rest, int pairs, int mebibytes, string verb, Func<SaveBenchmark, Task<int>> run)
{
    using SaveBenchmark benchmark = new(verb, directory, rest.Length > 0 ? Number(rest[0]) : pairs, rest.Length > 1 ? Number(rest[1]) : mebibytes);
    return await run(benchmark);
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static int Fail()
{
    Console.Error.WriteLine(Usage);
    return 2;
}
