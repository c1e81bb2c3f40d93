using System.Text.Json;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Model;

namespace ShakenFist.Blobs;

/// <summary>Contains the instance calls of the REST API.</summary>
public static class InstanceApi
{
    /// <summary>Lists the instances of the namespace that are not deleted (<c>GET /instances</c>). The system namespace gets all. Returns each as soon as it is received.</summary>
    public static IAsyncEnumerable<SfInstance> ListInstancesAsync(this SfSession session, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        return ListAsync(session, presentTokenOnly: false, log, cancellationToken);
    }

    /// <summary>Reads the list of instances for completion, if the session has a valid token.</summary>
    /// <exception cref="SfException">The instances cannot be listed.</exception>
    internal static async Task SeeInstancesAsync(this SfSession session, CancellationToken cancellationToken)
    {
        await foreach (SfInstance _ in ListAsync(session, presentTokenOnly: true, NullLog.Instance, cancellationToken).ConfigureAwait(false))
        {
            // Listing adds each name to the session.
        }
    }

    /// <summary>Gets one instance of the namespace, even if it was deleted (<c>GET /instances/{uuid}</c>).</summary>
    /// <exception cref="SfException"><see cref="SfErrors.InstanceNotFound"/> if the namespace has no such instance.</exception>
    public static Task<SfInstance> GetInstanceAsync(this SfSession session, Guid uuid, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ApiRequest request = new(HttpMethod.Get, session.Routes.Instance(uuid)) { Subject = $"get instance {uuid:D}", NotFound = SfErrors.InstanceNotFound };
        return session.ReadAsync(request, ParseThisInstance, log, cancellationToken);

        // A faulty cache could return the response of another address.
        SfInstance ParseThisInstance(ReadOnlySpan<byte> utf8)
        {
            SfInstance instance = InstanceReader.Read(utf8);
            return instance.Uuid == uuid ? instance : throw new JsonException($"The response describes instance {instance.Uuid:D}.");
        }
    }

    private static IAsyncEnumerable<SfInstance> ListAsync(SfSession session, bool presentTokenOnly, ISfLog log, CancellationToken cancellationToken)
    {
        ApiRequest request = new(HttpMethod.Get, session.Routes.Instances) { Subject = "list the instances", PresentTokenOnly = presentTokenOnly };
        return session.ReadListAsync(request, ReadAndRemember, log, cancellationToken);

        SfInstance ReadAndRemember(ReadOnlySpan<byte> utf8)
        {
            SfInstance instance = InstanceReader.Read(utf8);
            session.SeenInstances.Add(instance.Uuid, instance.Name, $"{instance.State} in {instance.Namespace}, disks: {string.Join(", ", instance.Disks.Select(disk => disk.Device))}");
            return instance;
        }
    }
}
