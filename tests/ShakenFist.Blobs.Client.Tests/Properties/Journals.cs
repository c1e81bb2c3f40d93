using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests.Properties;

/// <summary>Compares a journal with its expected content after any sequence of writes, process ends, and damage.</summary>
public sealed class JournalProperties
{
    private const int Parts = 40;

    private static readonly JournalHeader Header = new()
    {
        ModuleVersion = "1.2.3",
        Blob = Guid.Parse("578da8b6-eb98-4e10-bb36-e4d4d763d312"),
        Size = (Parts * 1000) - 1,
        BlockBytes = 1000,
        BlockHash = "XXH128",
    };

    private static Gen<UInt128> Hash => from high in Given.Positive from low in Given.Positive select new UInt128((ulong)high, (ulong)low);

    /// <summary>A write for a block, or, without a block, the end of a process after which the next one continues.</summary>
    private static Gen<(int Part, UInt128? Hash)> JournalEntry => Gen.Frequency(
        (8, from part in Gen.Choose(0, Parts - 1) from hash in Hash select (part, (UInt128?)hash)),
        (3, from part in Gen.Choose(0, Parts - 1) select (part, (UInt128?)null)),
        (2, Gen.Constant((-1, (UInt128?)null))));

    private static Gen<JournalHeader> Headers =>
        from size in Given.Positive
        from part in Given.Positive
        from blob in ArbMap.Default.GeneratorFor<Guid>()
        from words in WrittenJsonProperties.Text.Two()
        select new JournalHeader
        {
            Blob = blob,
            Size = size,
            BlockBytes = part,
            ModuleVersion = Whole(words.Item1),
            BlockHash = "XXH128",
            Checksums = { ["sha512"] = Whole(words.Item2) },
            StartedAt = new DateTime(2026, 11, 24, 1, 2, 3, DateTimeKind.Utc),
        };

    [Cases(150)]
    public Property The_recorded_blocks_are_read_back_after_any_history() =>
        Prop.ForAll(Given.List(JournalEntry), Gen.Choose(0, 70).ToArbitrary(), (entries, torn) =>
        {
            using TempFolder folder = new();
            Dictionary<int, UInt128> due = [];
            List<Dictionary<int, UInt128>> history = [];
            TransferJournal journal = TransferJournal.Create(folder.Target, Header, new BlockTable(Header.Size, Header.BlockBytes));
            long created = new FileInfo(folder.Target + TransferJournal.Suffix).Length;
            try
            {
                foreach ((int part, UInt128? hash) in entries)
                {
                    if (part < 0)
                    {
                        journal.Dispose();
                        BlockTable found = new(Header.Size, Header.BlockBytes);
                        foreach ((int block, JournalBlock entry) in TransferJournal.Read(folder.Target)!.Blocks)
                        {
                            found.Complete(block, entry.Hash, entry.IsProvisional);
                        }

                        journal = TransferJournal.Create(folder.Target, Header, found);
                        history.Clear();
                        created = new FileInfo(folder.Target + TransferJournal.Suffix).Length;
                        continue;
                    }

                    history.Add(new(due));
                    if (hash is { } known)
                    {
                        journal.Add(part, known, provisional: false);
                        due[part] = known;
                    }
                    else
                    {
                        journal.Invalidate(part);
                        due.Remove(part);
                    }
                }
            }
            finally
            {
                journal.Dispose();
            }

            history.Add(new(due));
            JournalContent read = TransferJournal.Read(folder.Target)!;
            Assert.Equal(due.OrderBy(p => p.Key), Hashes(read).OrderBy(p => p.Key));

            // The last bytes were not written to the disk. The journal contains the state of an earlier moment.
            byte[] bytes = File.ReadAllBytes(folder.Target + TransferJournal.Suffix);
            // A new journal gets its name after it is written completely. Only later lines can be incomplete.
            JournalContent left = JournalFormat.Parse(bytes.AsSpan(0, (int)Math.Max(bytes.Length - torn, created)));
            return left.Problem is null && history.Exists(h => h.Count == left.Blocks.Count && h.All(p => left.Blocks.TryGetValue(p.Key, out JournalBlock v) && v.Hash == p.Value));
        });

    [Cases(500)]
    public Property A_header_is_read_back_unchanged_or_rejected_if_no_blob_can_have_it() =>
        Prop.ForAll(Headers.ToArbitrary(), header =>
        {
            byte[] line = JournalFormat.WriteHeader(header, out byte[] check);
            JournalContent read = JournalFormat.Parse(line);
            bool possible = header.Blob != Guid.Empty && header.BlockBytes <= BlockTable.MaxBlockBytes && BlockTable.CountFor(header.Size, header.BlockBytes) <= BlockTable.MaxCount;
            Assert.Equal(possible, read.Header is not null);
            Assert.True(!possible || (read.HeaderCheck.SequenceEqual(check)));
            return !possible || (read.Header! with { Checksums = header.Checksums } == header && read.Header.Checksums.SequenceEqual(header.Checksums) && read.Header.BlockCount >= 1);
        });

    [Cases(1000)]
    public Property No_inserted_bytes_add_a_block_that_was_not_recorded() =>
        Prop.ForAll(Given.List(JournalEntry.Where(n => n.Part >= 0)), Given.Bytes, Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), (entries, noise, place) =>
        {
            List<byte> text = [.. JournalFormat.WriteHeader(Header, out byte[] check)];
            byte[] line = new byte[JournalFormat.MaxLineBytes];
            byte[] digits = new byte[32];
            foreach ((int part, UInt128? hash) in entries)
            {
                JournalFormat.WriteHex(Convert.FromHexString($"{hash ?? 0:x32}"), digits);
                text.AddRange(line.AsSpan(0, JournalFormat.WriteLine(check, part, hash is null ? JournalFormat.Invalid : digits, line)));
            }

            text.InsertRange(place % (text.Count + 1), noise);
            return JournalFormat.Parse(text.ToArray()).Blocks.All(p => entries.Any(n => n.Part == p.Key && n.Hash == p.Value.Hash));
        });

    private static Dictionary<int, UInt128> Hashes(JournalContent content) => content.Blocks.ToDictionary(b => b.Key, b => b.Value.Hash);

    private static string Whole(string text) => new([.. text.Select(c => char.IsSurrogate(c) ? '?' : c)]);
}
