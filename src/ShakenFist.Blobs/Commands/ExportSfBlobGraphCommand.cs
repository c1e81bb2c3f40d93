using System.Management.Automation;
using ShakenFist.Blobs.Graph;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Writes who uses which blobs as a drawing: an HTML page, a Mermaid flowchart or a Graphviz graph.</summary>
[Cmdlet(VerbsData.Export, "SfBlobGraph", DefaultParameterSetName = PathSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(string), typeof(FileInfo))]
public sealed class ExportSfBlobGraphCommand : SfSessionCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const int ActivityId = 0x5F_0001;

    private GraphTarget? _target;
    private GraphSource? _source;

    /// <summary>UUIDs of blobs, or blobs, whose references are followed; or references, as Get-SfBlobReference gives them, which are drawn as they are.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Uuid", "BlobUuid")]
    [GraphInput]
    public object[] InputObject { get; set; } = [];

    /// <summary>The file to write. Its extension tells the format. Wildcards may only name one existing file. Without it, the text goes to the pipeline.</summary>
    [Parameter(ParameterSetName = PathSet, Position = 1)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Path { get; set; }

    /// <summary>The file to write, its name taken as it is: no character is a wildcard.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>Html, Mermaid or Dot. Without it, the file's extension tells; without a file it is Mermaid.</summary>
    [Parameter]
    public SfGraphFormat? Format { get; set; }

    /// <summary>Which references of the blobs to follow: UsedBy, Uses, or Both unless told otherwise.</summary>
    [Parameter]
    public SfReferenceDirection Direction { get; set; } = SfReferenceDirection.Both;

    /// <summary>Only these relationships, such as depends_on or disk; wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(RelationshipCompleter))]
    public string[]? Relationship { get; set; }

    /// <summary>How many steps to go from blob to blob; all unless told otherwise.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Depth { get; set; } = int.MaxValue;

    /// <summary>Replace an existing file.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Output the file that was written.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
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
        foreach (object input in InputObject)
        {
            GraphInputAttribute.AddTo(_source!, input);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        (GraphSource source, GraphTarget target) = (_source!, _target!);
        if (target.File is not null && !ShouldProcess(target.File, $"Write the graph of references as {target.Format}"))
        {
            return;
        }

        if (source.HasStarts)
        {
            SfSession session = ResolveSession();
            RunFor(
                target: null,
                (sink, stop) => source.FollowAsync(session.GetBlobAsync, Direction, Depth, sink.Error, sink, stop),
                () => new ProgressRecord(ActivityId, "Following references", $"{source.Met} blobs so far"));
        }

        BlobGraph graph = source.Build();
        if (graph.Nodes.Count == 0)
        {
            WriteVerbose("There is nothing to draw: nothing was written.");
            return;
        }

        RunFor(target.File, (sink, _) => target.WriteAsync(graph, Force, PassThru, sink));
    }
}
