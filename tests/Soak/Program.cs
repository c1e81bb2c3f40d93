using System.Globalization;
using ShakenFist.Blobs.Soak;

const string Usage =
    """
    schedules [N] [SEED]   N random schedules (1000) of sizes, parts, connections, servers, faults and stops, from SEED (1) on
    kill [N] [SEED]        N processes (200) killed at random points of a transfer, which is then run again, from SEED (1) on

    Each ends with the identical file or the run fails, and says with which seed it can be repeated: schedules 1 SEED.
    """;

return args switch
{
    ["schedules", .. string[] rest] => await Schedules.RunAsync(Number(rest, 0, 1000), Number(rest, 1, 1), Console.Out),
    ["kill", .. string[] rest] => await Kills.RunAsync(Number(rest, 0, 200), Number(rest, 1, 1), Console.Out),

    // The role of the process that is killed.
    ["save", string url, string blob, string target, string connections, string sparse] =>
        await Kills.SaveAsync(new Uri(url), Guid.Parse(blob), target, Number([connections], 0, 4), sparse == "sparse"),
    _ => Fail(),
};

static int Number(string[] given, int index, int otherwise) => index < given.Length ? int.Parse(given[index], CultureInfo.InvariantCulture) : otherwise;

static int Fail()
{
    Console.Error.WriteLine(Usage);
    return 2;
}
