using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Tests;

/// <summary>Sends the recorded requests once to emulators that are configured like the recorded servers, and stores the differences.</summary>
public sealed partial class Replay : IAsyncLifetime
{
    /// <summary>Groups that shared one server, where exchanges depend on earlier ones.</summary>
    public static readonly string[] DirectGroups =
    [
        "01-root", "02-request-id", "03-auth", "04-blobs-list", "05-blob-get", "06-blob-checksums", "07-blob-data",
        "08-blob-data-proxied", "09-blob-metadata", "12-extra",
    ];

    /// <summary>Groups of another server, with artifacts and instances.</summary>
    public static readonly string[] ArtifactGroups = ["18-artifacts", "21-labels"];

    public const string InstanceGroup = "20-instances";

    public const string ApacheGroup = "15-apache-front";
    public const string StreamingGroup = "17-data-streaming-variant";

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(60);

    private readonly Dictionary<(string, int), string?> _differences = [];

    public static IEnumerable<string> Groups => [.. DirectGroups, ApacheGroup, StreamingGroup, .. ArtifactGroups, InstanceGroup];

    public async ValueTask InitializeAsync()
    {
        using var budget = new CancellationTokenSource(Budget);
        var direct = new EmulatorOptions { Generation = ServerGeneration.B };
        await RunAsync(DirectGroups, await RecordedWorld.StartAsync(direct, budget.Token), budget.Token);
        await RunAsync([ApacheGroup], await RecordedWorld.StartAsync(direct with { BasePath = "/api", KeepAlive = true }, budget.Token), budget.Token);
        await RunAsync([StreamingGroup], await RecordedWorld.StartAsync(direct with { StreamData = true }, budget.Token), budget.Token);
        await RunAsync(ArtifactGroups, await RecordedArtifacts.StartAsync(direct, withArtifacts: true, budget.Token), budget.Token, RecordedArtifacts.Prepare);
        await RunAsync([InstanceGroup], await RecordedArtifacts.StartAsync(direct, withArtifacts: false, budget.Token), budget.Token, RecordedSnapshots.Prepare);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Returns the differences between the responses of the emulator and the server. Null if there are none.</summary>
    internal string? DifferenceOf(Recording recording) => _differences[(recording.Group, recording.Index)];

    private async Task RunAsync(IEnumerable<string> groups, SfEmulator emulator, CancellationToken ct, Action<EmulatorState, Recording>? prepare = null)
    {
        await using SfEmulator disposed = emulator;
        foreach (Recording recording in groups.SelectMany(Recording.Load))
        {
            prepare?.Invoke(emulator.State, recording);
            IEnumerable<(string, string)> headers = recording.Headers.Select(h => (h.Name, RecordedTokens.Restore(h.Value, emulator)));
            string target = RecordedTokens.Restore(recording.Target, emulator);
            byte[] request = RawHttp.Request(recording.Method, target, headers, recording.Body());
            RawAnswer answer = await RawHttp.SendAsync(emulator.Url, request, ct);
            string[] differences = [.. recording.IsWire ? CompareWire(recording, answer) : Compare(recording, answer)];
            _differences[(recording.Group, recording.Index)] = differences.Length == 0 ? null : string.Join("; ", differences);
        }
    }

    private static IEnumerable<string> Compare(Recording recording, RawAnswer answer)
    {
        JsonElement expected = recording.Response;
        var headers = Recording.Pairs(expected.GetProperty("headers")).ToList();
        bool hasId = recording.Headers.Any(h => h.Name.Replace('_', '-') == "X-Request-ID");
        return
        [
            .. Differ("status", expected.GetProperty("status").GetInt32(), answer.Status),
            .. Differ("reason", expected.GetProperty("reason").GetString(), answer.Reason),
            .. Differ("headers", Normal(headers, hasId), Normal(answer.Headers, hasId)),
            .. Differ("closed", headers.Contains(("Connection", "close")), answer.IsClosed),
            .. Differ("complete", true, answer.IsComplete),
            .. CompareBody(recording, expected, answer),
        ];
    }

    private static IEnumerable<string> CompareBody(Recording recording, JsonElement expected, RawAnswer answer)
    {
        if (expected.TryGetProperty("body_length", out JsonElement length))
        {
            // Data responses were recorded without headers and bytes. A path in the list was replaced.
            bool isExact = recording.Target.EndsWith("/metadata", StringComparison.Ordinal);
            string sum = expected.GetProperty("body_sha256").GetString()!;
            string head = expected.TryGetProperty("body_head", out JsonElement start) ? start.GetString()! : "";
            return
            [
                .. Differ("length", length.GetInt64(), answer.BodyLength),
                .. Differ("head", head, answer.Text[..Math.Min(head.Length, answer.Text.Length)]),
                .. isExact ? Differ("sha256", sum, Convert.ToHexStringLower(SHA256.HashData(answer.Body))) : [],
            ];
        }

        string text = expected.GetProperty("body").GetString()!;
        bool isUnknownData = text.Length == 1;
        return isUnknownData
            ? Differ("length", 1, answer.BodyLength)
            : Differ("body", text, AccessToken().Replace(answer.Text, AccessToken().Match(text).Value));
    }

    private static IEnumerable<string> CompareWire(Recording recording, RawAnswer answer)
    {
        JsonElement wire = recording.Response;
        string[] head = [.. wire.GetProperty("head").EnumerateArray().Select(l => l.GetString()!)];
        if (head is [""])
        {
            return Differ("status", 0, answer.Status);
        }

        var headers = head.Skip(1).Select(l => l.Split(": ", 2)).Select(p => (p[0], p[1])).ToList();
        bool ended = wire.GetProperty("terminated_properly").GetBoolean();
        bool hasChunks = headers.Contains(("Transfer-Encoding", "chunked"));
        long total = wire.GetProperty("bytes_total").GetInt64();

        // The server sends chunks of 128 KiB, the emulator larger ones. Beyond one chunk, the length of the framing differs.
        const int OneChunk = 1 << 17;
        return
        [
            .. Differ("status line", head[0], $"HTTP/1.1 {answer.Status} {answer.Reason}"),
            .. Differ("headers", Normal(headers, false), Normal(answer.Headers, false)),
            .. Differ("proper end", ended || !hasChunks, answer.IsComplete),
            .. Differ("bytes on the wire", total < OneChunk ? total : 0, total < OneChunk ? answer.TotalBytes : 0),
            .. Differ("length", total < OneChunk ? -1 : RecordedLength(total), total < OneChunk ? -1 : answer.BodyLength),
        ];
    }

    /// <summary>Returns the length of the body from a recording of headers, chunks of 0x20000 bytes, a last chunk, and the end.</summary>
    private static long RecordedLength(long total)
    {
        const int Chunk = 0x20000;
        const int FramePerChunk = 9;
        long chunks = total / (Chunk + FramePerChunk);
        return chunks * Chunk;
    }

    private static IEnumerable<string> Differ<T>(string what, T expected, T actual) =>
        EqualityComparer<T>.Default.Equals(expected, actual) ? [] : [$"{what}: recorded <{expected}>, emulated <{actual}>"];

    /// <summary>Sorts the headers. Removes the date, and the request ID if the server generated it.</summary>
    private static string Normal(IEnumerable<(string Name, string Value)> headers, bool withId) => string.Join(
        " | ",
        headers.Where(h => h.Name != "Date").Select(h => h.Name == "X-Request-ID" && !withId ? "X-Request-ID"
            : $"{h.Name}: {(h.Name == "Connection" ? h.Value.ToLowerInvariant() : h.Value)}").Order(StringComparer.Ordinal));

    [GeneratedRegex("(?<=\"access_token\": \")[^\"]+")]
    private static partial Regex AccessToken();
}
