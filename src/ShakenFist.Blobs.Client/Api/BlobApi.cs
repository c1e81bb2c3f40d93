using System.Text.Json;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Model;
using ShakenFist.Blobs.Session;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs;

/// <summary>Contains the blob calls of the REST API.</summary>
public static class BlobApi
{
    /// <summary>Gets one blob (<c>GET /blobs/{uuid}</c>). Any namespace can do this.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.BlobNotFound"/> if the blob does not exist.</exception>
    public static Task<SfBlob> GetBlobAsync(this SfSession session, Guid uuid, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ApiRequest request = new(HttpMethod.Get, session.Routes.Blob(uuid)) { Subject = $"get blob {uuid:D}", NotFound = SfErrors.BlobNotFound };
        return session.ReadAsync(request, ParseThisBlob, log, cancellationToken);

        // A faulty cache could return the response of another address. Then one blob must not be saved under the UUID of another.
        SfBlob ParseThisBlob(ReadOnlySpan<byte> utf8)
        {
            SfBlob blob = BlobReader.Read(utf8);
            return blob.Uuid == uuid ? session.Seen.Add(blob, utf8.Length) : throw new JsonException($"The response describes blob {blob.Uuid:D}.");
        }
    }

    /// <summary>Gets one blob, with retries if the cluster cannot be reached.</summary>
    /// <param name="session">The session.</param>
    /// <param name="uuid">UUID of the blob.</param>
    /// <param name="retryTimeout">How long to retry.</param>
    /// <param name="log">Receives a line for each request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="SfException"><see cref="SfErrors.TransferInterrupted"/> after the retry timeout. The inner exception is the last failure.</exception>
    internal static Task<SfBlob> GetBlobWithRetryAsync(this SfSession session, Guid uuid, TimeSpan retryTimeout, ISfLog log, CancellationToken cancellationToken) =>
        session.RetryAsync($"get blob {uuid:D}", retryTimeout, () => session.GetBlobAsync(uuid, log, cancellationToken), log, cancellationToken);

    /// <summary>Lists all blobs of the cluster (<c>GET /blobs</c>) and returns each as soon as it is received. Requires the system namespace.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.AdministratorRequired"/> in other namespaces.</exception>
    public static IAsyncEnumerable<SfBlob> ListBlobsAsync(this SfSession session, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        return ListAsync(session, presentTokenOnly: false, log, cancellationToken);
    }

    /// <summary>Reads all blobs of the cluster for completion, if the session has a valid token.</summary>
    /// <exception cref="SfException">The blobs cannot be listed.</exception>
    internal static async Task SeeBlobsAsync(this SfSession session, CancellationToken cancellationToken)
    {
        await foreach (SfBlob _ in ListAsync(session, presentTokenOnly: true, NullLog.Instance, cancellationToken).ConfigureAwait(false))
        {
            // Listing adds each blob to the session.
        }
    }

    /// <summary>Saves the data of a blob as a verified file. Interrupted connections are resumed.</summary>
    /// <param name="session">The session.</param>
    /// <param name="blob">The blob, as returned by <see cref="GetBlobAsync"/>.</param>
    /// <param name="path">Full path of the target file.</param>
    /// <param name="options">What can be replaced and what is verified.</param>
    /// <param name="log">Receives a line for each request.</param>
    /// <param name="cancellationToken">Cancels the operation. The target is not changed.</param>
    public static Task<SfBlobSaveResult> SaveBlobDataAsync(this SfSession session, SfBlob blob, string path, SfBlobSaveOptions options, ISfLog log, CancellationToken cancellationToken) =>
        new BlobDownload(session, blob, path, options, log).RunAsync(cancellationToken);

    /// <summary>Returns what <see cref="SaveBlobDataAsync"/> would do, without changing any file or fetching data. An existing file of the same length is read.</summary>
    /// <exception cref="SfException">The blob cannot be saved.</exception>
    internal static Task<SavePreview> PreviewSaveAsync(this SfSession session, SfBlob blob, string path, SfBlobSaveOptions options, ISfLog log, CancellationToken cancellationToken) =>
        new BlobDownload(session, blob, path, options, log).PreviewAsync(cancellationToken);

    private static IAsyncEnumerable<SfBlob> ListAsync(SfSession session, bool presentTokenOnly, ISfLog log, CancellationToken cancellationToken)
    {
        ApiRequest request = new(HttpMethod.Get, session.Routes.Blobs)
        {
            Subject = "list all blobs",
            Unauthorized = SfErrors.AdministratorRequired,
            PresentTokenOnly = presentTokenOnly,
        };
        return session.ReadListAsync(request, utf8 => session.Seen.Add(BlobReader.Read(utf8), utf8.Length), log, cancellationToken);
    }
}
