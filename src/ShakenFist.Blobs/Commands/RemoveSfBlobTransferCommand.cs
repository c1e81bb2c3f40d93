using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Removes the temporary files of interrupted transfers. The target files are not changed. The command doesn't connect to a cluster.</summary>
[Cmdlet(VerbsCommon.Remove, "SfBlobTransfer", DefaultParameterSetName = PathSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveSfBlobTransferCommand : SfCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string InputObjectSet = "InputObject";

    /// <summary>Specifies interrupted transfers, as returned by Get-SfBlobTransfer.</summary>
    [Parameter(ParameterSetName = InputObjectSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public SfBlobTransfer[] InputObject { get; set; } = [];

    /// <summary>Specifies the target files of the transfers, or their directories. Wildcards are allowed, except in the property of an input object.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Specifies target files or directories without wildcards. The output of Get-ChildItem binds to it.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Includes the subdirectories of directories.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public SwitchParameter Recurse { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (SfBlobTransfer transfer in InputObject)
        {
            Remove(transfer, transfer);
        }

        bool literal = ParameterSetName == LiteralPathSet;
        foreach ((SfBlobTransfer transfer, string path) in TransferFinder.FindByPaths(SessionState, literal ? LiteralPath : Path, literal || !IsTyped(nameof(Path)), Recurse, Report))
        {
            Remove(transfer, path);
        }
    }

    private void Remove(SfBlobTransfer transfer, object target)
    {
        string what = transfer.BlobUuid is { } blob ? $"blob {blob:D}" : "an unknown blob";
        try
        {
            string path = TransferFinder.PathOf(transfer);
            if (ShouldProcess(transfer.PartialPath ?? path, $"Remove the interrupted transfer of {what} ({SfFormat.Size(transfer.BytesTransferred)} received)"))
            {
                BlobTransferApi.Remove(transfer);
            }
        }
        catch (SfException e)
        {
            Report(e, target);
        }
    }

    private void Report(SfException exception, object target) => WriteError(ErrorRecords.Of(exception, target));
}
