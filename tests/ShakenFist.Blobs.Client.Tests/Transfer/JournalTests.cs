using System.Text;
using ShakenFist.Blobs.Client.Tests.Properties;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests that the journal is used only as far as it is intact.</summary>
public sealed class JournalTests : IDisposable
{
    private const int Parts = 20;

    private static readonly JournalHeader Header = new()
    {
        ModuleVersion = "1.2.3",
        Blob = Guid.Parse("578da8b6-eb98-4e10-bb36-e4d4d763d312"),
        Size = (Parts * 1000) - 1,
        Checksums = { ["sha512"] = new string('a', 128) },
        BlockBytes = 1000,
        BlockHash = "XXH128",
        StartedAt = new DateTime(2026, 11, 24, 1, 2, 3, DateTimeKind.Utc),
    };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private byte[] Bytes => File.ReadAllBytes(_folder.Target + TransferJournal.Suffix);

    private static UInt128 HashOf(int part) => new(0x0123456789abcdefUL * (ulong)(part + 1), (ulong)part);

    private byte[] Write(params int[] parts)
    {
        using (TransferJournal journal = TransferJournal.Create(_folder.Target, Header, new BlockTable(Header.Size, Header.BlockBytes)))
        {
            foreach (int part in parts)
            {
                journal.Add(part, HashOf(part), provisional: false);
            }
        }

        return Bytes;
    }

    [Fact]
    public void A_journal_is_read_back_unchanged()
    {
        BlockTable blocks = new(Header.Size, Header.BlockBytes);
        foreach (int block in new[] { 0, 7, 3 })
        {
            blocks.Complete(block, HashOf(block), provisional: block == 3);
        }

        using (TransferJournal journal = TransferJournal.Create(_folder.Target, Header, blocks))
        {
            journal.Add(19, HashOf(19), provisional: true);
            journal.Add(18, HashOf(18), provisional: true);
            journal.Invalidate(7);
            journal.Confirm(17, 18);
            journal.Flush();
        }

        JournalContent content = TransferJournal.Read(_folder.Target)!;
        Assert.Null(content.Problem);
        Assert.Equal(Header, content.Header! with { Checksums = Header.Checksums });
        Assert.Equal(Header.Checksums, content.Header!.Checksums);
        Assert.Equal([(0, false), (3, true), (18, false), (19, true)], content.Blocks.OrderBy(b => b.Key).Select(b => (b.Key, b.Value.IsProvisional)));
        Assert.All(content.Blocks, b => Assert.Equal(HashOf(b.Key), b.Value.Hash));
        Assert.Equal(Parts, content.Header.BlockCount);
        Assert.False(content.HasMismatch);
    }

    [Fact]
    public void A_mismatch_makes_earlier_blocks_provisional_and_a_final_mismatch_is_kept()
    {
        using (TransferJournal journal = TransferJournal.Create(_folder.Target, Header, new BlockTable(Header.Size, Header.BlockBytes)))
        {
            journal.Add(1, HashOf(1), provisional: false);
            journal.MakeAllProvisional();
            journal.Add(2, HashOf(2), provisional: false);
        }

        JournalContent content = TransferJournal.Read(_folder.Target)!;
        Assert.Equal([(1, true), (2, false)], content.Blocks.Select(b => (b.Key, b.Value.IsProvisional)));
        using (TransferJournal journal = TransferJournal.Create(_folder.Target, Header, new BlockTable(Header.Size, Header.BlockBytes)))
        {
            journal.AddMismatch();
            journal.Add(2, HashOf(2), provisional: false);
        }

        Assert.True(TransferJournal.Read(_folder.Target)!.HasMismatch);
    }

