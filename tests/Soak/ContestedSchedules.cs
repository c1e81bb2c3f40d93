using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Soak;

/// <summary>
/// Transfers of several commands with different hashes, while the cluster fails, another program interferes with the files, and sometimes another command saves to the
/// same target. After each command, the target must be what the command reported, and other files must be unchanged. At the end, a few undisturbed commands must save
/// the blob and leave no other files.
/// </summary>
internal static class ContestedSchedules
{
    // The number of undisturbed commands that must be enough.
    private const int MaxUndisturbed = 12;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan[] RetryTimeouts = [TimeSpan.Zero, TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(1)];

    /// <summary>Runs the schedule of a seed.</summary>
    /// <exception cref="InvalidOperationException">A rule was violated.</exception>
    public static async Task RunAsync(int seed, Tally tally)
    {
        Random random = new(seed);
        int part = 1 << random.Next(12, 17);
        int size = random.Next(4) == 0 ? random.Next(1, 5000) : random.Next(1, 1 << 20);
        EmulatorOptions server = new() { Generation = (ServerGeneration)random.Next(3), KeepAlive = random.Next(2) == 0 };
        SfTransportOptions client = new()
        {
            NoProxy = true,
            RetryDelay = TimeSpan.FromMilliseconds(1),
            IdleTimeout = TimeSpan.FromMilliseconds(200),
            BlockBytes = part,
            RequestBytes = random.Next(3) == 0 ? null : Math.Max(4096, part * random.Next(1, 6) / 2),
        };
        await using World world = await World.StartAsync(EmulatedBlob.Generated(size, seed, publishChecksums: true), server);
        EmulatedBlob other = EmulatedBlob.Generated(random.Next(2) == 0 ? size : random.Next(1, 1 << 20), seed + 1, publishChecksums: true);
        world.Add(other);
        bool interferes = random.Next(3) > 0;
        bool hasLocks = random.Next(4) > 0;
        bool touchesTarget = random.Next(3) == 0;
        tally.Begin($"contested: {size} bytes, {server}, blocks {client.BlockBytes}, requests {client.RequestBytes}, locks: {hasLocks}, interferes: {interferes}, with the target: {touchesTarget}");
        using SfSession session = await World.ConnectAsync(world.Emulator.Url, client);
        SfBlob record = await World.GetRecordAsync(session, world.Blob);
        SfBlob otherRecord = await World.GetRecordAsync(session, other);
        using Interference interference = new(world, seed, tally, hasLocks, touchesTarget);
        if (random.Next(4) == 0)
        {
            File.WriteAllBytes(world.Target, new byte[random.Next(1, 2000)]);
        }

        for (int commands = random.Next(1, 6); commands > 0; commands--)
        {
            using CancellationTokenSource over = new();
            (string trouble, Task recovered) = Troubles.Begin(world, random, over.Token);
            bool hasRival = random.Next(6) == 0;
            bool isRivalOther = random.Next(2) == 0;
            byte[]? before = ForeignFiles.TryRead(world.Target);
            bool mustVerify = !interferes && !hasRival && HasUsableChecksum(world);
            List<Task<Run>> running = [RunOneAsync(session, world, world.Blob, Knowledge.Any(record, world.Blob, random), random, tally)];
            if (hasRival)
            {
                EmulatedBlob blob = isRivalOther ? other : world.Blob;
                running.Add(RunOneAsync(session, world, blob, Knowledge.Any(isRivalOther ? otherRecord : record, blob, random), random, tally));
            }

            interference.Start(interferes ? random.Next(1, 8) : 0);
            Task interfering = interference.RunAsync(over.Token);
            Run[] runs = await Task.WhenAll(running);
            interference.Stop();
            await over.CancelAsync();
            await interfering;
            await recovered;
            Tally.Count(tally.Faults, trouble);
            tally.Verbose($"{trouble}; {string.Join("; ", runs.Select(r => r.Describe()))}; interference: {interference.Actions}");
            Check(world, interference, before, runs, tally);
            if (mustVerify && runs[0] is { Transfer: { Status: SfBlobSaveStatus.Saved } transfer, Knowledge.Verification: not SfVerificationPolicy.None } && transfer.Verification != SfVerificationOutcome.Verified)
            {
                throw new InvalidOperationException("The hash in the journal was not used.");
            }

            world.Emulator.Faults.Clear();
            if (!interferes && random.Next(8) == 0)
            {
                Tally.Count(tally.Losses, Tampering.LosePower(world.Target, random));
            }
        }

        await EndAsync(session, world, interference, record, random, tally);
    }

