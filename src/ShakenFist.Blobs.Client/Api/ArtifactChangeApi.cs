using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs;

/// <summary>
/// Contains the artifact calls of the REST API that delete or limit versions. The server counts the references of a blob down each time that it deletes a version, even of a
/// deleted artifact, so that a repeated deletion can delete a blob that others use. Therefore, such a request is sent once. If its response is lost, the artifact is requested
/// to see what happened.
/// </summary>
public static class ArtifactChangeApi
{
    private const int Checks = 3;

    /// <summary>Deletes an artifact (<c>DELETE /artifacts/{uuid}</c>). The server ignores the deletion of a deleted artifact, so the request is sent again if it had no effect.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.ArtifactNotFound"/>, or <see cref="SfErrors.OutcomeUnknown"/> if the response was lost and the artifact cannot be requested.</exception>
    public static async Task RemoveArtifactAsync(this SfSession session, Guid uuid, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(log);
        ApiRequest request = new(HttpMethod.Delete, session.Routes.Artifact(uuid)) { Subject = $"delete artifact {uuid:D}", NotFound = SfErrors.ArtifactNotFound };
        if (!await TryChangeAsync(session, request, uuid, IsDeleted, log, cancellationToken).ConfigureAwait(false))
        {
            log.Verbose($"Artifact {uuid:D} was not deleted. Sending the request again.");
            await SendAsync(session, request, uuid, IsDeleted, log, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Deletes one version of an artifact (<c>DELETE /artifacts/{uuid}/versions/{index}</c>). If it is the last one, the server deletes the artifact. The request is sent at most once,
    /// and only if the artifact has the version.
    /// </summary>
    /// <exception cref="SfException">
    /// <see cref="SfErrors.ArtifactNotFound"/>, <see cref="SfErrors.ArtifactVersionNotFound"/>, or <see cref="SfErrors.OutcomeUnknown"/> if the response was lost and the artifact
    /// still has the version or cannot be requested.
    /// </exception>
    /// <param name="session">The session.</param>
    /// <param name="uuid">The UUID of the artifact.</param>
    /// <param name="index">The number of the version.</param>
    /// <param name="allowLast">Whether the version can be the last one, without which the server deletes the artifact. If not, the last version causes <see cref="SfErrors.ForceRequired"/>.</param>
    /// <param name="log">Receives a line for each request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async Task RemoveArtifactVersionAsync(this SfSession session, Guid uuid, long index, bool allowLast, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(log);
        ApiRequest request = new(HttpMethod.Delete, session.Routes.ArtifactVersion(uuid, index))
        {
            Subject = FormattableString.Invariant($"delete version {index} of artifact {uuid:D}"),
            NotFound = SfErrors.ArtifactVersionNotFound,
        };
        SfArtifact current = await session.GetCurrentArtifactAsync(uuid, log, cancellationToken).ConfigureAwait(false);
        if (!HasVersion(current))
        {
            throw new SfException(SfErrors.ArtifactVersionNotFound, FormattableString.Invariant($"Cannot {request.Subject}: the artifact does not have this version."));
        }

        // Another client can have removed the other versions.
        if (!allowLast && current.Versions.Length == 1)
        {
            throw new SfException(SfErrors.ForceRequired, FormattableString.Invariant($"Cannot {request.Subject}: it is the only version left. Without it, the cluster deletes the artifact."));
        }

        await SendAsync(session, request, uuid, artifact => IsDeleted(artifact) || !HasVersion(artifact), log, cancellationToken).ConfigureAwait(false);

        bool HasVersion(SfArtifact artifact) => Array.Exists(artifact.Versions, version => version.Index == index);
    }

    /// <summary>
    /// Sets the number of versions that the server keeps (<c>POST /artifacts/{uuid}/versions</c>). The server deletes the oldest versions that exceed it. The request is sent at most once.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="uuid">The UUID of the artifact.</param>
    /// <param name="maxVersions">The number, or 0 for all. Negative numbers would delete a version.</param>
    /// <param name="log">Receives a line for each request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async Task SetArtifactMaxVersionsAsync(this SfSession session, Guid uuid, int maxVersions, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(log);
        ArgumentOutOfRangeException.ThrowIfNegative(maxVersions);
        ApiRequest request = new(HttpMethod.Post, session.Routes.ArtifactVersions(uuid))
        {
            Body = JsonWriter.Write(new Dictionary<string, object?> { ["max_versions"] = maxVersions }),
            Subject = $"set the maximum number of versions of artifact {uuid:D}",
            NotFound = SfErrors.ArtifactNotFound,
        };
        await SendAsync(session, request, uuid, artifact => artifact.MaxVersions == maxVersions && (maxVersions == 0 || artifact.Versions.Length <= maxVersions), log, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gets the record of an artifact that can be changed. Some servers return one that is shared only in the list.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.ArtifactNotFound"/> if the artifact does not exist or was deleted.</exception>
    internal static async Task<SfArtifact> GetCurrentArtifactAsync(this SfSession session, Guid uuid, ISfLog log, CancellationToken cancellationToken)
    {
        SfArtifact? current;
        try
        {
            current = await session.GetArtifactAsync(uuid, log, cancellationToken).ConfigureAwait(false);
        }
        catch (SfException e) when (e.Error == SfErrors.ServerError && !session.ReturnsSharedArtifacts())
        {
            log.Verbose($"{e.Message} Requesting the list.");
            current = null;
            await foreach (SfArtifact artifact in session.ListArtifactsAsync(log, cancellationToken).ConfigureAwait(false))
            {
                current = artifact.Uuid == uuid ? artifact : current;
            }
        }

        return current is not null && !IsDeleted(current) ? current : throw new SfException(SfErrors.ArtifactNotFound, $"Artifact {uuid:D} {(current is null ? "does not exist" : "was deleted")}.");
    }

    /// <summary>Sends a request once. If the response is lost, requests the artifact to see whether it took effect.</summary>
    private static async Task SendAsync(SfSession session, ApiRequest request, Guid uuid, Func<SfArtifact, bool> isDone, ISfLog log, CancellationToken cancellationToken)
    {
        if (!await TryChangeAsync(session, request, uuid, isDone, log, cancellationToken).ConfigureAwait(false))
        {
            throw new SfException(SfErrors.OutcomeUnknown, $"Cannot {request.Subject}: the response was lost, and the change is not visible yet. The cluster may still make it.");
        }
    }

    /// <summary>Sends a request once. Returns false if the response was lost and the artifact does not show the change.</summary>
    private static async Task<bool> TryChangeAsync(SfSession session, ApiRequest request, Guid uuid, Func<SfArtifact, bool> isDone, ISfLog log, CancellationToken cancellationToken)
    {
        try
        {
            await session.ReadAsync(request, JsonTree.Parse, log, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (SfException lost) when (lost.OutcomeUnknown)
        {
            log.Verbose($"{lost.Message} Requesting the artifact to see whether the change was made.");
            try
            {
                for (int check = 1; check <= Checks; check++)
                {
                    // The cluster may still process the request.
                    await Task.Delay(Backoff.Pause(session.Options.RetryDelay, check), session.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
                    if (isDone(await session.GetArtifactAsync(uuid, log, cancellationToken).ConfigureAwait(false)))
                    {
                        return true;
                    }
                }

                return false;
            }
            catch (SfException e)
            {
                throw SfErrors.UnknownOutcomeOf(lost, $"The artifact cannot be requested to see whether the change was made: {ErrorText.Sentence(e.Message)}");
            }
        }
    }

    private static bool IsDeleted(SfArtifact artifact) => artifact.State == "deleted";
}
