using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// What is known of a transfer under way, in a file beside the temporary one: lines of text, added as parts come, each with a check of its own. A process that is
/// killed and a computer that loses power leave at worst a last line that is not whole. What a line says of a part is not believed: the part's hash is there to
/// be compared with the file, so it does not matter in which order the two files reached the disk.
/// </summary>
internal sealed class TransferJournal : IDisposable
{
    /// <summary>What the target's name is followed by.</summary>
    public const string Suffix = ".sfjournal";

    /// <summary>The version of the format that is written here.</summary>
    public const int Version = 1;

    private const string Format = "ShakenFist.Blobs transfer";

    // A journal of the most parts there may be has some 30 MB; more is not ours, and not worth the memory.
    private const long LongestFile = 256 * 1024 * 1024;
    private const int HeaderCheckDigits = 32;
    private const int LineCheckDigits = 16;
    private const int LongestLine = 80;

    private readonly object _gate = new();
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly byte[] _headerCheck;
    private long _length;

    private TransferJournal(SafeFileHandle file, string path, byte[] headerCheck, long length)
    {
        _file = file;
        _path = path;
        _headerCheck = headerCheck;
        _length = length;
    }

    /// <summary>Begins a new journal in place of any that is there.</summary>
    /// <exception cref="SfException">The file cannot be written.</exception>
    public static TransferJournal Create(string target, JournalHeader header)
    {
        string path = target + Suffix;
        byte[] line = WriteHeader(header, out byte[] check);
        return Open(path, FileMode.Create, file =>
        {
            RandomAccess.Write(file, line, 0);
            return new TransferJournal(file, path, check, line.Length);
        });
    }

    /// <summary>Goes on with a journal that was read.</summary>
    /// <exception cref="SfException">The file cannot be written.</exception>
    public static TransferJournal Continue(string target, JournalContent content)
    {
        string path = target + Suffix;
        return Open(path, FileMode.Open, file =>
        {
            RandomAccess.SetLength(file, content.ValidLength);
            return new TransferJournal(file, path, content.HeaderCheck, content.ValidLength);
        });
    }

    /// <summary>Reads the journal of a target; null if there is none.</summary>
    /// <exception cref="SfException">The file cannot be read.</exception>
    public static JournalContent? Read(string target)
    {
        string path = target + Suffix;
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > LongestFile)
            {
                return JournalContent.Unusable("it is longer than any journal");
            }

            byte[] bytes = new byte[file.Length];
            return Parse(bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, path);
        }
    }

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

    /// <summary>A part is there.</summary>
    public void Add(int part, UInt128 hash)
    {
        Span<byte> value = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(value, hash);
        Span<byte> digits = stackalloc byte[32];
        WriteHex(value, digits);
        Append(part, digits);
    }

    /// <summary>A part that was there is to be fetched again.</summary>
    public void Forget(int part) => Append(part, "-"u8);

    /// <summary>Makes what was written survive a loss of power.</summary>
    public void Flush() => RandomAccess.FlushToDisk(_file);

    /// <summary>Removes it.</summary>
    public void Delete() => File.Delete(_path);

    public void Dispose() => _file.Dispose();

    private static TransferJournal Open(string path, FileMode mode, Func<SafeFileHandle, TransferJournal> open)
    {
        SafeFileHandle? file = null;
        try
        {
            if (new FileInfo(path).LinkTarget is not null)
            {
                throw new SfException(SfErrors.TargetNotFile, $"'{path}' is a symbolic link, and a journal is not written through one.");
            }

            file = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            TransferJournal journal = open(file);
            file = null;
            return journal;
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, path);
        }
        finally
        {
            file?.Dispose();
        }
    }

    private void Append(int part, ReadOnlySpan<byte> what)
    {
        Span<byte> line = stackalloc byte[LongestLine];
        _ = Utf8Formatter.TryFormat(part, line, out int length);
        line[length++] = (byte)' ';
        what.CopyTo(line[length..]);
        length += what.Length;
        Span<byte> check = stackalloc byte[SHA256.HashSizeInBytes];
        CheckOf(_headerCheck, line[..length], check);
        line[length++] = (byte)' ';
        WriteHex(check[..(LineCheckDigits / 2)], line.Slice(length, LineCheckDigits));
        length += LineCheckDigits;
        line[length++] = (byte)'\n';
        try
        {
            lock (_gate)
            {
                RandomAccess.Write(_file, line[..length], _length);
                _length += length;
            }
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, _path);
        }
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
        if (value.SequenceEqual("-"u8))
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

    private static void WriteHex(ReadOnlySpan<byte> bytes, Span<byte> digits)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            digits[2 * i] = "0123456789abcdef"u8[bytes[i] >> 4];
            digits[(2 * i) + 1] = "0123456789abcdef"u8[bytes[i] & 15];
        }
    }

    private static byte[] WriteHeader(JournalHeader header, out byte[] check)
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

            return header.Blob != default && header.Size > 0 && header.PartBytes > 0 && header.Size / header.PartBytes < int.MaxValue ? header : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What a journal says of the whole transfer.</summary>
internal sealed record JournalHeader
{
    /// <summary>The version of the module that began it.</summary>
    public string ModuleVersion { get; init; } = string.Empty;

    /// <summary>UUID of the blob.</summary>
    public Guid Blob { get; init; }

    /// <summary>Length of the blob in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Published hashes, by the server's names of their algorithms.</summary>
    public Dictionary<string, string> Checksums { get; init; } = [];

    /// <summary>Length of a part in bytes.</summary>
    public long PartBytes { get; init; }

    /// <summary>The algorithm of the parts' hashes.</summary>
    public string PartHash { get; init; } = string.Empty;

    /// <summary>When the transfer began, UTC.</summary>
    public DateTime StartedAt { get; init; }

    /// <summary>Parts of the blob.</summary>
    public int PartCount => (int)((Size + PartBytes - 1) / PartBytes);
}

/// <summary>What a journal holds.</summary>
internal sealed record JournalContent
{
    /// <summary>What it says of the whole; null if it cannot be used.</summary>
    public JournalHeader? Header { get; init; }

    /// <summary>Binds each line to the header.</summary>
    public byte[] HeaderCheck { get; init; } = [];

    /// <summary>The parts that are said to be there, with their hashes.</summary>
    public Dictionary<int, UInt128> Parts { get; } = [];

    /// <summary>Bytes up to the end of the last whole line.</summary>
    public long ValidLength { get; set; }

    /// <summary>Why it cannot be used; null if it can.</summary>
    public string? Problem { get; private init; }

    /// <summary>Whether a newer module could use it.</summary>
    public bool IsNewer { get; private init; }

    public static JournalContent Unusable(string problem, bool isNewer = false) => new() { Problem = problem, IsNewer = isNewer };
}
