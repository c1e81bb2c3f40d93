using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Reads and writes the text of a journal. The first line is JSON, followed by the beginning of its SHA-256 hash. Each further line consists of a number, a word, and a check:
/// the beginning of the SHA-256 hash of the check of the first line and this line. A changed line, or a line of another journal, is therefore detected:
/// <code>
/// 7 0123…    block 7 is complete and has this hash
/// 7 ~0123…   the same, but provisional
/// 7 +9       the provisional blocks 7 to 9 are confirmed
/// 7 -        block 7 must be fetched again
/// 0 *        all complete blocks are provisional: the hash of the blob did not match
/// 0 !        the blob did not match its hash in the end
/// </code>
/// </summary>
internal static class JournalFormat
{
    /// <summary>The current version of the format.</summary>
    public const int Version = 1;

    private const string Format = "ShakenFist.Blobs transfer";
    private const int HeaderCheckDigits = 32;
    private const int LineCheckDigits = 16;

    /// <summary>Maximum length of a line after the first, in bytes.</summary>
    public const int MaxLineBytes = 80;

    private const int HashDigits = 32;

    /// <summary>The word for a block that must be fetched again.</summary>
    public static ReadOnlySpan<byte> Invalid => "-"u8;

    /// <summary>The word that makes all complete blocks provisional.</summary>
    public static ReadOnlySpan<byte> AllProvisional => "*"u8;

    /// <summary>The word for a blob that did not match its hash in the end.</summary>
    public static ReadOnlySpan<byte> Mismatch => "!"u8;

