using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests.Properties.Machine;

/// <summary>What stands under the target's name.</summary>
internal enum TargetIs
{
    Absent,
    Old,
    Blob,
}

/// <summary>What stands in the journal.</summary>
internal enum JournalIs
{
    Absent,
    Usable,
    Damaged,
    OfOtherBlob,

    /// <summary>The file was found wrong.</summary>
    Mismatch,
}

/// <summary>What lies in the folder.</summary>
/// <param name="Target">What stands under the target's name.</param>
/// <param name="HasPart">There is a temporary file.</param>
/// <param name="Journal">What stands in the journal.</param>
/// <param name="Recorded">Parts that the journal says are there.</param>
/// <param name="Wrong">Those of them that are not what was noted.</param>
/// <param name="Provisional">Those of them that only a command that verifies the hash may use.</param>
/// <param name="Remembers">The journal remembers the hash.</param>
internal sealed record Found(TargetIs Target, bool HasPart, JournalIs Journal, int[] Recorded, int[] Wrong, int[] Provisional, bool Remembers);

/// <summary>What a command must come to.</summary>
/// <param name="Error">The error, or null if it succeeds.</param>
/// <param name="Stopped">Or it is stopped.</param>
/// <param name="Status">What a success is.</param>
/// <param name="Resumed">Bytes that need not be fetched.</param>
/// <param name="MaxReceived">Bytes fetched at the most; at least what is missing.</param>
/// <param name="MayEnd">It may be done before its end comes: several connections, or a server that is asked for all at once, make other requests than can be told here.</param>
internal sealed record Outcome(SfError? Error, bool Stopped, SfBlobSaveStatus Status, long Resumed, long MaxReceived, bool MayEnd);

/// <summary>
/// The reference: a transfer as its users understand it, without a network, a thread or a file. It says of each command what must come of it, and what must lie in the
/// folder afterwards.
/// </summary>
internal sealed class Model(long size, bool publish)
{
    public TargetIs Target { get; private set; }

    public bool HasPart { get; private set; }

    public JournalIs Journal { get; private set; }

    /// <summary>Length of the parts that the journal knows.</summary>
    public int BlockBytes { get; private set; }

    /// <summary>Parts that the journal says are there.</summary>
    public HashSet<int> Recorded { get; } = [];

    /// <summary>Those of them that are not what was noted.</summary>
    public HashSet<int> Wrong { get; } = [];

    /// <summary>Those that only a command that verifies the hash may use.</summary>
    public HashSet<int> Provisional { get; } = [];

    /// <summary>The journal remembers the hash.</summary>
    public bool Remembers { get; private set; }

    /// <summary>What is noted, where a history does not determine it: adopted from the folder after it was checked against what must be.</summary>
    public bool IsLoose { get; private set; }

    public long BytesRecorded => Recorded.Sum(Length);

    private bool CanResume => HasPart && Journal == JournalIs.Usable;

    public int PartCount => (int)((size + BlockBytes - 1) / BlockBytes);

    /// <summary>What the command must come to; the model is then as the folder must be.</summary>
    public Outcome Apply(Save save)
    {
        if (Target == TargetIs.Blob && save.Knowledge == Knowledge.Hash)
        {
            if (Journal is JournalIs.Usable or JournalIs.Mismatch)
            {
                Forget();
            }

            return new Outcome(null, false, SfBlobSaveStatus.Unchanged, 0, 0, false);
        }

        if (Target != TargetIs.Absent && !save.Force)
        {
            return Fails(SfErrors.TargetExists);
        }

        if (HasPart && Journal == JournalIs.OfOtherBlob && !save.Force)
        {
            return Fails(SfErrors.TransferConflict);
        }

        bool verifies = Verifies(save);
        Begin(save, verifies);
        long resumed = BytesRecorded;
        long missing = size - resumed;
        bool exact = save.Connections == 1 && save.Generation != ServerGeneration.A;
        List<(long From, long To)> ranges = exact ? RequestRanges(save.RequestBytes) : [];
        if (save.Ending == Ending.Wrong && missing > 0)
        {
            // The bit is wrong only if its block is fetched, and then always.
            IsLoose = true;
            return new Outcome(SfErrors.HashMismatch, false, SfBlobSaveStatus.Saved, resumed, 4 * (size + 1), MayEnd: true);
        }

        bool endsItself = save.Ending is Ending.Itself or Ending.Wrong || (exact && ranges.Count <= save.After) || missing == 0;
        if (endsItself)
        {
            Target = TargetIs.Blob;
            Forget();
            return new Outcome(null, false, SfBlobSaveStatus.Saved, resumed, save.Generation == ServerGeneration.A ? (verifies ? missing : size) + 1 : missing, false);
        }

        if (exact)
        {
            foreach ((long from, long to) in ranges.Take(save.After))
            {
                Bring(from, to);
            }
        }

        IsLoose = !exact;
        if (Recorded.Count == 0 && exact && save.Ending != Ending.Killed)
        {
            Forget();
        }

        return new Outcome(save.Ending == Ending.Refused ? SfErrors.AccessForbidden : null, save.Ending != Ending.Refused, SfBlobSaveStatus.Saved, resumed, size + 1, MayEnd: !exact);
    }

