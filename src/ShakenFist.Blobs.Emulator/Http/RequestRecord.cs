using System.Globalization;

namespace ShakenFist.Blobs.Emulator;

/// <summary>A received request, and its response.</summary>
public sealed class RequestRecord
{
    public required string Method { get; init; }

    /// <summary>The target in the request line, unchanged.</summary>
    public required string Target { get; init; }

    /// <summary>The path as it was sent, percent-encoded, without the base path and the query.</summary>
    public required string Path { get; init; }

    /// <summary>The query as it was sent, without the question mark. Empty if there is none.</summary>
    public required string Query { get; init; }

    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Headers { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The body, if it has at most 64 KiB.</summary>
    public ReadOnlyMemory<byte> Body { get; internal set; }

    public string RequestId { get; internal set; } = "";

    /// <summary>The status of the response. 0 before the response begins, or if the connection was closed before that.</summary>
    public int Status { get; internal set; }

    /// <summary>Number of bytes of the body that were passed to the operating system.</summary>
    public long BytesSent { get; internal set; }

    /// <summary>When the last bytes were passed to the operating system. Null if there were none.</summary>
    public DateTimeOffset? LastSentAt { get; internal set; }

    /// <summary>Whether the server has finished processing the request, successfully or not.</summary>
    public bool Completed { get; internal set; }

    public override string ToString() => $"{Method} {Target} → {Status}";

    internal long QueryNumber(string name)
    {
        foreach (string pair in Query.Split('&'))
        {
            if (pair.StartsWith(name + "=", StringComparison.Ordinal)
                && long.TryParse(pair.AsSpan(name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            {
                return number;
            }
        }

        return 0;
    }
}
