using System.Diagnostics;
using System.Globalization;

namespace ShakenFist.Blobs.Soak;

/// <summary>Random schedules, and killed processes between them, for as long as asked: until one file is wrong.</summary>
public static class Endurance
{
    // A killed process takes as long as many schedules.
    private const int SchedulesPerKill = 25;
    private const int SchedulesPerSample = 25;

    /// <summary>Runs so many schedules, or for so long, whichever comes first.</summary>
    /// <param name="count">Schedules.</param>
    /// <param name="time">How long, or null for as long as it takes.</param>
    /// <param name="seed">The first seed; each schedule has the next one.</param>
    /// <param name="kills">Kill processes, too.</param>
    /// <param name="log">Told of the outcome.</param>
    /// <returns>0 if every file was right.</returns>
    public static async Task<int> RunAsync(int count, TimeSpan? time, int seed, bool kills, TextWriter log)
    {
        ArgumentNullException.ThrowIfNull(log);
        Stopwatch watch = Stopwatch.StartNew();
        Tally tally = new();
        Drift drift = new();
        int done = 0;
        for (; done < count && (time is null || watch.Elapsed < time); done++)
        {
            int now = seed + done;
            string verb = "schedules";
            try
            {
                await RunOneAsync(now, tally);
                if (kills && (done + 1) % SchedulesPerKill == 0)
                {
                    verb = "kill";
                    await Kills.RunAsync(now, int.MaxValue, tally);
                }
            }
            catch (Exception e)
            {
                log.WriteLine($"FAILED with seed {now}, to be repeated by: {verb} 1 {now}\n{e}\n{tally.Last}");
                return 1;
            }

            if ((done + 1) % SchedulesPerSample == 0)
            {
                drift.Sample(done + 1);
            }
        }

        int transfers = done + tally.KilledTransfers;
        log.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{done} schedules from seed {seed} on and {tally.KilledTransfers} transfers with {tally.Kills} killed processes: {tally.Commands} commands, {tally.Bytes >> 20} MiB received, {watch.Elapsed.TotalSeconds:0} s."));
        log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Every file identical. Silent corruptions: 0 in {transfers} transfers, so fewer than one in {Math.Max(1, transfers / 3)} (95 %)."));
        log.WriteLine($"Faults: {Tally.List(tally.Faults)}");
        log.WriteLine($"Losses of power: {Tally.List(tally.Losses)}");
        log.WriteLine($"Interferences: {Tally.List(tally.Interferences)}");
        log.WriteLine($"Commands that ended in an error: {Tally.List(tally.Errors)}");
        foreach (string line in drift.Describe())
        {
            log.WriteLine(line);
        }

        return 0;
    }

    /// <summary>Every second schedule is contested, and one in eight is about a verdict.</summary>
    private static Task RunOneAsync(int seed, Tally tally) => OperatingSystem.IsWindows() || seed % 2 == 1 ? Schedules.RunAsync(seed, tally)
        : seed % 8 == 6 ? VerdictSchedules.RunAsync(seed, tally)
        : ContestedSchedules.RunAsync(seed, tally);
}
