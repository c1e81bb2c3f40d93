using System.Text.Json;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Json;
using ShakenFist.Blobs.Model;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs;

/// <summary>Contains the checksum calls of the REST API.</summary>
public static class BlobChecksumApi
{
    /// <summary>
    /// Finds a blob by a hash of its data (<c>GET /blob_checksums/{algorithm}/{hash}</c>). Returns null if the server finds none. The caller must verify the result, because
    /// some servers compare every hash with SHA-512 hashes.
    /// </summary>
    /// <exception cref="SfException"><see cref="SfErrors.HashInvalid"/> if the hash is not valid for the algorithm.</exception>
    public static Task<SfBlob?> FindBlobByHashAsync(this SfSession session, SfHashAlgorithm algorithm, string hash, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(hash);
        if (!algorithm.IsHash(hash))
        {
            throw new SfException(SfErrors.HashInvalid, $"'{ServerText.Clean(hash, 140)}' is not a valid {algorithm} hash. It must have {algorithm.Digits()} hexadecimal digits.");
        }

#pragma warning disable CA1308 // The server compares hashes as text and keeps them in lower case.
        ApiRequest request = new(HttpMethod.Get, session.Routes.BlobByHash(algorithm, hash.ToLowerInvariant())) { Subject = $"search for {algorithm} {ServerText.Clean(hash, 140)}" };
#pragma warning restore CA1308
        return session.ReadAsync(request, utf8 => ReadBlobOrNull(utf8) is { } blob ? session.Seen.Add(blob, utf8.Length) : null, log, cancellationToken);
    }

    /// <summary>
    /// Requests one checksum of a blob (<c>GET /blobs/{uuid}/checksum/{algorithm}</c>, if <c>blob-single-checksum</c> is announced).
    /// Returns null if it is not available yet. The server then starts to compute it.
    /// </summary>
    public static Task<string?> GetBlobChecksumAsync(this SfSession session, Guid uuid, SfHashAlgorithm algorithm, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ApiRequest request = new(HttpMethod.Get, session.Routes.BlobChecksum(uuid, algorithm)) { Subject = $"get the {algorithm} hash of blob {uuid:D}", NotFound = SfErrors.BlobNotFound };
        return session.ReadAsync(request, ReadTextOrNull, log, cancellationToken);
    }

    private static SfBlob? ReadBlobOrNull(ReadOnlySpan<byte> utf8) =>
        utf8.Trim(" \t\r\n"u8).SequenceEqual("null"u8) ? null : BlobReader.Read(utf8);

    private static string? ReadTextOrNull(ReadOnlySpan<byte> utf8) => JsonTree.Parse(utf8) switch
    {
        null => null,
        string text => text,
        _ => throw new JsonException("The JSON value is not a hash or null."),
    };
}
