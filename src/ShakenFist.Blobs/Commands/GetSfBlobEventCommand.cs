using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
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

    /// <summary>Gets only events after this time. A time without a time zone is local time.</summary>
    [Parameter]
    [DateText]
    public DateTime? After { get; set; }

    /// <summary>Gets only events before this time. A time without a time zone is local time.</summary>
    [Parameter]
    [DateText]
    public DateTime? Before { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        foreach (Guid uuid in ResolveUuids(Uuid))
        {
            RunFor(uuid, async (sink, stop) =>
            {
                session.Capabilities.Require("blob-events", "Getting the events of a blob");
                (DateTime? after, DateTime? before) = (After?.ToUniversalTime(), Before?.ToUniversalTime());
                foreach (SfBlobEvent happened in await session.GetBlobEventsAsync(uuid, Type, MaxEvents, sink, stop).ConfigureAwait(false))
                {
                    // An event without a time is neither before nor after another time.
                    DateTime? time = happened.Time?.ToUniversalTime();
                    if ((after is null || time > after) && (before is null || time < before))
                    {
                        await sink.WriteObjectAsync(happened).ConfigureAwait(false);
                    }
                }
            });
        }
    }
}
