using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// How a journal is written: a first line of JSON with the beginning of its SHA-256, then a line for each part that comes (its number and hash) or has to come
/// again (its number and a dash), each with the beginning of the SHA-256 of the first line's check and itself. So no line can be changed, or come from elsewhere.
/// </summary>
internal static class JournalFormat
{
    /// <summary>The version of the format that is written here.</summary>
    public const int Version = 1;

    private const string Format = "ShakenFist.Blobs transfer";
    private const int HeaderCheckDigits = 32;
    private const int LineCheckDigits = 16;

    /// <summary>Bytes of the longest line about a part.</summary>
    public const int LongestLine = 80;

    /// <summary>Stands for the hash of a part that is to be fetched again.</summary>
    public static ReadOnlySpan<byte> Dropped => "-"u8;

    /// <summary>Reads the bytes of a journal, whatever they are.</summary>
    public static JournalContent Parse(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)'\n');
        if (end < 0 || end < HeaderCheckDigits + 1)
        {
            return JournalContent.Unusable("it has no first line");
        }

        ReadOnlySpan<byte> json = bytes[..(end - HeaderCheckDigits - 1)];
        JournalHeader? header = ReadHeader(json, out int version);
        if (version > Version)
        {
            return JournalContent.Unusable($"it was written in version {version} of its format, by a newer module", isNewer: true);
        }

        Span<byte> check = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, check);
        if (header is null || !Matches(bytes[(end - HeaderCheckDigits)..end], check) || bytes[end - HeaderCheckDigits - 1] != ' ')
        {
            return JournalContent.Unusable("its first line is damaged or was changed");
        }

        JournalContent content = new() { Header = header, HeaderCheck = check[..(HeaderCheckDigits / 2)].ToArray(), ValidLength = end + 1 };
        int count = header.PartCount;
        int position = end + 1;
        int? firstBad = null;
        while (position < bytes.Length)
        {
            int length = bytes[position..].IndexOf((byte)'\n');
            bool good = length >= 0 && ReadLine(bytes.Slice(position, length), content.HeaderCheck, count, content.Parts);
            if (good && firstBad is not null)
            {
                return JournalContent.Unusable(string.Create(CultureInfo.InvariantCulture, $"it is damaged or was changed at byte {firstBad}"));
            }

            firstBad ??= good ? null : position;
            position = length < 0 ? bytes.Length : position + length + 1;
            content.ValidLength = good ? position : content.ValidLength;
        }

        return content;
    }

    /// <summary>Writes a line about a part.</summary>
    /// <returns>Its length.</returns>
    public static int WriteLine(ReadOnlySpan<byte> headerCheck, int part, ReadOnlySpan<byte> what, Span<byte> line)
    {
        _ = Utf8Formatter.TryFormat(part, line, out int length);
        line[length++] = (byte)' ';
        what.CopyTo(line[length..]);
        length += what.Length;
        Span<byte> check = stackalloc byte[SHA256.HashSizeInBytes];
        CheckOf(headerCheck, line[..length], check);
        line[length++] = (byte)' ';
        WriteHex(check[..(LineCheckDigits / 2)], line.Slice(length, LineCheckDigits));
        length += LineCheckDigits;
        line[length++] = (byte)'\n';
        return length;
    }

    private static bool ReadLine(ReadOnlySpan<byte> line, byte[] headerCheck, int count, Dictionary<int, UInt128> parts)
    {
        if (line.Length > LongestLine || line.Length < LineCheckDigits + 4)
        {
            return false;
        }

        ReadOnlySpan<byte> said = line[..^(LineCheckDigits + 1)];
        Span<byte> check = stackalloc byte[SHA256.HashSizeInBytes];
        CheckOf(headerCheck, said, check);
        if (line[said.Length] != ' ' || !Matches(line[(said.Length + 1)..], check)
            || !Utf8Parser.TryParse(said, out int part, out int used) || part < 0 || part >= count || used >= said.Length || said[used] != ' ')
        {
            return false;
        }

        ReadOnlySpan<byte> value = said[(used + 1)..];
        if (value.SequenceEqual(Dropped))
        {
            parts.Remove(part);
            return true;
        }

        if (value.Length != 32 || !UInt128.TryParse(value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 hash))
        {
            return false;
        }

        parts[part] = hash;
        return true;
    }

    private static void CheckOf(ReadOnlySpan<byte> headerCheck, ReadOnlySpan<byte> said, Span<byte> check)
    {
        Span<byte> both = stackalloc byte[(HeaderCheckDigits / 2) + LongestLine];
        headerCheck.CopyTo(both);
        said.CopyTo(both[headerCheck.Length..]);
        SHA256.HashData(both[..(headerCheck.Length + said.Length)], check);
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

    /// <summary>The first line.</summary>
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
            json.WriteNumber("partBytes", header.PartBytes);
            json.WriteString("partHash", header.PartHash);
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
                PartBytes = JsonValue.AsLong(members.GetValueOrDefault("partBytes")) ?? 0,
                PartHash = members.GetValueOrDefault("partHash") as string ?? string.Empty,
                StartedAt = DateTime.TryParse(members.GetValueOrDefault("started") as string, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTime at) ? at : default,
            };
            if (members.GetValueOrDefault("checksums") is Dictionary<string, object?> checksums)
            {
                foreach ((string name, object? value) in checksums)
                {
                    header.Checksums[name] = value as string ?? string.Empty;
                }
            }

            bool possible = header.Blob != default && header.Size > 0 && header.PartBytes is > 0 and <= PartMap.LargestPart
                && PartMap.CountFor(header.Size, header.PartBytes) <= PartMap.MostParts;
            return possible ? header : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
