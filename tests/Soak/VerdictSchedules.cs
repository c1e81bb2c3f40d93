using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Resilience;

namespace ShakenFist.Blobs.Soak;

/// <summary>
/// Transfers with wrong data that only a hash can detect. First, runs with a hash detect the mismatch, or are stopped before that. Then the server returns correct
/// data, and runs that may have no hash save the blob. Their file must not contain wrong data.
/// </summary>
internal static class VerdictSchedules
{
    private const int MaxCommands = 15;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    /// <summary>Runs the schedule of a seed.</summary>
    /// <exception cref="InvalidOperationException">A rule was violated.</exception>
    public static async Task RunAsync(int seed, Tally tally)
    {
        Random random = new(seed);
        int part = 1 << random.Next(12, 16);
        int size = random.Next(1, 1 << 19);
        EmulatorOptions server = new() { Generation = (ServerGeneration)random.Next(3), KeepAlive = random.Next(2) == 0 };
        SfTransportOptions client = new() { NoProxy = true, RetryDelay = TimeSpan.FromMilliseconds(1), IdleTimeout = TimeSpan.FromMilliseconds(200), BlockBytes = part };
        await using World world = await World.StartAsync(EmulatedBlob.Generated(size, seed, publishChecksums: true), server);
        tally.Begin($"verdict: {size} bytes, {server}, blocks {part}");
        using SfSession session = await World.ConnectAsync(world.Emulator.Url, client);
        SfBlob record = await World.GetRecordAsync(session, world.Blob);
        world.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.FlipBit, AfterBytes = random.Next(size), Times = int.MaxValue });
        bool hasVerdict = false;
        for (int command = 1; !hasVerdict && !tally.Last.Contains("does not match the published", StringComparison.Ordinal); command++)
        {
            string ending = await RunOneAsync(session, world, Knowledge.WithHash(record, world.Blob, random), random, tally, stops: command < MaxCommands / 2);
            hasVerdict = ending == SfErrors.HashMismatch.Id;
            if (ending == "saved" || command == MaxCommands)
            {
                throw new InvalidOperationException($"Wrong data ended with: {ending}.");
            }
        }

        if (hasVerdict && BlobTransferApi.Get(world.Target) is not { State: SfBlobTransferState.HashMismatch })
        {
            throw new InvalidOperationException("The verdict was not recorded.");
        }

        Tally.Count(tally.Faults, hasVerdict ? "verdict" : "stopped before the verdict");
        world.Emulator.Faults.Clear();
        bool isFirst = true;
        for (int command = 1; ; command++, isFirst = false)
        {
            Knowledge knowledge = command < MaxCommands / 2 ? Knowledge.WithoutHash(record, world.Blob, random) : Knowledge.Full(record, world.Blob);
            string ending = await RunOneAsync(session, world, knowledge, random, tally, stops: command < MaxCommands / 2, mustBeFresh: isFirst && hasVerdict);
            if (ending == "saved")
            {
                break;
            }

            if (command == MaxCommands)
            {
                throw new InvalidOperationException($"{MaxCommands} commands did not do it. The last: {ending}.");
            }
        }

        world.CheckFile(world.Target);
    }

    private static async Task<string> RunOneAsync(SfSession session, World world, Knowledge knowledge, Random random, Tally tally, bool stops, bool mustBeFresh = false)
    {
        tally.Commands++;
        tally.Verbose($"Next: {knowledge.Name}");
        SfBlobSaveOptions options = knowledge.Apply(new SfBlobSaveOptions
        {
            Limits = new SfTransferLimits(random.Next(1, 9)),
            Sparse = (SfSparsePolicy)random.Next(3),
            CreateXxh128 = Xxh128.Create,
            RetryTimeout = TimeSpan.FromSeconds(2),
        });
        using CancellationTokenSource stop = new();
        if (stops && random.Next(2) == 0)
        {
            stop.CancelAfter(random.Next(1, 40));
        }

        try
        {
            SfBlobSaveResult transfer = await session.SaveBlobDataAsync(knowledge.Record, world.Target, options, tally, stop.Token).WaitAsync(Bound);
            tally.Bytes += transfer.BytesReceived;
            world.CheckFile(world.Target);
            return mustBeFresh && transfer.BytesResumed > 0 ? throw new InvalidOperationException("Data was kept that a mismatch was found in.") : "saved";
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Tally.Count(tally.Errors, "stopped");
            return File.Exists(world.Target) ? throw new InvalidOperationException("A command that was stopped has left a file.") : "stopped";
        }
        catch (SfException e)
        {
            Tally.Count(tally.Errors, e.Error.Id);
            return File.Exists(world.Target) ? throw new InvalidOperationException("A command that failed has left a file.") : e.Error.Id;
        }
    }
}
