using System.Management.Automation;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets the events of blobs, newest first, from clusters that announce blob-events.</summary>
[Cmdlet(VerbsCommon.Get, "SfBlobEvent")]
[OutputType(typeof(SfBlobEvent))]
public sealed class GetSfBlobEventCommand : SfBlobCmdlet
{
    /// <summary>Gets only events of this type, such as audit, mutate, or status.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Type { get; set; }

    /// <summary>Specifies the maximum number of events for each blob. The default of the cluster is 100, and its maximum is 1000.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int? MaxEvents { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        foreach (Guid uuid in ResolveUuids(Uuid))
        {
            RunFor(uuid, async (sink, stop) =>
            {
                session.Capabilities.Require("blob-events", "Getting the events of a blob");
                foreach (SfBlobEvent happened in await session.GetBlobEventsAsync(uuid, Type, MaxEvents, sink, stop).ConfigureAwait(false))
                {
                    await sink.WriteObjectAsync(happened).ConfigureAwait(false);
                }
            });
        }
    }
}
