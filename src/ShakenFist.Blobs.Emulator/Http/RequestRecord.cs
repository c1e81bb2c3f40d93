using System.Globalization;

namespace ShakenFist.Blobs.Emulator;

/// <summary>A request as it came, and how it was answered.</summary>
public sealed class RequestRecord
{
    public required string Method { get; init; }

    /// <summary>The raw target of the request line.</summary>
    public required string Target { get; init; }

    /// <summary>The path as sent, percent-encoded, without base path and query.</summary>
    public required string Path { get; init; }

    /// <summary>What follows the question mark, as sent; empty if there is none.</summary>
    public required string Query { get; init; }

    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Headers { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The body if it is at most 64 KiB.</summary>
    public ReadOnlyMemory<byte> Body { get; internal set; }

    public string RequestId { get; internal set; } = "";

    /// <summary>0 until the answer begins, and for good if the connection was cut before it.</summary>
    public int Status { get; internal set; }

    /// <summary>Bytes of the body handed to the network.</summary>
    public long BytesSent { get; internal set; }

    /// <summary>When the last of them was handed over; null if there were none.</summary>
    public DateTimeOffset? LastSentAt { get; internal set; }

    /// <summary>Set when the server is done with the request, whatever became of it.</summary>
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
