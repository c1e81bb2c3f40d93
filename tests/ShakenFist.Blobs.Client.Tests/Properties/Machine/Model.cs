using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests.Properties.Machine;

/// <summary>The content of the target.</summary>
internal enum TargetIs
{
    Absent,
    Old,
    Blob,
}

/// <summary>The state of the journal.</summary>
internal enum JournalIs
{
    Absent,
    Usable,
    Damaged,
    OfOtherBlob,

    /// <summary>The file did not match the hash.</summary>
    Mismatch,
}

/// <summary>The expected state of the folder.</summary>
/// <param name="Target">The content of the target.</param>
/// <param name="HasPart">Whether there is a temporary file.</param>
/// <param name="Journal">The state of the journal.</param>
/// <param name="Recorded">The blocks that the journal lists as complete.</param>
/// <param name="Wrong">The recorded blocks that differ from their hash.</param>
/// <param name="Provisional">The recorded blocks that only a command that verifies the hash can use.</param>
/// <param name="Remembers">Whether the journal contains the hash of the blob.</param>
internal sealed record Found(TargetIs Target, bool HasPart, JournalIs Journal, int[] Recorded, int[] Wrong, int[] Provisional, bool Remembers);

/// <summary>The expected outcome of a command.</summary>
/// <param name="Error">The error, or null if the command succeeds.</param>
/// <param name="Stopped">Whether the command is stopped.</param>
/// <param name="Status">The status of a success.</param>
/// <param name="Resumed">Number of bytes that do not have to be fetched.</param>
/// <param name="MaxReceived">Maximum number of bytes that are fetched. The minimum is the number of missing bytes.</param>
/// <param name="MayEnd">Whether the command can complete before its planned end. With several connections, or without limit, the requests cannot be predicted.</param>
internal sealed record Outcome(SfError? Error, bool Stopped, SfBlobSaveStatus Status, long Resumed, long MaxReceived, bool MayEnd);

/// <summary>
/// A reference model of transfers from the view of a user, without network, threads, and files. It predicts the outcome of each command, and the files in the folder
/// afterwards.
/// </summary>
internal sealed class Model(long size, bool publish)
{
    public TargetIs Target { get; private set; }

    public bool HasPart { get; private set; }

    public JournalIs Journal { get; private set; }

    /// <summary>Length of the blocks in the journal.</summary>
    public int BlockBytes { get; private set; }

    /// <summary>The blocks that the journal lists as complete.</summary>
    public HashSet<int> Recorded { get; } = [];

    /// <summary>The recorded blocks that differ from their hash.</summary>
    public HashSet<int> Wrong { get; } = [];

    /// <summary>The recorded blocks that only a command that verifies the hash can use.</summary>
    public HashSet<int> Provisional { get; } = [];

    /// <summary>Whether the journal contains the hash of the blob.</summary>
    public bool Remembers { get; private set; }

    /// <summary>Takes over the recorded blocks from the folder if the history does not determine them. They are checked first.</summary>
    public bool IsLoose { get; private set; }

    public long BytesRecorded => Recorded.Sum(Length);

    private bool CanResume => HasPart && Journal == JournalIs.Usable;

    public int BlockCount => (int)((size + BlockBytes - 1) / BlockBytes);

    /// <summary>Returns the expected outcome of a command, and updates the model.</summary>
    public Outcome Apply(Save save)
    {
        if (Target == TargetIs.Blob && save.Knowledge == Knowledge.Hash)
        {
            if (Journal is JournalIs.Usable or JournalIs.Mismatch)
            {
                Reset();
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
            // The bit is wrong only if its block is fetched. Then it is always wrong.
            IsLoose = true;
            return new Outcome(SfErrors.HashMismatch, false, SfBlobSaveStatus.Saved, resumed, 4 * (size + 1), MayEnd: true);
        }

        bool endsItself = save.Ending is Ending.Itself or Ending.Wrong || (exact && ranges.Count <= save.After) || missing == 0;
        if (endsItself)
        {
            Target = TargetIs.Blob;
            Reset();
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
            Reset();
        }

        return new Outcome(save.Ending == Ending.Refused ? SfErrors.AccessForbidden : null, save.Ending != Ending.Refused, SfBlobSaveStatus.Saved, resumed, size + 1, MayEnd: !exact);
    }

    /// <summary>Updates the model for a command that completed before its planned end.</summary>
    public void Ended()
    {
        Target = TargetIs.Blob;
        Reset();
    }

    /// <summary>Takes over the outcome if the history does not determine it.</summary>
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

    /// <summary>No files of a transfer remain.</summary>
    public void Reset() => Adopt(hasPart: false, JournalIs.Absent, [], [], [], remembers: false);

    /// <summary>Whether a command verifies the file with a hash: that of its record, or one that an earlier command recorded.</summary>
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

    /// <summary>Returns the requests of a transfer with one connection: gap by gap and request by request.</summary>
    private List<(long From, long To)> RequestRanges(int requestBytes)
    {
        List<(long From, long To)> ranges = [];
        for (int part = 0; part < BlockCount; part++)
        {
            if (Recorded.Contains(part))
            {
                continue;
            }

            int end = part;
            while (end + 1 < BlockCount && !Recorded.Contains(end + 1))
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

    /// <summary>Records blocks that end with these bytes. Earlier blocks were received with earlier requests.</summary>
    private void Bring(long from, long to) =>
        Recorded.UnionWith(Enumerable.Range(0, BlockCount).Where(p => (p * (long)BlockBytes) + Length(p) is long end && end > from && end <= to));

    private long Length(int part) => Math.Min(BlockBytes, size - ((long)part * BlockBytes));
}
