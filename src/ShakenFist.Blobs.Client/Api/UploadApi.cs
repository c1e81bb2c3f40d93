using System.Text.Json;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Json;
using ShakenFist.Blobs.Model;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs;

/// <summary>Contains the upload and publish calls of the REST API.</summary>
public static class UploadApi
{
    /// <summary>
    /// Publishes a file as the newest version of an artifact. The version becomes current only after the record of its blob has the size and the SHA-512 hash of the file.
    /// An interrupted upload is resumed by the next call for the same file.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="path">Full path of the file.</param>
    /// <param name="options">The artifact, and how to publish.</param>
    /// <param name="confirm">Decides, with the effects on other versions and namespaces, whether to publish. Null to publish.</param>
    /// <param name="log">Receives a line for each request.</param>
    /// <param name="cancellationToken">Cancels the operation. The upload can be resumed.</param>
    /// <returns>Null if <paramref name="confirm"/> decided against it.</returns>
    public static Task<SfArtifactPublishResult?> PublishFileAsync(this SfSession session, string path, SfArtifactPublishOptions options, Func<SfArtifactPublishPlan, Task<bool>>? confirm, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        return new ArtifactPublish(session, path, options, log).RunAsync(confirm, cancellationToken);
    }

    /// <summary>Creates an upload (<c>POST /upload</c>). If the response is lost, the next attempt creates another one.</summary>
    internal static Task<Guid> CreateUploadAsync(this SfSession session, ISfLog log, CancellationToken cancellationToken)
    {
        ApiRequest request = new(HttpMethod.Post, session.Routes.Uploads) { Subject = "create an upload", Repeatable = true };
        return session.ReadAsync(request, ParseUuid, log, cancellationToken);

        static Guid ParseUuid(ReadOnlySpan<byte> utf8) => JsonTree.Parse(utf8) is Dictionary<string, object?> upload && JsonValue.AsGuid(upload.GetValueOrDefault("uuid")) is { } uuid
            ? uuid
            : throw new JsonException("The response contains no UUID of an upload.");
    }

    /// <summary>Appends bytes to an upload and returns the new size (<c>POST /upload/{uuid}</c>). The caller decides what follows a failure.</summary>
    internal static Task<long> AppendToUploadAsync(this SfSession session, Guid upload, Func<HttpContent> createContent, ISfLog log, CancellationToken cancellationToken) =>
        session.ReadAsync(
            new ApiRequest(HttpMethod.Post, session.Routes.Upload(upload)) { CreateContent = createContent, Subject = "send data", NotFound = SfErrors.UploadNotFound, SingleAttempt = true },
            ParseSize,
            log,
            cancellationToken);

    /// <summary>Gets the size of an upload, by appending nothing. The server creates the empty file, without which an upload cannot be truncated.</summary>
    internal static Task<long> GetUploadSizeAsync(this SfSession session, Guid upload, ISfLog log, CancellationToken cancellationToken) =>
        session.ReadAsync(
            new ApiRequest(HttpMethod.Post, session.Routes.Upload(upload)) { Subject = "get the size of the upload", NotFound = SfErrors.UploadNotFound, Repeatable = true, SingleAttempt = true },
            ParseSize,
            log,
            cancellationToken);

    /// <summary>Truncates an upload (<c>POST /upload/{uuid}/truncate/{size}</c>).</summary>
    internal static async Task TruncateUploadAsync(this SfSession session, Guid upload, long size, ISfLog log, CancellationToken cancellationToken)
    {
        ApiRequest request = new(HttpMethod.Post, session.Routes.UploadTruncate(upload, size)) { Subject = "truncate the upload", NotFound = SfErrors.UploadNotFound, SingleAttempt = true };
        _ = await session.ReadAsync(request, JsonTree.Parse, log, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes an upload or a blob the newest version of an artifact (<c>POST /artifacts/upload/{name}</c>). The server does not end a request before 30 s.</summary>
    internal static Task<SfArtifact> PublishAsync(this SfSession session, PublishRequest publish, ISfLog log, CancellationToken cancellationToken)
    {
        Dictionary<string, object?> body = new() { [publish.IsUpload ? "upload_uuid" : "blob_uuid"] = publish.Source.ToString("D") };
        if (publish.Type != ArtifactTypes.Image)
        {
            body["artifact_type"] = publish.Type;
        }

        if (publish.SourceUrl is not null)
        {
            body["source_url"] = publish.SourceUrl;
        }

        if (publish.Namespace is not null)
        {
            body["namespace"] = publish.Namespace;
        }

        if (publish.Shared)
        {
            body["shared"] = true;
        }

        string what = publish.IsUpload ? "the upload" : $"blob {publish.Source:D}";
        ApiRequest request = new(HttpMethod.Post, session.Routes.ArtifactUpload(publish.Name))
        {
            Body = JsonWriter.Write(body),
            Subject = $"publish {what} as artifact '{ServerText.Clean(publish.Name, 100)}'",
            NotFound = publish.IsUpload ? SfErrors.UploadNotFound : SfErrors.PublishTargetNotFound,
            SingleAttempt = true,
        };
        return session.ReadAsync(request, ArtifactReader.Read, log, cancellationToken);
    }

    private static long ParseSize(ReadOnlySpan<byte> utf8) =>
        JsonTree.Parse(utf8) is long and >= 0 and var size ? size : throw new JsonException("The response is not the size of an upload.");
}

/// <summary>A publish request: an upload or a blob, and the artifact of which it becomes the newest version.</summary>
internal sealed record PublishRequest(string Name, Guid Source, bool IsUpload)
{
    public string Type { get; init; } = ArtifactTypes.Image;

    public string? SourceUrl { get; init; }

    public string? Namespace { get; init; }

    public bool Shared { get; init; }
}