    /// <summary>It was done before its end came.</summary>
    public void Ended()
    {
        Target = TargetIs.Blob;
        Forget();
    }

    /// <summary>What was found, where the history does not determine it.</summary>
    public void Adopt(Found found) => Adopt(found.HasPart, found.Journal, found.Recorded, found.Wrong, found.Provisional, found.Remembers);

    private void Adopt(bool hasPart, JournalIs journal, IEnumerable<int> recorded, IEnumerable<int> wrong, IEnumerable<int> provisional, bool remembers)
    {
        HasPart = hasPart;
        Remembers = remembers;
        Provisional.Clear();
        Provisional.UnionWith(provisional);
        Journal = journal;
        Recorded.Clear();
        Recorded.UnionWith(recorded);
        Wrong.Clear();
        Wrong.UnionWith(wrong);
        IsLoose = false;
    }

    public void PutTarget(TargetIs target) => Target = target;

    /// <summary>Nothing is left of a transfer.</summary>
    public void Forget() => Adopt(hasPart: false, JournalIs.Absent, [], [], [], remembers: false);

    /// <summary>Whether a command compares the file with a hash in the end: that of its record, or one that an earlier command has seen.</summary>
    public bool Verifies(Save save) => save.Knowledge == Knowledge.Hash || (save.Knowledge == Knowledge.NoHash && Remembers);

    private static Outcome Fails(SfError error) => new(error, false, SfBlobSaveStatus.Saved, 0, 0, false);

    private void Begin(Save save, bool verifies)
    {
        bool remembers = Remembers || (publish && save.Knowledge != Knowledge.NoHash);
        if (CanResume)
        {
            Recorded.ExceptWith(Wrong);
            Wrong.Clear();
            if (!verifies)
            {
                Recorded.ExceptWith(Provisional);
            }

            Provisional.IntersectWith(Recorded);
            Remembers = remembers;
            return;
        }

        Adopt(hasPart: true, JournalIs.Usable, [], [], [], remembers);
        BlockBytes = save.Part;
    }

    /// <summary>The requests that one connection makes: gap by gap, window by window.</summary>
    private List<(long From, long To)> RequestRanges(int requestBytes)
    {
        List<(long From, long To)> ranges = [];
        for (int part = 0; part < PartCount; part++)
        {
            if (Recorded.Contains(part))
            {
                continue;
            }

            int end = part;
            while (end + 1 < PartCount && !Recorded.Contains(end + 1))
            {
                end++;
            }

            long last = Math.Min(size, (end + 1L) * BlockBytes);
            for (long from = (long)part * BlockBytes; from < last; from += requestBytes)
            {
                ranges.Add((from, Math.Min(from + requestBytes, last)));
            }

            part = end;
        }

        return ranges;
    }

    /// <summary>Parts that end in these bytes are there now: those before came with the windows before.</summary>
    private void Bring(long from, long to) =>
        Recorded.UnionWith(Enumerable.Range(0, PartCount).Where(p => (p * (long)BlockBytes) + Length(p) is long end && end > from && end <= to));

    private long Length(int part) => Math.Min(BlockBytes, size - ((long)part * BlockBytes));
}
