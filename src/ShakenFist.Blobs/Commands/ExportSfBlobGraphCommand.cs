using System.Management.Automation;
using ShakenFist.Blobs.Graph;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Exports the references of blobs as an HTML page, a Mermaid flowchart, or a Graphviz graph.</summary>
[Cmdlet(VerbsData.Export, "SfBlobGraph", DefaultParameterSetName = UuidPathSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(string), typeof(FileInfo))]
public sealed class ExportSfBlobGraphCommand : SfSessionCmdlet
{
    private const string UuidPathSet = "UuidPath";
    private const string UuidLiteralPathSet = "UuidLiteralPath";
    private const string InputPathSet = "InputPath";
    private const string InputLiteralPathSet = "InputLiteralPath";
    private const int ActivityId = 0x5F_0001;

    private GraphTarget? _target;
    private GraphSource? _source;

    /// <summary>Specifies blobs, whose references are followed, by their UUIDs, or as objects with a Uuid or BlobUuid property. Or specifies references, which are drawn without following them.</summary>
    [Parameter(ParameterSetName = UuidPathSet, Mandatory = true, Position = 0)]
    [Parameter(ParameterSetName = UuidLiteralPathSet, Mandatory = true, Position = 0)]
    [Alias("BlobUuid")]
    [BlobOrPath]
    [ArgumentCompleter(typeof(BlobUuidCompleter))]
    public SfBlobIdentity[] Uuid { get; set; } = [];

    /// <summary>Specifies blobs or references from the pipeline, in the same forms.</summary>
    [Parameter(ParameterSetName = InputPathSet, Mandatory = true, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = InputLiteralPathSet, Mandatory = true, ValueFromPipeline = true)]
    public SfBlobIdentity[] InputObject { get; set; } = [];

    /// <summary>Specifies the file. Its extension determines the format. Wildcards must match exactly one existing file. By default, the text is returned.</summary>
    [Parameter(ParameterSetName = UuidPathSet, Position = 1)]
    [Parameter(ParameterSetName = InputPathSet, Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Path { get; set; }

    /// <summary>Specifies the file without wildcards.</summary>
    [Parameter(ParameterSetName = UuidLiteralPathSet, Mandatory = true)]
    [Parameter(ParameterSetName = InputLiteralPathSet, Mandatory = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>Specifies the format: Html, Mermaid, or Dot. The default is the format of the file extension, or Mermaid without a file.</summary>
    [Parameter]
    public SfGraphFormat? Format { get; set; }

    /// <summary>Specifies the direction of the references to follow: UsedBy, Uses, or Both. The default is Both.</summary>
    [Parameter]
    [ValidateSet(nameof(SfReferenceDirection.UsedBy), nameof(SfReferenceDirection.Uses), nameof(SfReferenceDirection.Both))]
    public SfReferenceDirection Direction { get; set; } = SfReferenceDirection.Both;

    /// <summary>Specifies relationships, such as depends_on or disk. Wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(RelationshipCompleter))]
    public string[]? Relationship { get; set; }

    /// <summary>Specifies the maximum number of steps from blob to blob. By default, all references are followed.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Depth { get; set; } = int.MaxValue;

    /// <summary>Replaces an existing file.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Returns the file.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _source = new GraphSource(new Wildcards(Relationship).Match);
        try
        {
            _target = GraphTarget.Resolve(SessionState, Path, LiteralPath, Format, Force);
        }
        catch (SfException e)
        {
            ThrowTerminatingError(ErrorRecords.Of(e, Path ?? LiteralPath));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        List<SfBlobIdentity> blobs = [];
        foreach (SfBlobIdentity input in Uuid.Concat(InputObject))
        {
            if (ReferenceRow.Read(input.Source) is { } reference)
            {
                _source!.Add(reference);
            }
            else
            {
                blobs.Add(input);
            }
        }

        foreach (SfBlobIdentity blob in Usable(blobs))
        {
            if (blob.Blob is { } record)
            {
                _source!.Start(record);
            }
            else
            {
                _source!.Start(blob.Uuid!.Value);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        (GraphSource source, GraphTarget target) = (_source!, _target!);
        if (target.File is not null && !ShouldProcess(target.File, $"Write the reference graph in the format {target.Format}"))
        {
            return;
        }

        if (source.HasStarts)
        {
            SfSession session = ResolveSession();
            RunFor(
                target: null,
                (sink, stop) => source.FollowAsync(session.GetBlobAsync, Direction, Depth, sink.Error, sink, stop),
                () => new ProgressRecord(ActivityId, "Following references", $"{source.VisitedCount} blobs found"));
        }

        BlobGraph graph = source.Build();
        if (graph.Nodes.Count == 0)
        {
            WriteVerbose("The graph is empty. No file was written.");
            return;
        }

        RunFor(target.File, (sink, _) => target.WriteAsync(graph, Force, PassThru, sink));
    }
}
