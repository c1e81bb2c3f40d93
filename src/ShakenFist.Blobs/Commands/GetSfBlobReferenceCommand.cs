using System.Management.Automation;
using ShakenFist.Blobs.Model;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets the objects that use a blob and the objects that the blob uses.</summary>
[Cmdlet(VerbsCommon.Get, "SfBlobReference")]
[OutputType(typeof(SfBlobReference))]
public sealed class GetSfBlobReferenceCommand : SfBlobCmdlet
{
    /// <summary>Specifies the direction: UsedBy (objects that use the blob), Uses (objects that the blob uses), or Both. The default is Both.</summary>
    [Parameter]
    [ValidateSet(nameof(SfReferenceDirection.UsedBy), nameof(SfReferenceDirection.Uses), nameof(SfReferenceDirection.Both))]
    public SfReferenceDirection Direction { get; set; } = SfReferenceDirection.Both;

    /// <summary>Specifies relationships, such as depends_on or disk. Wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(RelationshipCompleter))]
    public string[]? Relationship { get; set; }

    /// <summary>Follows the references of each related blob. Each blob is visited once.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Follows the references of related blobs up to this number of steps. Implies -Recurse. By default, -Recurse follows all references.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Depth { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        int steps = Depth ?? (Recurse ? int.MaxValue : 1);
        ReferenceWalk walk = new(session.GetBlobAsync, Direction, new Wildcards(Relationship).Match, steps);
        foreach (Guid uuid in ResolveUuids(Uuid))
        {
            RunFor(uuid, (sink, stop) => walk.RunAsync([uuid], sink.WriteObjectAsync, sink.Error, sink, stop));
        }
    }
}
