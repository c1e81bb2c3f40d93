using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Removes the temporary files of interrupted transfers. The target files are not changed. The command doesn't connect to a cluster.</summary>
[Cmdlet(VerbsCommon.Remove, "SfBlobTransfer", DefaultParameterSetName = InputObjectSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
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

    /// <summary>Specifies the target files of the transfers, or their directories. Wildcards are allowed.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Specifies target files or directories without wildcards. The output of Get-SfBlobTransfer binds to it, also after a round trip through a file.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (SfBlobTransfer transfer in InputObject)
        {
            Try(transfer, () => Remove(transfer));
        }

        bool literal = ParameterSetName == LiteralPathSet;
        foreach (string path in literal ? LiteralPath : Path)
        {
            Try(path, () =>
            {
                foreach (SfBlobTransfer transfer in TransferFinder.FindByPath(SessionState, path, literal, recurse: false))
                {
                    Try(path, () => Remove(transfer));
                }
            });
        }
    }

    private void Remove(SfBlobTransfer transfer)
    {
        string what = transfer.BlobUuid is { } blob ? $"blob {blob:D}" : "an unknown blob";
        if (ShouldProcess(transfer.PartialPath, $"Remove the interrupted transfer of {what} ({SfFormat.Size(transfer.BytesTransferred)} received)"))
        {
            BlobTransferApi.Remove(transfer);
        }
    }

    private void Try(object target, Action action)
    {
        try
        {
            action();
        }
        catch (SfException e)
        {
            WriteError(ErrorRecords.Of(e, target));
        }
    }
}
