using System.Diagnostics;
using System.Globalization;

namespace ShakenFist.Blobs.Soak;

/// <summary>Runs random schedules, and kills processes between them, for the specified time, until a file is wrong.</summary>
public static class Endurance
{
    // A killed process takes as long as many schedules.
    private const int SchedulesPerKill = 25;
    private const int SchedulesPerSample = 25;

    /// <summary>Runs a number of schedules, or for a time, whichever ends first.</summary>
    /// <param name="count">Maximum number of schedules.</param>
    /// <param name="time">The time limit. Null for none.</param>
    /// <param name="seed">The first seed. Each schedule has the next one.</param>
    /// <param name="kills">Whether to also kill processes.</param>
    /// <param name="log">Receives the results.</param>
    /// <returns>0 if all files were correct.</returns>
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

    /// <summary>Every second schedule is contested, and one in eight tests the verification.</summary>
    private static Task RunOneAsync(int seed, Tally tally) => OperatingSystem.IsWindows() || seed % 2 == 1 ? Schedules.RunAsync(seed, tally)
        : seed % 8 == 6 ? VerdictSchedules.RunAsync(seed, tally)
        : ContestedSchedules.RunAsync(seed, tally);
}
