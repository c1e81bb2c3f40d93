using System.Diagnostics;
using System.Globalization;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Soak;

/// <summary>
/// Transfers whose process is killed at a random point, sometimes several times, sometimes with a simulated power failure, or with another program that interferes. The
/// processes have different hashes, and some run without locks. Then a command runs to its end. The file must be the blob, and little data may be fetched again.
/// </summary>
public static class Kills
{
    /// <summary>Kills processes until the specified number were running when they were killed.</summary>
    /// <returns>0 if all files were correct.</returns>
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
                log.WriteLine($"FAILED with seed {run}: {e}\n{tally.Last}");
                return 1;
            }
        }

        List<double> again = tally.FetchedAgain;
        again.Sort();
        log.WriteLine($"{tally.KilledTransfers} transfers, {count} kills, every file identical; 0 silent corruptions.");
        log.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Fetched again after a kill, MiB in all: median {again[again.Count / 2]:0.0}, 95 % {again[(int)(again.Count * 0.95)]:0.0}, most {again[^1]:0.0} ({again.Count} kills without loss of power)."));
        log.WriteLine($"Losses of power on top: {Tally.List(tally.Losses)}");
        log.WriteLine($"Interferences: {Tally.List(tally.Interferences)}");
        return 0;
    }

    /// <summary>The entry point of the process that is killed. It runs a normal transfer.</summary>
    /// <param name="url">The cluster.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="target">The file.</param>
    /// <param name="connections">Maximum number of connections.</param>
    /// <param name="sparse">Whether to write a sparse file.</param>
    /// <param name="knowledge">The hash of the process: published, missing (vanished), or ignored (none).</param>
    public static async Task<int> SaveAsync(Uri url, Guid blob, string target, int connections, bool sparse, string knowledge)
    {
        using SfSession session = await World.ConnectAsync(url, new SfTransportOptions { NoProxy = true, RetryDelay = TimeSpan.FromMilliseconds(20) });
        SfBlob record = await session.GetBlobAsync(blob, NullLog.Instance, CancellationToken.None);
        SfBlobSaveOptions options = new()
        {
            Limits = new SfTransferLimits(connections),
            Sparse = sparse ? SfSparsePolicy.Always : SfSparsePolicy.Never,
            CreateXxh128 = Xxh128.Create,
            Verification = knowledge == "none" ? SfVerificationPolicy.None : SfVerificationPolicy.IfAvailable,
            RetryTimeout = TimeSpan.FromSeconds(20),

            // The process may have been killed after it was done.
            Force = true,
        };
        if (knowledge == "vanished")
        {
            record = record with { Checksums = [], Sha512 = null };
        }

        try
        {
            SfBlobSaveResult transfer = await session.SaveBlobDataAsync(record, target, options, NullLog.Instance, CancellationToken.None);
            return transfer.Size == record.Size ? 0 : 1;
        }
        catch (SfException e)
        {
            Console.Error.WriteLine($"{e.Error.Id}: {e.Message}");
            return e.Message.Contains("is a bug", StringComparison.Ordinal) ? 3 : 1;
        }
    }

    /// <summary>Runs the transfer of a seed, and kills its processes up to this number of times.</summary>
    /// <exception cref="InvalidOperationException">The file was not identical at the end.</exception>
    internal static async Task RunAsync(int seed, int max, Tally tally)
    {
        Random random = new(seed);
        long size = random.Next(6 << 20, 64 << 20);
        int connections = random.Next(1, 9);
        EmulatorOptions options = new()
        {
            Generation = (ServerGeneration)random.Next(3),
            KeepAlive = random.Next(2) == 0,

            // Slow enough to kill the process during the transfer.
            BytesPerSecond = size / Math.Min(connections, 4) * 2,
        };
        bool publish = random.Next(4) > 0;
        await using World world = await World.StartAsync(EmulatedBlob.Generated(size, seed, publishChecksums: publish), options);
        _ = world.Blob.Sha512;
        string sparse = random.Next(2) == 0 ? "sparse" : "full";
        bool hasLocks = random.Next(3) > 0;
        bool interferes = !OperatingSystem.IsWindows() && random.Next(3) == 0;
        bool ignoresOffset = publish && random.Next(3) == 0;
        if (random.Next(4) == 0)
        {
            File.WriteAllBytes(world.Target, new byte[1000]);
        }

        using Interference interference = new(world, seed, tally, hasLocks: true, touchesTarget: false);
        if (ignoresOffset)
        {
            // Only a hash can detect this fault, so it ends before runs without a hash begin.
            world.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.IgnoreRange, AfterBytes = random.Next(1, (int)size), Times = int.MaxValue });
        }

        int hit = 0;
        for (int wanted = random.Next(1, 4); wanted > 0 && hit < max; wanted--)
        {
            long doneBefore = Done(world);
            long sentBefore = Sent(world);
            int requestsBefore = DataRequests(world);
            using Process process = Start(world, connections, sparse, ignoresOffset ? "published" : Knowledge(random), hasLocks);
            using CancellationTokenSource over = new();
            interference.Start(interferes ? random.Next(1, 5) : 0);
            Task interfering = Task.CompletedTask;
            while (!process.HasExited && DataRequests(world) == requestsBefore)
            {
                await Task.Delay(5);
            }

            interfering = interference.RunAsync(over.Token);
            bool exited = process.WaitForExit(random.Next(0, 900));
            if (!exited)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            interference.Stop();
            await over.CancelAsync();
            await interfering;
            if (exited && process.ExitCode == 3)
            {
                throw new InvalidOperationException("A process found a bug.");
            }

            if (exited && !interferes)
            {
                break;
            }

            hit += exited ? 0 : 1;
            tally.Kills += exited ? 0 : 1;
            interference.RemoveLinks();
            interference.Foreign.Check();
            if (interferes)
            {
                continue;
            }

            if (random.Next(3) == 0)
            {
                Tally.Count(tally.Losses, Tampering.LosePower(world.Target, random));
            }
            else if (!ignoresOffset)
            {
                tally.FetchedAgain.Add(Math.Max(0, Sent(world) - sentBefore - (Done(world) - doneBefore)) / (double)(1 << 20));
            }
        }

        world.Emulator.Faults.Clear();
        string knowledge = Knowledge(random);
        using Process last = Start(world, connections, sparse, knowledge, hasLocks);
        await last.WaitForExitAsync();
        if (last.ExitCode != 0)
        {
            throw new InvalidOperationException($"The last process ({knowledge}) ended with {last.ExitCode}. Interference: {interference.Actions}");
        }

        interference.Foreign.Check();
        if (interference.HasActed)
        {
            // If the target was already the blob, files of other programs are kept. Another command removes them.
            InterruptedTransfer.Remove(world.Target);
        }

        world.CheckFile(world.Target);
        tally.KilledTransfers++;
        tally.Bytes += Sent(world);
        tally.Commands += hit + 1;
    }

    private static string Knowledge(Random random) => random.Next(4) switch { 0 => "none", 1 => "vanished", _ => "published" };

    private static int DataRequests(World world) => world.Emulator.Requests.Count(r => r.Path.EndsWith("/data", StringComparison.Ordinal));

    private static long Sent(World world) => world.Emulator.Requests.Where(r => r.Path.EndsWith("/data", StringComparison.Ordinal)).Sum(r => r.BytesSent);

    private static long Done(World world) =>
        File.Exists(world.Target) && new FileInfo(world.Target).Length == world.Blob.Size ? world.Blob.Size : BlobTransferApi.Get(world.Target)?.BytesTransferred ?? 0;

    private static Process Start(World world, int connections, string sparse, string knowledge, bool hasLocks)
    {
        string[] arguments = ["save", $"{world.Emulator.Url}", $"{world.Blob.Uuid}", world.Target, $"{connections}", sparse, knowledge];
        ProcessStartInfo start = new("dotnet", [typeof(Kills).Assembly.Location, .. arguments]);
        if (!hasLocks)
        {
            start.Environment["DOTNET_SYSTEM_IO_DISABLEFILELOCKING"] = "1";
        }

        return Process.Start(start)!;
    }
}
