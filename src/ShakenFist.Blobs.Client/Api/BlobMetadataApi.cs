using System.Text.Json;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs;

/// <summary>Contains the metadata calls of the REST API. The server locks a blob while its metadata is written, so send the writes for one blob one after the other.</summary>
public static class BlobMetadataApi
{
    /// <summary>Gets the metadata of a blob (<c>GET /blobs/{uuid}/metadata</c>).</summary>
    public static Task<IDictionary<string, object?>> GetBlobMetadataAsync(this SfSession session, Guid uuid, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ApiRequest request = new(HttpMethod.Get, session.Routes.BlobMetadata(uuid)) { Subject = $"get the metadata of blob {uuid:D}", NotFound = SfErrors.BlobNotFound };
        return session.ReadAsync(request, ReadObject, log, cancellationToken);
    }

    /// <summary>Sets a key that exists or not. The server accepts neither an empty key nor a value that it treats as missing.</summary>
    /// <param name="session">The session.</param>
    /// <param name="uuid">The UUID of the blob.</param>
    /// <param name="key">The key. Must not be empty.</param>
    /// <param name="value">A string, number, boolean, list, or dictionary. Checked by <see cref="GetRefusalReason"/> before a request is sent.</param>
    /// <param name="create">True to send a POST request, false to send a PUT request. The server treats both alike.</param>
    /// <param name="log">Receives a line for each request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static Task SetBlobMetadataAsync(this SfSession session, Guid uuid, string key, object? value, bool create, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (GetRefusalReason(key, value) is { } reason)
        {
            throw new SfException(SfErrors.MetadataValueRefused, $"Cannot set the metadata of blob {uuid:D}: {reason}");
        }

        // A key that cannot be part of a URL path is sent in the body of a POST request, which has the same effect.
        bool post = create || !Routes.IsPathKey(key);
        ApiRequest request = new(post ? HttpMethod.Post : HttpMethod.Put, post ? session.Routes.BlobMetadata(uuid) : session.Routes.BlobMetadataKey(uuid, key))
        {
            Body = JsonWriter.Write(post ? new Dictionary<string, object?> { ["key"] = key, ["value"] = value } : new Dictionary<string, object?> { ["value"] = value }),
            Subject = $"set the key '{ServerText.Clean(key, 80)}' of the metadata of blob {uuid:D}",
        };
        return WriteAsync(session, request, log, cancellationToken);
    }

    /// <summary>Removes a key (<c>DELETE /blobs/{uuid}/metadata/{key}</c>). The response of the server is the same if the key does not exist.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.MetadataKeyNotDeletable"/> if the key cannot be part of a URL path, and the server accepts it only there.</exception>
    public static async Task RemoveBlobMetadataAsync(this SfSession session, Guid uuid, string key, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        bool inPath = Routes.IsPathKey(key);
        ApiRequest request = new(HttpMethod.Delete, session.Routes.BlobMetadataKey(uuid, inPath ? key : "key-in-body"))
        {
            Subject = $"remove the key '{ServerText.Clean(key, 80)}' from the metadata of blob {uuid:D}",
        };
        if (inPath)
        {
            await WriteAsync(session, request, log, cancellationToken).ConfigureAwait(false);
            return;
        }

        // A key that cannot be part of a URL path is sent in the body, which overrides the path. Servers that validate their input refuse that, and do not announce it.
        request = request with { Body = JsonWriter.Write(new Dictionary<string, object?> { ["key"] = key }), Refused = SfErrors.MetadataKeyNotDeletable };
        try
        {
            await WriteAsync(session, request, log, cancellationToken).ConfigureAwait(false);
            session.RefusesKeyInBody = false;
        }
        catch (SfException e) when (e.Error == SfErrors.MetadataKeyNotDeletable)
        {
            session.RefusesKeyInBody = true;
            throw;
        }
    }

    /// <summary>Returns whether the cluster can store a key but not delete it, as far as this session has observed.</summary>
    public static bool IsKnownNotDeletable(this SfSession session, string key)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.RefusesKeyInBody && !Routes.IsPathKey(key);
    }

    /// <summary>Gets the reason why the server does not accept the key or the value, or null if it accepts them.</summary>
    public static string? GetRefusalReason(string key, object? value)
    {
        if (string.IsNullOrEmpty(key))
        {
            return "the key is empty.";
        }

        bool isFalse = value switch
        {
            null => true,
            string text => text.Length == 0,
            bool flag => !flag,
            System.Numerics.BigInteger number => number.IsZero,
            IConvertible number when number.GetTypeCode() is >= TypeCode.SByte and <= TypeCode.Decimal => number.ToDouble(null) == 0,
            System.Collections.IEnumerable items => !items.Cast<object?>().Any(),
            _ => false,
        };
        return isFalse
            ? $"the server treats the value of key '{ServerText.Clean(key, 80)}' as missing. It does not store an empty string, 0, false, an empty list, an empty object, or null."
            : Unwritable(key, value);
    }

    private static string? Unwritable(string key, object? value)
    {
        try
        {
            _ = JsonWriter.Write(new Dictionary<string, object?> { ["value"] = value });
            return null;
        }
        catch (JsonException e)
        {
            return $"the value of key '{ServerText.Clean(key, 80)}' cannot be stored. {e.Message}";
        }
    }

    // The last write of a key wins, so a repeated write or deletion has the same effect as one that arrives later.
    private static Task<object?> WriteAsync(SfSession session, ApiRequest request, ISfLog log, CancellationToken cancellationToken) =>
        session.ReadAsync(request with { NotFound = SfErrors.BlobNotFound, Repeatable = true }, JsonTree.Parse, log, cancellationToken);

    private static IDictionary<string, object?> ReadObject(ReadOnlySpan<byte> utf8) =>
        JsonTree.Parse(utf8) as Dictionary<string, object?> ?? throw new JsonException("The JSON value is not an object.");
}
