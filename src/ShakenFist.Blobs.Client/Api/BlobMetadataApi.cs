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
        Dictionary<string, object?> body = post ? new() { ["key"] = key, ["value"] = value } : new() { ["value"] = value };
        Uri url = post ? session.Routes.BlobMetadata(uuid) : session.Routes.BlobMetadataKey(uuid, key);
        return WriteAsync(session, post ? HttpMethod.Post : HttpMethod.Put, url, $"set the key '{ServerText.Clean(key, 80)}' of the metadata of blob {uuid:D}", body, log, cancellationToken);
    }

    /// <summary>Removes a key (<c>DELETE /blobs/{uuid}/metadata/{key}</c>). The response of the server is the same if the key does not exist.</summary>
    public static Task RemoveBlobMetadataAsync(this SfSession session, Guid uuid, string key, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);

        // A key that cannot be part of a URL path is sent in the body, which overrides the path.
        string subject = $"remove the key '{ServerText.Clean(key, 80)}' from the metadata of blob {uuid:D}";
        return Routes.IsPathKey(key)
            ? WriteAsync(session, HttpMethod.Delete, session.Routes.BlobMetadataKey(uuid, key), subject, body: null, log, cancellationToken)
            : WriteAsync(session, HttpMethod.Delete, session.Routes.BlobMetadataKey(uuid, "key-in-body"), subject, new() { ["key"] = key }, log, cancellationToken);
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

    private static async Task WriteAsync(SfSession session, HttpMethod method, Uri url, string subject, Dictionary<string, object?>? body, ISfLog log, CancellationToken cancellationToken)
    {
        ApiRequest request = new(method, url)
        {
            Body = body is null ? null : JsonWriter.Write(body),
            Subject = subject,
            NotFound = SfErrors.BlobNotFound,

            // Setting the same value again changes nothing.
            Repeatable = true,
        };
        _ = await session.ReadAsync(request, JsonTree.Parse, log, cancellationToken).ConfigureAwait(false);
    }

    private static IDictionary<string, object?> ReadObject(ReadOnlySpan<byte> utf8) =>
        JsonTree.Parse(utf8) as Dictionary<string, object?> ?? throw new JsonException("The JSON value is not an object.");
}
