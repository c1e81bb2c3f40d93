using System.Globalization;
using ShakenFist.Blobs.Benchmarks;

const string Usage =
    """
    import [N]              median time of Import-Module in N fresh processes, 15 unless told otherwise
    save DIRECTORY [N] [S]  N pairs (5) of Save-SfBlobData and curl with sha512sum, a blob of S MiB (1024) each, into DIRECTORY
    list [N]                a list of N blobs (100000): first object, total, growth of memory

    Prints a table, and writes the figures as JSON to benchmark-<verb>.json in the current directory.
    """;

return args switch
{
    ["import"] => await ImportBenchmark.RunAsync(15),
    ["import", string count] => await ImportBenchmark.RunAsync(Number(count)),
    ["save", string directory] => await SaveBenchmark.RunAsync(directory, 5, 1024),
    ["save", string directory, string pairs] => await SaveBenchmark.RunAsync(directory, Number(pairs), 1024),
    ["save", string directory, string pairs, string size] => await SaveBenchmark.RunAsync(directory, Number(pairs), Number(size)),
    ["list"] => await ListBenchmark.RunAsync(100_000),
    ["list", string count] => await ListBenchmark.RunAsync(Number(count)),

    // Roles of the processes that the above start.
    ["import-once", string what] => ImportBenchmark.Once(what),
    ["serve", string kind, string size] => await Server.RunAsync(kind, long.Parse(size, CultureInfo.InvariantCulture)),
    _ => Fail(),
};

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static int Fail()
{
    Console.Error.WriteLine(Usage);
    return 2;
}