    /// <summary>Parses a journal. The bytes can have any content.</summary>
    public static JournalContent Parse(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)'\n');
        if (end < 0 || end < HeaderCheckDigits + 1)
        {
            return JournalContent.Unusable("the journal has no first line");
        }

        ReadOnlySpan<byte> json = bytes[..(end - HeaderCheckDigits - 1)];
        JournalHeader? header = ReadHeader(json, out int version);
        if (version > Version)
        {
            return JournalContent.Unusable($"the journal was written by a newer version of the module (format version {version})", isNewer: true);
        }

        Span<byte> check = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, check);
        if (header is null || !Matches(bytes[(end - HeaderCheckDigits)..end], check) || bytes[end - HeaderCheckDigits - 1] != ' ')
        {
            return JournalContent.Unusable("the journal's first line is damaged or was changed");
        }

        JournalContent content = new() { Header = header, HeaderCheck = check[..(HeaderCheckDigits / 2)].ToArray() };
        int position = end + 1;
        int? firstBad = null;
        while (position < bytes.Length)
        {
            int length = bytes[position..].IndexOf((byte)'\n');
            bool good = length >= 0 && ReadLine(bytes.Slice(position, length), content);
            if (good && firstBad is not null)
            {
                return JournalContent.Unusable(string.Create(CultureInfo.InvariantCulture, $"the journal is damaged or was changed at byte {firstBad}"));
            }

            firstBad ??= good ? null : position;
            position = length < 0 ? bytes.Length : position + length + 1;
        }

        return content;
    }

    /// <summary>Writes the word for a complete block.</summary>
    /// <returns>The length of the word.</returns>
    public static int WriteBlock(UInt128 hash, bool provisional, Span<byte> word)
    {
        int length = 0;
        if (provisional)
        {
            word[length++] = (byte)'~';
        }

        Span<byte> bytes = stackalloc byte[HashDigits / 2];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, hash);
        WriteHex(bytes, word.Slice(length, HashDigits));
        return length + HashDigits;
    }

    /// <summary>Writes the word that confirms the blocks up to <paramref name="last"/>.</summary>
    /// <returns>The length of the word.</returns>
    public static int WriteConfirmation(int last, Span<byte> word)
    {
        word[0] = (byte)'+';
        _ = Utf8Formatter.TryFormat(last, word[1..], out int length);
        return length + 1;
    }

    /// <summary>Writes a line.</summary>
    /// <returns>The length of the line.</returns>
    public static int WriteLine(ReadOnlySpan<byte> headerCheck, int number, ReadOnlySpan<byte> word, Span<byte> line)
    {
        _ = Utf8Formatter.TryFormat(number, line, out int length);
        line[length++] = (byte)' ';
        word.CopyTo(line[length..]);
        length += word.Length;
        Span<byte> check = stackalloc byte[SHA256.HashSizeInBytes];
        CheckOf(headerCheck, line[..length], check);
        line[length++] = (byte)' ';
        WriteHex(check[..(LineCheckDigits / 2)], line.Slice(length, LineCheckDigits));
        length += LineCheckDigits;
        line[length++] = (byte)'\n';
        return length;
    }

    private static bool ReadLine(ReadOnlySpan<byte> line, JournalContent content)
    {
        if (line.Length > MaxLineBytes || line.Length < LineCheckDigits + 4)
        {
            return false;
        }

        ReadOnlySpan<byte> text = line[..^(LineCheckDigits + 1)];
        Span<byte> check = stackalloc byte[SHA256.HashSizeInBytes];
        CheckOf(content.HeaderCheck, text, check);
        return line[text.Length] == ' ' && Matches(line[(text.Length + 1)..], check)
            && Utf8Parser.TryParse(text, out int number, out int used) && number >= 0 && number < content.Header!.BlockCount
            && used < text.Length && text[used] == ' ' && ReadWord(number, text[(used + 1)..], content);
    }

    private static bool ReadWord(int number, ReadOnlySpan<byte> word, JournalContent content)
    {
        if (word.SequenceEqual(Invalid))
        {
            content.Blocks.Remove(number);
            return true;
        }

        if (word.SequenceEqual(Mismatch))
        {
            content.HasMismatch = true;
            return true;
        }

        if (word.SequenceEqual(AllProvisional))
        {
            SetProvisional(content.Blocks.Keys, true);
            return true;
        }

        if (word.StartsWith("+"u8))
        {
            bool valid = Utf8Parser.TryParse(word[1..], out int last, out int used) && used == word.Length - 1 && last >= number && last < content.Header!.BlockCount;
            SetProvisional(valid ? Enumerable.Range(number, last - number + 1).Where(content.Blocks.ContainsKey) : [], false);
            return valid;
        }

        bool provisional = word.StartsWith("~"u8);
        ReadOnlySpan<byte> digits = provisional ? word[1..] : word;
        if (digits.Length != HashDigits || !UInt128.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 hash))
        {
            return false;
        }

        content.Blocks[number] = new JournalBlock(hash, provisional);
        return true;

        void SetProvisional(IEnumerable<int> blocks, bool value)
        {
            foreach (int block in blocks.ToArray())
            {
                content.Blocks[block] = content.Blocks[block] with { IsProvisional = value };
            }
        }
    }

    private static void CheckOf(ReadOnlySpan<byte> headerCheck, ReadOnlySpan<byte> text, Span<byte> check)
    {
        Span<byte> both = stackalloc byte[(HeaderCheckDigits / 2) + MaxLineBytes];
        headerCheck.CopyTo(both);
        text.CopyTo(both[headerCheck.Length..]);
        SHA256.HashData(both[..(headerCheck.Length + text.Length)], check);
    }

    /// <summary>Whether these are the first digits of the check.</summary>
    private static bool Matches(ReadOnlySpan<byte> digits, ReadOnlySpan<byte> check)
    {
        Span<byte> right = stackalloc byte[digits.Length];
        WriteHex(check[..(digits.Length / 2)], right);
        return right.SequenceEqual(digits);
    }

    /// <summary>Writes bytes as lower-case hex.</summary>
    public static void WriteHex(ReadOnlySpan<byte> bytes, Span<byte> digits)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            digits[2 * i] = "0123456789abcdef"u8[bytes[i] >> 4];
            digits[(2 * i) + 1] = "0123456789abcdef"u8[bytes[i] & 15];
        }
    }

    /// <summary>Writes the first line.</summary>
    public static byte[] WriteHeader(JournalHeader header, out byte[] check)
    {
        ArrayBufferWriter<byte> line = new();
        using (Utf8JsonWriter json = new(line))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteNumber("version", Version);
            json.WriteString("module", header.ModuleVersion);
            json.WriteString("blob", header.Blob);
            json.WriteNumber("size", header.Size);
            json.WriteStartObject("checksums");
            foreach ((string name, string value) in header.Checksums)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteNumber("blockBytes", header.BlockBytes);
            json.WriteString("blockHash", header.BlockHash);
            json.WriteString("file", header.File);
            if (header.TargetName is not null)
            {
                json.WriteString("target", header.TargetName);
            }

            json.WriteString("started", header.StartedAt);
            json.WriteEndObject();
        }

        check = SHA256.HashData(line.WrittenSpan)[..(HeaderCheckDigits / 2)];
        line.Write(Encoding.ASCII.GetBytes($" {PublishedHash.Write(check)}\n"));
        return line.WrittenSpan.ToArray();
    }

    private static JournalHeader? ReadHeader(ReadOnlySpan<byte> json, out int version)
    {
        version = 0;
        try
        {
            if (JsonTree.Parse(json) is not Dictionary<string, object?> members || members.GetValueOrDefault("format") as string != Format)
            {
                return null;
            }

            version = (int)Math.Clamp(JsonValue.AsLong(members.GetValueOrDefault("version")) ?? 0, 0, int.MaxValue);
            JournalHeader header = new()
            {
                ModuleVersion = members.GetValueOrDefault("module") as string ?? string.Empty,
                Blob = Guid.TryParse(members.GetValueOrDefault("blob") as string, out Guid blob) ? blob : default,
                Size = JsonValue.AsLong(members.GetValueOrDefault("size")) ?? 0,
                BlockBytes = JsonValue.AsLong(members.GetValueOrDefault("blockBytes")) ?? 0,
                BlockHash = members.GetValueOrDefault("blockHash") as string ?? string.Empty,
                File = members.GetValueOrDefault("file") as string ?? string.Empty,
                TargetName = members.GetValueOrDefault("target") as string,
                StartedAt = DateTime.TryParse(members.GetValueOrDefault("started") as string, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTime at) ? at : default,
            };
            if (members.GetValueOrDefault("checksums") is Dictionary<string, object?> checksums)
            {
                foreach ((string name, object? value) in checksums)
                {
                    header.Checksums[name] = value as string ?? string.Empty;
                }
            }

            bool possible = header.Blob != default && header.Size > 0 && header.BlockBytes is > 0 and <= BlockTable.MaxBlockBytes
                && BlockTable.CountFor(header.Size, header.BlockBytes) <= BlockTable.MaxCount;
            return possible ? header : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
