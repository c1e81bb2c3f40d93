using System.Management.Automation;
using ShakenFist.Blobs.Model;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets who uses a blob and what a blob uses, as flat records.</summary>
[Cmdlet(VerbsCommon.Get, "SfBlobReference")]
[OutputType(typeof(SfBlobReference))]
public sealed class GetSfBlobReferenceCommand : SfBlobCmdlet
{
    /// <summary>UsedBy for the objects that use the blob, Uses for those it uses, Both unless told otherwise. With -Recurse it is Uses unless told otherwise.</summary>
    [Parameter]
    public SfReferenceDirection? Direction { get; set; }

    /// <summary>Only these relationships, such as depends_on or disk; wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(RelationshipCompleter))]
    public string[]? Relationship { get; set; }

    /// <summary>Go on from each blob at the other end, and so to the end of every chain. A blob is visited once, so circles end.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Go on from each blob at the other end, but only so many steps; all unless told otherwise. Implies -Recurse.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Depth { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        int steps = Depth ?? (Recurse ? int.MaxValue : 1);
        SfReferenceDirection direction = Direction ?? (Recurse || Depth is not null ? SfReferenceDirection.Uses : SfReferenceDirection.Both);
        ReferenceWalk walk = new(session.GetBlobAsync, direction, new Wildcards(Relationship).Match, steps);
        foreach (Guid uuid in Named(Uuid))
        {
            RunFor(uuid, (sink, stop) => walk.RunAsync([uuid], sink.WriteObjectAsync, sink.Error, sink, stop));
        }
    }
}
