using System.Management.Automation;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets what has happened to blobs, newest first, from clusters that announce blob-events.</summary>
[Cmdlet(VerbsCommon.Get, "SfBlobEvent")]
[OutputType(typeof(SfBlobEvent))]
public sealed class GetSfBlobEventCommand : SfBlobCmdlet
{
    /// <summary>Only events of this type, such as audit, mutate or status.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Type { get; set; }

    /// <summary>At most so many events of each blob. The cluster gives 100 unless told otherwise, and 1000 at the most.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int? Limit { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        foreach (Guid uuid in Named(Uuid))
        {
            RunFor(uuid, async (sink, stop) =>
            {
                session.Capabilities.Require("blob-events", "Getting the events of a blob");
                foreach (SfBlobEvent happened in await session.GetBlobEventsAsync(uuid, Type, Limit, sink, stop).ConfigureAwait(false))
                {
                    await sink.WriteObjectAsync(happened).ConfigureAwait(false);
                }
            });
        }
    }
}
