using System.Runtime.CompilerServices;
using System.Text.Json;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Json;
using ShakenFist.Blobs.Model;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs;

/// <summary>The blob calls of the REST API.</summary>
public static class BlobApi
{
    /// <summary>Gets one blob (<c>GET /blobs/{uuid}</c>). Any namespace may.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.BlobNotFound"/> if there is none.</exception>
    public static Task<SfBlob> GetBlobAsync(this SfSession session, Guid uuid, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ApiRequest request = new(HttpMethod.Get, session.Routes.Blob(uuid)) { Subject = $"Blob {uuid:D}", NotFound = SfErrors.BlobNotFound };
        return session.ReadAsync(request, ParseThisBlob, log, cancellationToken);

        // A cache on the way that takes one address for another must not have one blob saved under another's name.
        SfBlob ParseThisBlob(ReadOnlySpan<byte> utf8)
        {
            SfBlob blob = BlobReader.Read(utf8);
            return blob.Uuid == uuid ? session.Seen.Add(blob) : throw new JsonException($"It describes blob {blob.Uuid:D}.");
        }
    }

    /// <summary>Lists all blobs of the cluster (<c>GET /blobs</c>), each as soon as it has arrived. Only the system namespace may.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.AdministratorRequired"/> for any other namespace.</exception>
    public static IAsyncEnumerable<SfBlob> ListBlobsAsync(this SfSession session, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        return ListAsync(session, presentTokenOnly: false, log, cancellationToken);
    }

    /// <summary>Takes note of all blobs of the cluster, if they can be had without authenticating.</summary>
    /// <exception cref="SfException">They cannot.</exception>
    internal static async Task SeeBlobsAsync(this SfSession session, CancellationToken cancellationToken)
    {
        await foreach (SfBlob _ in ListAsync(session, presentTokenOnly: true, NullLog.Instance, cancellationToken).ConfigureAwait(false))
        {
            // Listing is what makes the session see them.
        }
    }

    /// <summary>Saves a blob's data as a file and proves it. Interrupted connections are resumed.</summary>
    /// <param name="session">The session.</param>
    /// <param name="blob">The blob, as <see cref="GetBlobAsync"/> gave it.</param>
    /// <param name="path">Full path of the file to make.</param>
    /// <param name="options">What may be replaced and what must be proven.</param>
    /// <param name="log">Told of each request.</param>
    /// <param name="cancellationToken">Stops it; the target stays as it was.</param>
    public static Task<SfBlobTransfer> SaveBlobDataAsync(this SfSession session, SfBlob blob, string path, SfDownloadOptions options, ISfLog log, CancellationToken cancellationToken) =>
        new BlobDownload(session, blob, path, options, log).RunAsync(cancellationToken);

    private static async IAsyncEnumerable<SfBlob> ListAsync(SfSession session, bool presentTokenOnly, ISfLog log, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ApiRequest request = new(HttpMethod.Get, session.Routes.Blobs)
        {
            Subject = "The list of all blobs",
            Unauthorized = SfErrors.AdministratorRequired,
            PresentTokenOnly = presentTokenOnly,
        };
        using ApiAnswer answer = await session.SendAsync(request, log, cancellationToken).ConfigureAwait(false);
        AnswerBody.RefuseEncoding(answer);
        using IdleTimeoutReader reader = await IdleTimeoutReader.OpenAsync(answer, session.Options, cancellationToken, IdleTimeoutReader.AnswerBudget).ConfigureAwait(false);
        await using IAsyncEnumerator<ReadOnlyMemory<byte>> elements = new JsonArraySplitter().ReadAsync(reader.ReadAsync).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync().ConfigureAwait(false) is { } blob)
        {
            reader.RenewBudget();
            yield return blob;
        }

        // An iterator cannot yield inside a try with a catch.
        async ValueTask<SfBlob?> NextAsync()
        {
            try
            {
                return await elements.MoveNextAsync().ConfigureAwait(false) ? session.Seen.Add(BlobReader.Read(elements.Current.Span)) : null;
            }
            catch (Exception e) when (e is JsonException or IOException)
            {
                throw AnswerBody.Invalid(answer, e);
            }
        }
    }
}
