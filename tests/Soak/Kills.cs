using System.Diagnostics;
using System.Globalization;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Resilience;

namespace ShakenFist.Blobs.Soak;

/// <summary>
/// Transfers whose process is killed at a random point, sometimes several times, sometimes with what a loss of power would do on top; then the same command runs
/// to its end. The file must be the blob, and little may have been fetched again.
/// </summary>
public static class Kills
{
    /// <summary>Kills until so many have hit a process.</summary>
    /// <returns>0 if every file was right.</returns>
    public static async Task<int> RunAsync(int count, int seed, TextWriter log)
    {
        Tally tally = new();
        while (tally.Kills < count)
        {
            int run = seed + tally.KilledTransfers;
            try
            {
                await RunAsync(run, count - tally.Kills, tally);
            }
            catch (Exception e)
            {
                log.WriteLine($"FAILED with seed {run}: {e}");
                return 1;
            }
        }

        List<double> again = tally.FetchedAgain;
        again.Sort();
        log.WriteLine($"{tally.KilledTransfers} transfers, {count} kills, every file identical; 0 silent corruptions.");
        log.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Fetched again after a kill, MiB in all: median {again[again.Count / 2]:0.0}, 95 % {again[(int)(again.Count * 0.95)]:0.0}, most {again[^1]:0.0} ({again.Count} kills without loss of power)."));
        log.WriteLine($"Losses of power on top: {Tally.List(tally.Losses)}");
        return 0;
    }

    /// <summary>What the process does that is killed: a command as any other.</summary>
    public static async Task<int> SaveAsync(Uri url, Guid blob, string target, int connections, bool sparse)
    {
        using SfSession session = await World.ConnectAsync(url, new SfTransportOptions { NoProxy = true });
        SfBlob record = await session.GetBlobAsync(blob, NullLog.Instance, CancellationToken.None);
        SfDownloadOptions options = new()
        {
            Limits = new SfTransferLimits(connections),
            Sparse = sparse ? SfSparsePolicy.Always : SfSparsePolicy.Never,
            CreateXxh128 = Xxh128.Create,

            // The process may have been killed when all was done.
            Force = true,
        };
        SfBlobTransfer transfer = await session.SaveBlobDataAsync(record, target, options, NullLog.Instance, CancellationToken.None);
        return transfer.Size == record.Size ? 0 : 1;
    }

    /// <summary>Runs the transfer that the seed makes, and kills its processes so often at the most.</summary>
    /// <exception cref="InvalidOperationException">It did not end with the identical file.</exception>
    internal static async Task RunAsync(int seed, int most, Tally tally)
    {
        Random random = new(seed);
        long size = random.Next(6 << 20, 64 << 20);
        int connections = random.Next(1, 9);
        EmulatorOptions options = new()
        {
            Generation = (ServerGeneration)random.Next(3),
            KeepAlive = random.Next(2) == 0,

            // So slow that there is time to be killed in.
            BytesPerSecond = size / Math.Min(connections, 4) * 2,
        };
        await using World world = await World.StartAsync(EmulatedBlob.Generated(size, seed, publishChecksums: random.Next(4) > 0), options);
        _ = world.Blob.Sha512;
        string[] command = ["save", $"{world.Emulator.Url}", $"{world.Blob.Uuid}", world.Target, $"{connections}", random.Next(2) == 0 ? "sparse" : "full"];
        int hit = 0;
        for (int wanted = random.Next(1, 4); wanted > 0 && hit < most; wanted--)
        {
            long doneBefore = Done(world);
            long sentBefore = Sent(world);
            using Process process = Start(command);
            if (process.WaitForExit(random.Next(50, 1100)))
            {
                break;
            }

            process.Kill();
            await process.WaitForExitAsync();
            hit++;
            tally.Kills++;
            if (random.Next(3) == 0)
            {
                Tally.Count(tally.Losses, Tampering.LosePower(world.Target, random));
            }
            else
            {
                tally.FetchedAgain.Add(Math.Max(0, Sent(world) - sentBefore - (Done(world) - doneBefore)) / (double)(1 << 20));
            }
        }

        using Process last = Start(command);
        await last.WaitForExitAsync();
        if (last.ExitCode != 0)
        {
            throw new InvalidOperationException($"The last process ended with {last.ExitCode}.");
        }

        world.CheckFile(world.Target);
        tally.KilledTransfers++;
        tally.Bytes += Sent(world);
        tally.Commands += hit + 1;
    }

    private static long Sent(World world) => world.Emulator.Requests.Where(r => r.Path.EndsWith("/data", StringComparison.Ordinal)).Sum(r => r.BytesSent);

    private static long Done(World world) => File.Exists(world.Target) ? world.Blob.Size : InterruptedTransfers.Of(world.Target)?.BytesDone ?? 0;

    private static Process Start(string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [typeof(Kills).Assembly.Location, .. arguments]))!;
}
