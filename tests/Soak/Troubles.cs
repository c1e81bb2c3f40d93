using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Soak;

/// <summary>Faults of the cluster during a command: different failures, an outage, or very little data.</summary>
internal static class Troubles
{
    /// <summary>Starts a fault.</summary>
    /// <param name="world">The cluster.</param>
    /// <param name="random">Selects the fault.</param>
    /// <param name="stop">Canceled when the command has ended.</param>
    /// <returns>A description of the fault, and a task that ends with it.</returns>
    public static (string Name, Task Over) Begin(World world, Random random, CancellationToken stop)
    {
        int size = (int)world.Blob.Size;
        switch (random.Next(8))
        {
            case 0:
                world.Emulator.Faults.Add(Drip(random));
                return ("drip", Task.CompletedTask);
            case 1:
                return ("away", AwayAsync(world, random.Next(30), random.Next(20, 300), random.Next(2) == 0, stop));
            case 2 when random.Next(3) == 0:
                return ("restarted", world.RestartAsync(TimeSpan.FromMilliseconds(random.Next(30)), TimeSpan.FromMilliseconds(random.Next(20, 200))));
            case 3:
                // The offset is ignored during the whole command, and most responses are cut off before that can be detected.
                world.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.IgnoreRange, AfterBytes = random.Next(1, size + 1), Skip = random.Next(3), Times = random.Next(1, 40) });
                return ("offset ignored", Task.CompletedTask);
            case 4 or 5:
                for (int count = random.Next(1, 6); count > 0; count--)
                {
                    world.Emulator.Faults.Add(Schedules.Trouble(random, size, publish: false));
                }

                return ("faults", Task.CompletedTask);
            default:
                return ("none", Task.CompletedTask);
        }
    }

    private static Fault Drip(Random random)
    {
        Fault drip = new() { Path = "/blobs/*/data", Skip = random.Next(3), Times = random.Next(2) == 0 ? int.MaxValue : random.Next(1, 30) };
        return random.Next(3) switch
        {
            0 => drip with { Kind = FaultKind.CutAfter, AfterBytes = 1, Reset = random.Next(2) == 0 },
            1 => drip with { Kind = FaultKind.Stall, AfterBytes = 1, Delay = TimeSpan.FromMilliseconds(50) },
            _ => drip with { Kind = FaultKind.Slow, BytesPerSecond = random.Next(10_000, 100_000) },
        };
    }

    private static async Task AwayAsync(World world, int after, int during, bool reset, CancellationToken stop)
    {
        bool away = false;
        world.Emulator.Faults.Add(new Fault { Method = "*", Kind = FaultKind.CutBeforeHeaders, Reset = reset, Times = int.MaxValue, When = _ => Volatile.Read(ref away) });
        await Task.Delay(after, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Volatile.Write(ref away, true);
        await Task.Delay(during, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Volatile.Write(ref away, false);
    }
}
