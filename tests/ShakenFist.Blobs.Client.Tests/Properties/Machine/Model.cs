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
}

/// <summary>What a command must come to.</summary>
/// <param name="Error">The error, or null if it succeeds.</param>
/// <param name="Stopped">Or it is stopped.</param>
/// <param name="Status">What a success is.</param>
/// <param name="Resumed">Bytes that need not be fetched.</param>
/// <param name="MostReceived">Bytes fetched at the most; at least what is missing.</param>
/// <param name="MayEnd">It may be done before its end comes: several connections, or a server that is asked for all at once, make other requests than can be told here.</param>
internal sealed record Outcome(SfError? Error, bool Stopped, SfTransferStatus Status, long Resumed, long MostReceived, bool MayEnd);

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
    public HashSet<int> Noted { get; } = [];

    /// <summary>Those of them that are not what was noted.</summary>
    public HashSet<int> Wrong { get; } = [];

    /// <summary>What is noted, where a history does not determine it: adopted from the folder after it was checked against what must be.</summary>
    public bool IsLoose { get; private set; }

    public long BytesNoted => Noted.Sum(Length);

    private bool CanResume => HasPart && Journal == JournalIs.Usable;

    public int PartCount => (int)((size + BlockBytes - 1) / BlockBytes);

    /// <summary>What the command must come to; the model is then as the folder must be.</summary>
    public Outcome Apply(Save save)
    {
        if (Target == TargetIs.Blob && publish)
        {
            if (Journal == JournalIs.Usable)
            {
                Forget();
            }

            return new Outcome(null, false, SfTransferStatus.Unchanged, 0, 0, false);
        }

        if (Target != TargetIs.Absent && !save.Force)
        {
            return Fails(SfErrors.TargetExists);
        }

        if (HasPart && Journal == JournalIs.OfOtherBlob && !save.Force)
        {
            return Fails(SfErrors.TransferConflict);
        }

        Begin(save);
        long resumed = BytesNoted;
        long missing = size - resumed;
        bool exact = save.Connections == 1 && save.Generation != ServerGeneration.A;
        List<(long From, long To)> windows = exact ? Windows(save.Window) : [];
        bool endsItself = save.Ending == Ending.Itself || (exact && windows.Count <= save.After) || missing == 0;
        if (endsItself)
        {
            Target = TargetIs.Blob;
            Forget();
            return new Outcome(null, false, SfTransferStatus.Saved, resumed, save.Generation == ServerGeneration.A ? (publish ? missing : size) + 1 : missing, false);
        }

        if (exact)
        {
            foreach ((long from, long to) in windows.Take(save.After))
            {
                Bring(from, to);
            }
        }

        IsLoose = !exact;
        if (Noted.Count == 0 && exact && save.Ending != Ending.Killed)
        {
            Forget();
        }

        return new Outcome(save.Ending == Ending.Refused ? SfErrors.AccessForbidden : null, save.Ending != Ending.Refused, SfTransferStatus.Saved, resumed, size + 1, MayEnd: !exact);
    }

    /// <summary>It was done before its end came.</summary>
    public void Ended()
    {
        Target = TargetIs.Blob;
        Forget();
    }

    /// <summary>What was found, where the history does not determine it.</summary>
    public void Adopt(bool hasPart, JournalIs journal, IEnumerable<int> noted, IEnumerable<int> wrong)
    {
        HasPart = hasPart;
        Journal = journal;
        Noted.Clear();
        Noted.UnionWith(noted);
        Wrong.Clear();
        Wrong.UnionWith(wrong);
        IsLoose = false;
    }

    public void PutTarget(TargetIs target) => Target = target;

    /// <summary>Nothing is left of a transfer.</summary>
    public void Forget() => Adopt(hasPart: false, JournalIs.Absent, [], []);

    private static Outcome Fails(SfError error) => new(error, false, SfTransferStatus.Saved, 0, 0, false);

    private void Begin(Save save)
    {
        if (CanResume)
        {
            Noted.ExceptWith(Wrong);
            Wrong.Clear();
            return;
        }

        Adopt(hasPart: true, JournalIs.Usable, [], []);
        BlockBytes = save.Part;
    }

    /// <summary>The requests that one connection makes: gap by gap, window by window.</summary>
    private List<(long From, long To)> Windows(int window)
    {
        List<(long From, long To)> windows = [];
        for (int part = 0; part < PartCount; part++)
        {
            if (Noted.Contains(part))
            {
                continue;
            }

            int end = part;
            while (end + 1 < PartCount && !Noted.Contains(end + 1))
            {
                end++;
            }

            long last = Math.Min(size, (end + 1L) * BlockBytes);
            for (long from = (long)part * BlockBytes; from < last; from += window)
            {
                windows.Add((from, Math.Min(from + window, last)));
            }

            part = end;
        }

        return windows;
    }

    /// <summary>Parts that end in these bytes are there now: those before came with the windows before.</summary>
    private void Bring(long from, long to) =>
        Noted.UnionWith(Enumerable.Range(0, PartCount).Where(p => (p * (long)BlockBytes) + Length(p) is long end && end > from && end <= to));

    private long Length(int part) => Math.Min(BlockBytes, size - ((long)part * BlockBytes));
}
