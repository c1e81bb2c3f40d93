using System.Text.Json;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Model;

namespace ShakenFist.Blobs;

/// <summary>Contains the artifact calls of the REST API.</summary>
public static class ArtifactApi
{
    /// <summary>
    /// Lists the artifacts that the namespace can use: its own, shared ones, and those of namespaces that trust it (<c>GET /artifacts</c>). The system namespace gets all.
    /// Returns each as soon as it is received.
    /// </summary>
    public static IAsyncEnumerable<SfArtifact> ListArtifactsAsync(this SfSession session, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        return ListAsync(session, presentTokenOnly: false, log, cancellationToken);
    }

    /// <summary>Reads the list of artifacts for completion, if the session has a valid token.</summary>
    /// <exception cref="SfException">The artifacts cannot be listed.</exception>
    internal static async Task SeeArtifactsAsync(this SfSession session, CancellationToken cancellationToken)
    {
        await foreach (SfArtifact _ in ListAsync(session, presentTokenOnly: true, NullLog.Instance, cancellationToken).ConfigureAwait(false))
        {
            // Listing adds each name to the session.
        }
    }

    /// <summary>
    /// Gets one artifact (<c>GET /artifacts/{uuid}</c>), even if it was deleted. Servers without the capability <c>artifact-clusteroperations</c> fail if it is shared
    /// by another namespace, but list it.
    /// </summary>
    /// <exception cref="SfException"><see cref="SfErrors.ArtifactNotFound"/> if the artifact does not exist.</exception>
    public static Task<SfArtifact> GetArtifactAsync(this SfSession session, Guid uuid, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ApiRequest request = new(HttpMethod.Get, session.Routes.Artifact(uuid)) { Subject = $"get artifact {uuid:D}", NotFound = SfErrors.ArtifactNotFound };
        return session.ReadAsync(request, ParseThisArtifact, log, cancellationToken);

        // A faulty cache could return the response of another address.
        SfArtifact ParseThisArtifact(ReadOnlySpan<byte> utf8)
        {
            SfArtifact artifact = ArtifactReader.Read(utf8);
            return artifact.Uuid == uuid ? artifact : throw new JsonException($"The response describes artifact {artifact.Uuid:D}.");
        }
    }

    /// <summary>
    /// Gets the artifact with a name (<c>GET /artifacts/{name}</c>). Returns null if there is none, or if the name cannot be part of a URL path or looks like a UUID, so
    /// that the server cannot find it. Older servers search only the own namespace.
    /// </summary>
    /// <exception cref="SfException"><see cref="SfErrors.NameAmbiguous"/> if several artifacts have the name.</exception>
    public static async Task<SfArtifact?> FindArtifactByNameAsync(this SfSession session, string name, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!Routes.IsPathKey(name) || Guid.TryParse(name, out _))
        {
            return null;
        }

        string shown = ServerText.Clean(name, 100);
        ApiRequest request = new(HttpMethod.Get, session.Routes.ArtifactByName(name)) { Subject = $"get artifact '{shown}'", NotFound = SfErrors.ArtifactNotFound };
        try
        {
            // The record does not contain the name.
            return await session.ReadAsync(request, ArtifactReader.Read, log, cancellationToken).ConfigureAwait(false) with { Name = name };
        }
        catch (SfException e) when (e.Error == SfErrors.ArtifactNotFound)
        {
            return null;
        }
        catch (SfException e) when (e.Error == SfErrors.RequestRefused && e.Message.Contains("multiple artifacts", StringComparison.Ordinal))
        {
            throw new SfException(SfErrors.NameAmbiguous, $"Several artifacts have the name '{shown}' (request id {e.RequestId}).", e) { StatusCode = e.StatusCode, RequestId = e.RequestId };
        }
    }

    /// <summary>Whether the server returns an artifact that another namespace shares by its UUID. Servers without this capability report an error, but list it.</summary>
    internal static bool ReturnsSharedArtifacts(this SfSession session) => session.Capabilities.Has("artifact-clusteroperations");

    private static IAsyncEnumerable<SfArtifact> ListAsync(SfSession session, bool presentTokenOnly, ISfLog log, CancellationToken cancellationToken)
    {
        ApiRequest request = new(HttpMethod.Get, session.Routes.Artifacts) { Subject = "list the artifacts", PresentTokenOnly = presentTokenOnly };
        return session.ReadListAsync(request, ReadAndRemember, log, cancellationToken);

        SfArtifact ReadAndRemember(ReadOnlySpan<byte> utf8)
        {
            SfArtifact artifact = ArtifactReader.Read(utf8);
            string versions = artifact.Versions.Length == 0 ? "no version" : $"v{artifact.Versions[^1]}";
            session.SeenArtifacts.Add(artifact.Uuid, artifact.Name, $"{artifact.Type} in {artifact.Namespace}, {versions}");
            return artifact;
        }
    }
}
