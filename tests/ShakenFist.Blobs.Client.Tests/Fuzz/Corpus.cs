using System.Collections.Concurrent;
using System.Text;
using ShakenFist.Blobs.Client.Tests.Images;
using ShakenFist.Blobs.Tests;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests.Fuzz;

/// <summary>
/// Realistic inputs for each parser: recorded responses of a real server, images of qemu-img, journals of this module, and the files in Fuzz/Corpus, which are named
/// after the parser.
/// </summary>
internal static class Corpus
{
    private const int LongestImage = 400_000;

    private static readonly string[] Groups = ["01-root", "03-auth", "05-blob-get", "06-blob-checksums", "09-blob-metadata", "12-extra", "13-outages", "15-apache-front", "16-apache-outage"];

    private static readonly ConcurrentDictionary<string, byte[][]> Loaded = new();

    private static readonly JournalHeader Header = new()
    {
        ModuleVersion = "1.2.3",
        Blob = Guid.Parse("578da8b6-eb98-4e10-bb36-e4d4d763d312"),
        Size = 20_000,
        Checksums = { ["sha512"] = new string('a', 128) },
        BlockBytes = 1000,
        BlockHash = "XXH128",
    };

    private static readonly JournalHeader[] Headers = [Header, Header with { Blob = Guid.Parse("5f000001-0000-4000-8000-000000000001") }];

    /// <summary>Returns the inputs of a parser.</summary>
    public static byte[][] Of(string parser) => Loaded.GetOrAdd(parser, static parser =>
    [
        .. parser switch
        {
            "page" => Bodies.Where(b => b.StartsWith((byte)'<')),
            "list" => [.. Bodies.Where(IsObject).Chunk(5).Select(some => (byte[])[(byte)'[', .. some.SelectMany(b => (byte[])[.. b, (byte)',', (byte)' ']).SkipLast(2), (byte)']', (byte)'\n'])],
            "blob" => Bodies.Where(b => IsObject(b) && b.AsSpan().IndexOf("\"uuid\""u8) >= 0),
            "error" or "json" => Bodies,
            "journal" => Headers.Select(Journal),
            "image" => QemuSampleTests.All.Where(b => b.Length <= LongestImage),
            _ => [],
        },
        .. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Fuzz", "Corpus"), parser + "-*").Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
    ]);

    /// <summary>Whether a journal with this first line contains this block.</summary>
    public static bool EverRecorded(byte[] headerCheck, int part, UInt128 hash) => Headers.Any(h => Check(h).SequenceEqual(headerCheck)) && part is >= 0 and < 9 && hash == HashOf(part);

    private static IEnumerable<byte[]> Bodies => Groups.SelectMany(Recording.Load)
        .Where(r => r.Response.TryGetProperty("body", out System.Text.Json.JsonElement body) && body.ValueKind == System.Text.Json.JsonValueKind.String)
        .Select(r => Encoding.UTF8.GetBytes(r.Response.GetProperty("body").GetString()!))
        .Where(b => b.Length > 1)
        .DistinctBy(Convert.ToBase64String);

    private static bool IsObject(byte[] body) => body.StartsWith((byte)'{') && body.AsSpan().TrimEnd("\n"u8).EndsWith("}"u8);

    private static bool StartsWith(this byte[] body, byte first) => body.Length > 0 && body[0] == first;

    private static UInt128 HashOf(int part) => new(0x0123456789abcdefUL * (ulong)(part + 1), (ulong)part);

    private static byte[] Check(JournalHeader header)
    {
        _ = JournalFormat.WriteHeader(header, out byte[] check);
        return check;
    }

    /// <summary>Creates a journal of nine blocks, one of which was received twice.</summary>
    private static byte[] Journal(JournalHeader header)
    {
        List<byte> text = [.. JournalFormat.WriteHeader(header, out byte[] check)];
        byte[] line = new byte[JournalFormat.MaxLineBytes];
        for (int part = 0; part < 9; part++)
        {
            text.AddRange(line.AsSpan(0, JournalFormat.WriteLine(check, part, Encoding.ASCII.GetBytes($"{HashOf(part):x32}"), line)));
            if (part == 4)
            {
                text.AddRange(line.AsSpan(0, JournalFormat.WriteLine(check, 2, JournalFormat.Invalid, line)));
            }
        }

        return [.. text];
    }
}
