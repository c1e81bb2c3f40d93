using System.Text.Json;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Json;
using ShakenFist.Blobs.Snapshots;

namespace ShakenFist.Blobs;

/// <summary>Contains the snapshot call of the REST API.</summary>
internal static class SnapshotApi
{
    /// <summary>
    /// Requests a snapshot of one disk of an instance, or of all of them (<c>POST /instances/{uuid}/snapshot</c>). The request is never repeated. The response contains
    /// the UUIDs of blobs that do not exist yet.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="instance">The UUID of the instance.</param>
    /// <param name="device">The device, or null for all disks.</param>
    /// <param name="thin">Whether the blobs depend on the blobs that the disks were created from.</param>
    /// <param name="maxVersions">The number of snapshots of each disk that the cluster keeps. It counts only for the first snapshot of a disk. Null for the default of the cluster.</param>
    /// <param name="log">Receives a line for each request.</param>
    /// <param name="cancellationToken">Cancels the operation. A request that was sent may still take effect.</param>
    /// <returns>The snapshots. Empty if the cluster took none, which is not an error for it.</returns>
    /// <exception cref="SfException"><see cref="SfErrors.OutcomeUnknown"/> if the response was lost, <see cref="SfErrors.NotReady"/> if the instance is not in state created.</exception>
    public static async Task<IReadOnlyList<TakenSnapshot>> TakeSnapshotAsync(this SfSession session, Guid instance, string? device, bool thin, int? maxVersions, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        Dictionary<string, object?> arguments = device is null ? new() { ["all"] = true } : new() { ["device"] = device };
        if (thin)
        {
            arguments["thin"] = true;
        }

        if (maxVersions is not null)
        {
            arguments["max_versions"] = maxVersions;
        }

        ApiRequest request = new(HttpMethod.Post, session.Routes.InstanceSnapshots(instance))
        {
            Body = JsonWriter.Write(arguments),
            Subject = device is null ? $"take snapshots of instance {instance:D}" : $"take a snapshot of disk {ServerText.Clean(device, 40)} of instance {instance:D}",
            NotFound = SfErrors.InstanceNotFound,
        };
        try
        {
            return await session.ReadAsync(request, Read, log, cancellationToken).ConfigureAwait(false);
        }
        catch (SfException e) when (e.OutcomeUnknown)
        {
            throw SfErrors.UnknownOutcomeOf(e, "The cluster may have taken the snapshot.");
        }
    }

    private static IReadOnlyList<TakenSnapshot> Read(ReadOnlySpan<byte> utf8) => JsonTree.Parse(utf8) switch
    {
        // The server returns null if the instance has no node yet.
        null => [],
        Dictionary<string, object?> devices => [.. devices.Select(device => ReadOne(device.Key, device.Value as Dictionary<string, object?>))],
        _ => throw new JsonException("The JSON value is not an object with snapshots."),
    };

    private static TakenSnapshot ReadOne(string device, Dictionary<string, object?>? members) =>
        JsonValue.AsGuid(members?.GetValueOrDefault("artifact_uuid")) is { } artifact && JsonValue.AsGuid(members!.GetValueOrDefault("blob_uuid")) is { } blob
            ? new TakenSnapshot(ServerText.Clean(device, 40), artifact, blob)
            : throw new JsonException("The snapshot object has no artifact_uuid or no blob_uuid.");
}
