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
    [Parameter(ParameterSetName = PathSet, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
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
        string[] paths = ParameterSetName == LiteralPathSet ? LiteralPath : Path.Length > 0 ? Path : [SessionState.Path.CurrentFileSystemLocation.ProviderPath];
        foreach ((SfBlobTransfer transfer, _) in TransferFinder.FindByPaths(SessionState, paths, literal: !IsTyped(nameof(Path)), Recurse, (e, path) => WriteError(ErrorRecords.Of(e, path))))
        {
            WriteObject(transfer);
        }
    }
}
