using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Lists transfers that were interrupted and can be resumed. No cluster is asked.</summary>
[Cmdlet(VerbsCommon.Get, "SfBlobTransfer", DefaultParameterSetName = PathSet)]
[OutputType(typeof(SfInterruptedTransfer))]
public sealed class GetSfBlobTransferCommand : SfCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    /// <summary>Directories to look in, or the files that transfers were to become; wildcards are allowed. Without it, the current file system location.</summary>
    [Parameter(ParameterSetName = PathSet, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Directories or files, their names taken as they are.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Look in the directories below as well.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        bool literal = ParameterSetName == LiteralPathSet;
        if (!literal && Path.Length == 0)
        {
            Write(string.Empty, () => InterruptedAt.Here(SessionState, Recurse));
        }

        foreach (string path in literal ? LiteralPath : Path)
        {
            Write(path, () => InterruptedAt.Path(SessionState, path, literal, Recurse));
        }
    }

    private void Write(string path, Func<IEnumerable<SfInterruptedTransfer>> find)
    {
        try
        {
            foreach (SfInterruptedTransfer transfer in find())
            {
                WriteObject(transfer);
            }
        }
        catch (SfException e)
        {
            WriteError(ErrorRecords.Of(e, path));
        }
    }
}