    [Fact]
    public void An_existing_file_of_the_same_name_is_replaced_and_never_written_to()
    {
        byte[] other = [1, 2, 3];
        foreach (string suffix in new[] { TransferJournal.Suffix, TransferJournal.NewSuffix })
        {
            string file = _folder.Write("other", other);
            HardLink.Create(file, _folder.Target + suffix);
            Write(1, 2);
            Assert.Equal(other, File.ReadAllBytes(file));
            Assert.Equal([1, 2], TransferJournal.Read(_folder.Target)!.Blocks.Keys);
            File.Delete(file);
        }
    }

    [Fact]
    public void A_truncated_journal_contains_its_complete_lines()
    {
        byte[] whole = Write(4, 5, 6);
        int header = Array.IndexOf(whole, (byte)'\n') + 1;
        for (int length = 0; length < whole.Length; length++)
        {
            JournalContent content = JournalFormat.Parse(whole.AsSpan(0, length));
            Assert.Equal(length < header, content.Problem is not null);
            if (length >= header)
            {
                int lines = whole.AsSpan(header, length - header).Count((byte)'\n');
                Assert.Equal(Enumerable.Range(4, lines), content.Blocks.Keys);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData((byte)'x')]
    [InlineData((byte)'\n')]
    public void Garbage_after_the_last_line_is_ignored(byte garbage)
    {
        byte[] whole = Write(1, 2);
        File.WriteAllBytes(_folder.Target + TransferJournal.Suffix, [.. whole, .. Enumerable.Repeat(garbage, 5000)]);
        Assert.Equal([1, 2], TransferJournal.Read(_folder.Target)!.Blocks.Keys);
    }

    [Fact]
    public void No_character_can_be_changed_unnoticed()
    {
        byte[] whole = Write(4, 5, 6);
        for (int i = 0; i < whole.Length; i++)
        {
            foreach (byte change in new byte[] { 1, 0x10, 0x20 })
            {
                byte[] changed = [.. whole];
                changed[i] ^= change;
                JournalContent content = JournalFormat.Parse(changed);
                Assert.True(content.Problem is not null || content.Blocks.Count < 3, $"Byte {i} by {change}.");
                Assert.All(content.Blocks, p => Assert.Equal(HashOf(p.Key), p.Value.Hash));
            }
        }
    }

    [Fact]
    public void A_line_in_the_middle_that_was_changed_or_comes_from_another_journal_makes_all_of_it_unusable()
    {
        string[] mine = Encoding.ASCII.GetString(Write(4, 5, 6)).Split('\n');
        using (TransferJournal journal = TransferJournal.Create(_folder.At("other"), Header with { Blob = Guid.NewGuid() }, new BlockTable(Header.Size, Header.BlockBytes)))
        {
            journal.Add(5, HashOf(5), provisional: false);
        }

        string foreign = File.ReadAllLines(_folder.At("other") + TransferJournal.Suffix)[1];
        foreach (string line in new[] { foreign, "5", string.Empty, mine[2].Replace('5', '9'), new string('x', 100_000) })
        {
            JournalContent content = JournalFormat.Parse(Encoding.ASCII.GetBytes(string.Join('\n', [mine[0], mine[1], line, mine[3], string.Empty])));
            Assert.Contains("damaged or was changed at byte", content.Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_newer_version_is_not_reported_as_damage()
    {
        byte[] newer = Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(Write(1)).Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal));
        JournalContent content = JournalFormat.Parse(newer);
        Assert.True(content.IsNewer);
        Assert.Contains("version 2", content.Problem, StringComparison.Ordinal);
        Assert.False(JournalFormat.Parse("{} 00000000000000000000000000000000\n"u8).IsNewer);
    }

    [Cases(300)]
    public bool No_bytes_cause_an_exception(byte[] bytes) => JournalFormat.Parse(bytes).Problem is not null;

    [Cases(300)]
    public bool No_bytes_after_a_valid_first_line_add_blocks(byte[] bytes)
    {
        byte[] whole = Write();
        return JournalFormat.Parse([.. whole, .. bytes]).Blocks.Count == 0;
    }
}
