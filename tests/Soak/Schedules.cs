using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Resilience;

namespace ShakenFist.Blobs.Soak;

/// <summary>
/// Transfers with random schedules: any size, blocks, connections, server, faults, stops, and power failures. Each is repeated until the blob is saved.
/// </summary>
internal static class Schedules
{
    // A command can end with an error if it has too many faults. The next command resumes the transfer. This number of commands must be enough.
    private const int MaxCommands = 30;

    private static readonly FaultKind[] Kinds =
    [
        FaultKind.CutAfter, FaultKind.CutAfter, FaultKind.CutBeforeHeaders, FaultKind.EndShort, FaultKind.WrongBody, FaultKind.ExpireToken, FaultKind.ExtraBytes,
        FaultKind.FlipBit, FaultKind.Zeros, FaultKind.WrongOffset, FaultKind.Status, FaultKind.IgnoreLimit, FaultKind.IgnoreRange, FaultKind.LyingLength, FaultKind.Stall,
        FaultKind.ContentEncoding, FaultKind.NullJson, FaultKind.Redirect,
    ];

    private static readonly FaultKind[] Damage = [FaultKind.FlipBit, FaultKind.Zeros, FaultKind.WrongOffset];

    private static readonly int[] Statuses = [500, 503, 404, 406, 429, 502, 204];

    private static readonly string[] Bodies =
        ["""{"error": "blob missing", "status": 404}""", """{"message": "Internal Server Error"}""", "<!DOCTYPE html><html></html>", "Bad gateway", ""];

    /// <summary>Runs the schedule of a seed.</summary>
    /// <exception cref="InvalidOperationException">The file was not identical at the end.</exception>
    public static async Task RunAsync(int seed, Tally tally)
    {
        Random random = new(seed);
        int part = 1 << random.Next(12, 18);
        int size = random.Next(4) switch
        {
            0 => random.Next(1, 5000),
            1 => Math.Max(1, (part * random.Next(1, 20)) + random.Next(-1, 2)),
            _ => random.Next(1, 2 << 20),
        };
        bool publish = random.Next(3) > 0;
        EmulatorOptions server = new() { Generation = (ServerGeneration)random.Next(3), KeepAlive = random.Next(2) == 0 };
        SfTransportOptions client = new()
        {
            NoProxy = true,
            RetryDelay = TimeSpan.FromMilliseconds(1),
            IdleTimeout = TimeSpan.FromMilliseconds(200),
            BlockBytes = random.Next(5) == 0 ? null : part,
            RequestBytes = random.Next(3) == 0 ? null : Math.Max(4096, part * random.Next(1, 6) / 2),
        };
        await using World world = await World.StartAsync(EmulatedBlob.Generated(size, seed, publishChecksums: publish), server);
        if (random.Next(4) == 0)
        {
            // A disk of many zeros.
            byte[] bytes = new byte[size];
            random.NextBytes(bytes.AsSpan(0, size / 3));
            world.Blob.Content = new MemoryContent(bytes);
        }

        using SfSession session = await World.ConnectAsync(world.Emulator.Url, client);
        SfBlob record = await world.GetRecordAsync(session);
        bool rereads = !publish && random.Next(2) == 0;
        Fault[] faults = [.. Enumerable.Range(0, random.Next(8)).Select(_ => Trouble(random, size, publish))];
        if (rereads)
        {
            // A second download finds damage that only a hash finds otherwise, unless the same bytes are damaged in both.
            faults = [.. faults, Trouble(random, size, publish: true) with { Kind = Damage[random.Next(Damage.Length)], AfterBytes = random.Next(size), Status = 0, Body = null, Times = 1 }];
        }

        tally.Begin(string.Join("\n  ", faults
            .Select(f => $"{f.Kind} after {f.AfterBytes}, skip {f.Skip}, times {f.Times}, status {f.Status}, reset {f.Reset}, body {f.Body}")
            .Prepend($"{size} bytes, published: {publish}, {server}, parts {client.BlockBytes}, windows {client.RequestBytes}")));
        foreach (Fault fault in faults)
        {
            world.Emulator.Faults.Add(fault);
            Tally.Count(tally.Faults, $"{fault.Kind}");
        }

        SfBlobSaveOptions options = new()
        {
            Limits = new SfTransferLimits(random.Next(1, 17)),
            Sparse = (SfSparsePolicy)random.Next(3),
            CreateXxh128 = random.Next(4) == 0 ? null : Xxh128.Create,
            Force = true,
            Verification = rereads ? SfVerificationPolicy.Reread : SfVerificationPolicy.IfAvailable,

            // Short pauses. If a command fails, another one resumes the transfer.
            RetryTimeout = TimeSpan.FromSeconds(20),
        };
        for (int command = 1; ; command++)
        {
            tally.Commands++;
            using CancellationTokenSource stop = new();
            if (random.Next(4) == 0)
            {
                stop.CancelAfter(random.Next(1, 40));
            }

            try
            {
                SfBlobSaveResult transfer = await session.SaveBlobDataAsync(record, world.Target, options, tally, stop.Token).WaitAsync(TimeSpan.FromSeconds(60));
                tally.Bytes += transfer.BytesReceived;
                if (rereads != (transfer.Verification == SfVerificationOutcome.Reread))
                {
                    throw new InvalidOperationException($"The verification was {transfer.Verification}.");
                }

                break;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                Tally.Count(tally.Errors, "stopped");
            }
            catch (SfException e)
            {
                Tally.Count(tally.Errors, e.Error.Id);
            }

            if (File.Exists(world.Target))
            {
                throw new InvalidOperationException("A command that failed has left a file.");
            }

            if (command == MaxCommands)
            {
                throw new InvalidOperationException($"{MaxCommands} commands did not do it.");
            }

            if (random.Next(6) == 0)
            {
                Tally.Count(tally.Losses, Tampering.LosePower(world.Target, random));
            }
        }

        world.CheckFile(world.Target);
    }

    /// <summary>Creates a fault of the cluster. Without a published hash, excludes faults that only a hash can detect.</summary>
    public static Fault Trouble(Random random, int size, bool publish)
    {
        FaultKind kind = Kinds[random.Next(Kinds.Length)];
        if (!publish && kind is FaultKind.FlipBit or FaultKind.Zeros or FaultKind.WrongOffset)
        {
            // Only a published hash can detect these faults.
            kind = FaultKind.CutAfter;
        }

        return new Fault
        {
            Path = "/blobs/*/data",
            Kind = kind,
            Skip = random.Next(4),
            Times = random.Next(8) == 0 ? 4 : 1,
            AfterBytes = kind is FaultKind.ExtraBytes ? random.Next(1, 200_000) : kind is FaultKind.IgnoreRange && random.Next(2) == 0 ? 0 : random.Next(size + 1),
            Status = kind == FaultKind.Status ? Statuses[random.Next(Statuses.Length)] : 0,
            Body = kind == FaultKind.WrongBody ? Bodies[random.Next(Bodies.Length)] : kind == FaultKind.ContentEncoding ? "br" : null,
            Location = kind == FaultKind.Redirect ? "/" : null,
            Delay = kind == FaultKind.Stall ? TimeSpan.FromSeconds(1) : TimeSpan.Zero,
            Reset = random.Next(2) == 0,
        };
    }
}