    private static async Task EndAsync(SfSession session, World world, Interference interference, SfBlob record, Random random, Tally tally)
    {
        interference.RemoveLinks();
        for (int command = 1; ; command++)
        {
            Knowledge knowledge = command < MaxUndisturbed / 2 ? Knowledge.Any(record, world.Blob, random) : Knowledge.Full(record, world.Blob);
            Run run = await RunOneAsync(session, world, world.Blob, knowledge, random, tally, force: true);
            tally.Verbose($"undisturbed: {run.Describe()}");
            interference.Start(0);
            if (run.Transfer is not null)
            {
                break;
            }

            if (command == MaxUndisturbed)
            {
                throw new InvalidOperationException($"{MaxUndisturbed} undisturbed commands did not do it.");
            }
        }

        interference.Foreign.Check();
        await RemoveLeftoversAsync(world.Target);
        world.CheckFile(world.Target);
        foreach (string leftover in world.LeftoversElsewhere())
        {
            await RemoveLeftoversAsync(leftover);
        }

        if (world.LeftoversElsewhere() is [string stays, ..])
        {
            throw new InvalidOperationException($"'{stays}' has leftovers that cannot be removed.");
        }
    }

    /// <summary>
    /// If the target was already the blob, files that other programs or a transfer of the other blob created next to it are kept. The file of a stopped command can be
    /// in use for a moment. Another command removes these files.
    /// </summary>
    private static async Task RemoveLeftoversAsync(string target)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                InterruptedTransfer.Remove(target);
                return;
            }
            catch (SfException e) when (e.Error == SfErrors.TargetBusy && attempt < 100)
            {
                await Task.Delay(20);
            }
        }
    }

    private static async Task<Run> RunOneAsync(SfSession session, World world, EmulatedBlob blob, Knowledge knowledge, Random random, Tally tally, bool? force = null)
    {
        tally.Commands++;
        SfBlobSaveOptions options = knowledge.Apply(new SfBlobSaveOptions
        {
            Limits = new SfTransferLimits(random.Next(1, 9)),
            Sparse = (SfSparsePolicy)random.Next(3),
            CreateXxh128 = Xxh128.Create,
            RetryTimeout = RetryTimeouts[random.Next(RetryTimeouts.Length)],
            Force = force ?? random.Next(3) > 0,
        });
        using CancellationTokenSource stop = new();
        using CancellationTokenSource deadline = new();
        if (random.Next(4) == 0)
        {
            (random.Next(2) == 0 ? stop : deadline).CancelAfter(random.Next(1, 60));
        }

        try
        {
            SfBlobSaveResult transfer = await session.SaveBlobDataAsync(knowledge.Record, world.Target, options with { TimeLimit = deadline.Token }, tally, stop.Token).WaitAsync(Bound);
            tally.Bytes += transfer.BytesReceived;
            return new Run(blob, knowledge, transfer, "done");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Tally.Count(tally.Errors, "stopped");
            return new Run(blob, knowledge, null, "stopped");
        }
        catch (SfException e)
        {
            Tally.Count(tally.Errors, e.Error.Id);
            return e.Message.Contains("is a bug", StringComparison.Ordinal) ? throw new InvalidOperationException("A command found a bug.", e) : new Run(blob, knowledge, null, $"{e.Error.Id}: {e.Message}");
        }
    }

    /// <summary>Checks that the target is what the commands reported, and that other files are unchanged.</summary>
    private static void Check(World world, Interference interference, byte[]? before, Run[] runs, Tally tally)
    {
        interference.Foreign.Check();
        byte[]? after = ForeignFiles.TryRead(world.Target);
        Run[] done = [.. runs.Where(r => r.Transfer is not null)];
        foreach (Run run in done)
        {
            if (run.Transfer!.Verification == SfVerificationOutcome.Verified && run.Transfer.Hash is null)
            {
                throw new InvalidOperationException("Verified by no hash.");
            }

            if (run.Knowledge.Verification == SfVerificationPolicy.Reread
                && run.Transfer is { Status: SfBlobSaveStatus.Saved, Verification: not (SfVerificationOutcome.Reread or SfVerificationOutcome.Verified) })
            {
                throw new InvalidOperationException("There was no second download.");
            }
        }

        if (done.Length == 0 ? AreEqual(before, after) : done.Any(r => r.IsContent(after)))
        {
            return;
        }

        if (interference.HasTouchedTarget && (after is null || interference.Foreign.HasContent(after) || AreEqual(before, after) || runs.Any(r => r.IsPrefix(after)) || interference.Actions.Contains("target cut", StringComparison.Ordinal)))
        {
            Tally.Count(tally.Losses, "target changed by others");
            return;
        }

        if (interference.HasChangedLength && after is not null && done.Any(r => r.IsPrefix(after) && after.Length != r.Blob.Size))
        {
            Tally.Count(tally.Losses, "cut after the last check");
            return;
        }

        if (interference.HasChangedLength && after is null && runs.Any(r => r.Ending.StartsWith(SfErrors.TargetChanged.Id, StringComparison.Ordinal)))
        {
            // The check after the rename found the new length and moved the file aside. The file that it replaced is lost.
            Tally.Count(tally.Losses, "cut at the rename");
            return;
        }

        throw new InvalidOperationException(done.Length == 0
            ? $"The target was changed by a command that failed: {before?.Length} bytes before, {after?.Length} after."
            : $"SILENT CORRUPTION: {after?.Length} bytes under the name that are not the blob: {done[0].DescribeDifference(after)}");
    }

    private static bool HasUsableChecksum(World world) =>
        TransferJournal.Read(world.Target) is { Header: { } header } && header.Blob == world.Blob.Uuid && PublishedHash.Best(PublishedHash.AllOf(header.Checksums)) is not null
        && File.Exists(world.Target + PartialDownload.Suffix);

    private static bool AreEqual(byte[]? one, byte[]? other) => one is null ? other is null : other is not null && one.AsSpan().SequenceEqual(other);

    /// <summary>A command that has ended.</summary>
    private sealed record Run(EmulatedBlob Blob, Knowledge Knowledge, SfBlobSaveResult? Transfer, string Ending)
    {
        private byte[] Content
        {
            get
            {
                byte[] bytes = new byte[Blob.Size];
                Blob.Content!.Read(0, bytes);
                return bytes;
            }
        }

        public bool IsContent(byte[]? bytes) => AreEqual(bytes, Content);

        public bool IsPrefix(byte[] bytes)
        {
            byte[] content = Content;
            int count = Math.Min(bytes.Length, content.Length);
            return bytes.AsSpan(0, count).SequenceEqual(content.AsSpan(0, count)) && !bytes.AsSpan(count).ContainsAnyExcept((byte)0);
        }

        public string Describe() => $"{Knowledge.Name}: {Transfer?.Status.ToString() ?? Ending} {Transfer?.Verification}";

        public string DescribeDifference(byte[]? bytes)
        {
            byte[] content = Content;
            int[] wrong = bytes is null ? [] : [.. Enumerable.Range(0, Math.Min(bytes.Length, content.Length)).Where(i => bytes[i] != content[i])];
            return wrong.Length == 0 ? "the length is wrong" : $"{wrong.Length} of {content.Length} from {wrong[0]} to {wrong[^1]}, now {(wrong.All(i => bytes![i] == 0) ? "zeros" : "other bytes")}";
        }
    }
}
