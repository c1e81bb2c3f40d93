using System.Globalization;
using ShakenFist.Blobs.Soak;

const string Usage =
    """
    soak [N | TIME] [SEED]        N random schedules (1000), or a time limit (90s, 30m, 8h), with random sizes, blocks, connections, servers, faults, stops, and
                                  power failures, from SEED (1) on. After every 25th, a transfer whose process is killed at random points. In every
                                  second schedule, runs have different hashes, and another program interferes with the files
    schedules [N | TIME] [SEED]   the schedules without the kills
    kill [N] [SEED]               N processes (200) killed at random points of a transfer, which is then resumed, from SEED (1) on

    Each must end with the identical file. Otherwise, the run fails and reports the seed. To repeat it, use: schedules 1 SEED.
    """;

return args switch
{
    ["soak", .. string[] rest] => await EndureAsync(rest, kills: true),
    ["schedules", .. string[] rest] => await EndureAsync(rest, kills: false),
    ["kill", .. string[] rest] => await Kills.RunAsync(Number(rest, 0, 200), Number(rest, 1, 1), Console.Out),

    // The entry point of the process that is killed.
    ["save", string url, string blob, string target, string connections, string sparse, string knowledge] =>
        await Kills.SaveAsync(new Uri(url), Guid.Parse(blob), target, Number([connections], 0, 4), sparse == "sparse", knowledge),
    _ => Fail(),
};

static Task<int> EndureAsync(string[] given, bool kills)
{
    TimeSpan? time = given.Length > 0 ? Time(given[0]) : null;
    return Endurance.RunAsync(time is null ? Number(given, 0, 1000) : int.MaxValue, time, Number(given, 1, 1), kills, Console.Out);
}

static TimeSpan? Time(string given)
{
    if (given.Length < 2 || !double.TryParse(given[..^1], CultureInfo.InvariantCulture, out double number))
    {
        return null;
    }

    return given[^1] switch
    {
        's' => TimeSpan.FromSeconds(number),
        'm' => TimeSpan.FromMinutes(number),
        'h' => TimeSpan.FromHours(number),
        _ => null,
    };
}

static int Number(string[] given, int index, int otherwise) => index < given.Length ? int.Parse(given[index], CultureInfo.InvariantCulture) : otherwise;

static int Fail()
{
    Console.Error.WriteLine(Usage);
    return 2;
}
