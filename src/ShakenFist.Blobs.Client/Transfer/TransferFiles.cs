using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;

namespace ShakenFist.Blobs.Transfer;

/// <summary>The temporary file of a transfer with its journal, and what they hold: begun anew, or as an interrupted transfer has left them.</summary>
internal sealed class TransferFiles : IDisposable
{
    // How much may be lost when the power goes, and how much is left for the flush at the end. The time of a flush itself comes on top: a slow disk is not pressed.
    private static readonly TimeSpan FlushPace = TimeSpan.FromSeconds(0.5);

    private static readonly string ModuleVersion =
        typeof(TransferFiles).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? string.Empty;

    private TransferFiles(PartialFile part, TransferJournal journal, PartMap map)
    {
        Part = part;
        Journal = journal;
        Map = map;
    }

    /// <summary>The temporary file.</summary>
    public PartialFile Part { get; }

    /// <summary>Its journal.</summary>
    public TransferJournal Journal { get; }

    /// <summary>The parts that are there.</summary>
    public PartMap Map { get; }

    /// <summary>Opens what an interrupted transfer of the same blob to the same target has left, or begins anew.</summary>
    /// <param name="part">The temporary file, locked; it stays the caller's.</param>
    /// <param name="target">The file that it is to become.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="partBytes">Length of the parts if it begins anew.</param>
    /// <param name="options">What is allowed.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="log">Told of what cannot be used.</param>
    /// <exception cref="SfException"><see cref="SfErrors.TransferConflict"/> if someone else could still go on with what is there.</exception>
    public static TransferFiles Open(PartialFile part, string target, SfBlob blob, long partBytes, SfDownloadOptions options, DateTime now, ISfLog log)
    {
        JournalHeader header = new()
        {
            ModuleVersion = ModuleVersion,
            Blob = blob.Uuid,
            Size = blob.Size!.Value,
            Checksums = PublishedHash.AllOf(blob).ToDictionary(h => h.Algorithm.ServerName(), h => h.Hex),
            PartBytes = partBytes,
            PartHash = PartHasher.NameOf(options.CreateXxh128),
            StartedAt = now,
        };
        JournalContent? found = part.IsNew ? null : TransferJournal.Read(target);
        string? obstacle = LeftBehind.ObstacleTo(found, header, target);
        if (obstacle is null && found is { Header: { } old })
        {
            PartMap map = new(old.Size, old.PartBytes);
            foreach ((int index, UInt128 hash) in found.Parts)
            {
                map.Complete(index, hash);
            }

            return new TransferFiles(part, TransferJournal.Continue(target, found), map);
        }

        if (obstacle is not null)
        {
            if (!options.Force && LeftBehind.IsOfUse(found, header))
            {
                throw new SfException(SfErrors.TransferConflict, $"'{part.Path}' cannot be used: {obstacle}. It was left as it is.");
            }

            log.Warning($"The interrupted transfer to '{target}' begins anew: {obstacle}.");
        }

        if (!part.IsNew)
        {
            part.Clear(header.Size);
        }

        return new TransferFiles(part, TransferJournal.Create(target, header), new PartMap(header.Size, partBytes));
    }

    /// <summary>
    /// Holds the file against what the journal says of its parts: after a loss of power, or when somebody has changed it, they need not agree. Parts that are not what
    /// they were are open again.
    /// </summary>
    /// <returns>Bytes that need not be fetched.</returns>
    public async Task<long> CheckAsync(Func<HashAlgorithm>? createXxh128, Action<long> advance, ISfLog log, CancellationToken cancellationToken)
    {
        if (Map.BytesDone == 0)
        {
            return 0;
        }

        int wrong = await PartCheck.RunAsync(Part, Map, createXxh128, Forget, advance, cancellationToken).ConfigureAwait(false);
        log.Verbose(string.Create(CultureInfo.InvariantCulture,
            $"Resuming '{Part.Path}': {Map.BytesDone} of {Map.Size} bytes are there{(wrong > 0 ? $"; {wrong} parts that were noted are not what they were, and are fetched again" : string.Empty)}."));
        return Map.BytesDone;
    }

    /// <summary>A part is there.</summary>
    /// <exception cref="SfException">The journal could not take it, or the disk not what came before it: then there is no use in going on.</exception>
    public void Note(int part, UInt128 hash)
    {
        ThrowIfNotFlushed();
        Journal.Add(part, hash);
    }

    /// <summary>A part is to be fetched again.</summary>
    public void Forget(int part)
    {
        Map.Forget(part, taken: false);
        Journal.Forget(part);

        // It has left bytes where zeros may be due.
        Part.IsNew = false;
    }

    /// <summary>Brings both files to the disk again and again until it is told that it is over.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="over">Ends it, but not in the middle of a flush: if that fails, nothing that is flushed later is any proof.</param>
    /// <param name="stop">Ends it at once: a disk may take long, and whoever wants to stop need not wait for it.</param>
    public async Task FlushNowAndThenAsync(TimeProvider time, CancellationToken over, CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(FlushPace, time, over).ConfigureAwait(false);
            int flush = Map.BeginFlush();
            await Task.Run(Part.Flush, stop).WaitAsync(stop).ConfigureAwait(false);
            Map.Flushed(flush);
            await Task.Run(Journal.Flush, stop).WaitAsync(stop).ConfigureAwait(false);
        }
    }

    /// <summary>The file is whole and proven: gives it its name.</summary>
    /// <exception cref="SfException">It is not whole, or the disk has not taken it.</exception>
    public async Task FinishAsync(string target, bool replace, CancellationToken cancellationToken)
    {
        // Whoever calls is sure of it. A file with a hole is the one thing that must never get the name, so that is not left to one place alone.
        if (Map.BytesDone != Map.Size)
        {
            throw new SfException(SfErrors.TransferInterrupted, string.Create(CultureInfo.InvariantCulture,
                $"{Map.Size - Map.BytesDone} bytes have not come, though the transfer took itself for done. This should not happen: please report it."));
        }

        ThrowIfNotFlushed();
        await Part.MoveToAsync(target, Map.Size, replace, cancellationToken).ConfigureAwait(false);
        LeftBehind.TryDelete(Journal);
    }

    /// <summary>After a failure, what has come stays if it is anything; else nothing stays.</summary>
    /// <returns>What became of it, in words, for the message of the failure.</returns>
    public string LeaveBehind(long arrived)
    {
        Part.Leave();
        Part.Keep = (Part.FlushFailure is null || TryForgetUnflushed()) && Map.BytesDone > 0;
        if (!Part.Keep)
        {
            LeftBehind.TryDelete(Journal);
        }

        return string.Create(CultureInfo.InvariantCulture, $" {Math.Max(arrived, Map.BytesDone)} of {Map.Size} bytes had arrived; ") + (Part.Keep
            ? string.Create(CultureInfo.InvariantCulture, $"{Map.BytesDone} of them are kept in '{Part.Path}', and the same command goes on from there.")
            : "the temporary file was removed and the target left as it was.");
    }

    public void Dispose() => Journal.Dispose();

    private void ThrowIfNotFlushed()
    {
        if (Part.FlushFailure is { } failure)
        {
            throw FileErrors.Of(failure, Part.Path);
        }
    }

    /// <summary>What was written since the last flush that succeeded may be lost, however well it reads back now.</summary>
    private bool TryForgetUnflushed()
    {
        try
        {
            foreach (int part in Map.Unflushed())
            {
                Forget(part);
            }

            return true;
        }
        catch (SfException)
        {
            // The journal still says that it is there, so neither can stay.
            return false;
        }
    }
}
