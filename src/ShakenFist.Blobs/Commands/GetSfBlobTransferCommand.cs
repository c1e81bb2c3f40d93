using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets interrupted transfers. The command doesn't connect to a cluster.</summary>
[Cmdlet(VerbsCommon.Get, "SfBlobTransfer", DefaultParameterSetName = PathSet)]
[OutputType(typeof(SfBlobTransfer))]
public sealed class GetSfBlobTransferCommand : SfCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    /// <summary>Specifies directories, or the target files of transfers. Wildcards are allowed. The default is the current file system location.</summary>
    [Parameter(ParameterSetName = PathSet, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Specifies directories or target files without wildcards.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Includes subdirectories.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        bool literal = ParameterSetName == LiteralPathSet;
        if (!literal && Path.Length == 0)
        {
            Write(string.Empty, () => TransferFinder.FindInLocation(SessionState, Recurse));
        }

        foreach (string path in literal ? LiteralPath : Path)
        {
            Write(path, () => TransferFinder.FindByPath(SessionState, path, literal, Recurse));
        }
    }

    private void Write(string path, Func<IEnumerable<SfBlobTransfer>> find)
    {
        try
        {
            foreach (SfBlobTransfer transfer in find())
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
