using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ShakenFist.Blobs.Tests;

/// <summary>One recorded exchange.</summary>
internal sealed record Recording(string Group, int Index, JsonElement Json)
{
    private static readonly ConcurrentDictionary<string, IReadOnlyList<Recording>> Loaded = new();

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Recorded");

    public string Note => Json.GetProperty("note").GetString()!.Trim();

    public string Method => Request.GetProperty("method").GetString()!;

    public string Target => Request.GetProperty("path").GetString()!;

    /// <summary>Whether the response was recorded as raw bytes and not parsed.</summary>
    public bool IsWire => Json.TryGetProperty("wire", out _);

    public JsonElement Response => Json.GetProperty(IsWire ? "wire" : "response");

    /// <summary>Group 17 contains only methods and paths. Its requests used a token of the namespace banana.</summary>
    public IEnumerable<(string Name, string Value)> Headers => IsWire
        ? [("Host", "127.0.0.1:13000"), ("Accept", "*/*"), ("Authorization", "Bearer <TOKEN:banana>")]
        : Pairs(Request.GetProperty("headers"));

    private JsonElement Request => Json.GetProperty("request");

    /// <summary>Returns the exchanges of a group, without notes, which have no request.</summary>
    public static IReadOnlyList<Recording> Load(string group) => Loaded.GetOrAdd(group, static group => [.. Open(group + ".json")
        .GetProperty("exchanges")
        .EnumerateArray()
        .Select((json, i) => new Recording(group, i, json))
        .Where(r => r.Json.TryGetProperty("request", out _))]);

    public static JsonElement Open(string file) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, file))).RootElement;

    public static IEnumerable<(string Name, string Value)> Pairs(JsonElement headers) =>
        headers.EnumerateArray().Select(pair => (pair[0].GetString()!, pair[1].GetString()!));

    /// <summary>Returns the body of the request. Of long bodies, only the start was recorded: a repeated letter, followed by the end of the JSON text.</summary>
    public byte[] Body()
    {
        if (Request.TryGetProperty("body_base64", out JsonElement base64))
        {
            return base64.GetBytesFromBase64();
        }

        if (Request.TryGetProperty("body_length", out JsonElement length))
        {
            string head = Request.GetProperty("body_head").GetString()!;
            string sum = Request.GetProperty("body_sha256").GetString()!;
            return ((string[])["\"}", "\", \"value\": \"v\"}"])
                .Select(end => Encoding.UTF8.GetBytes(head.PadRight(length.GetInt32() - end.Length, head[^1]) + end))
                .First(body => Convert.ToHexStringLower(SHA256.HashData(body)) == sum);
        }

        return Request.TryGetProperty("body", out JsonElement text) && text.GetString() is { } body ? Encoding.UTF8.GetBytes(body) : [];
    }

    public override string ToString() => $"{Group}[{Index}] {Note}";
}
