using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Removes what interrupted transfers have left. The files that they were to become stay as they are. No cluster is asked.</summary>
[Cmdlet(VerbsCommon.Remove, "SfBlobTransfer", DefaultParameterSetName = InputObjectSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveSfBlobTransferCommand : SfCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string InputObjectSet = "InputObject";

    /// <summary>Interrupted transfers, as Get-SfBlobTransfer gives them.</summary>
    [Parameter(ParameterSetName = InputObjectSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public SfInterruptedTransfer[] InputObject { get; set; } = [];

    /// <summary>The files that transfers were to become, or directories in which they lie; wildcards are allowed.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Files or directories, their names taken as they are. What Get-SfBlobTransfer gives binds, also from a file.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (SfInterruptedTransfer transfer in InputObject)
        {
            Try(transfer, () => Remove(transfer));
        }

        bool literal = ParameterSetName == LiteralPathSet;
        foreach (string path in literal ? LiteralPath : Path)
        {
            Try(path, () =>
            {
                foreach (SfInterruptedTransfer transfer in InterruptedAt.Path(SessionState, path, literal, recurse: false))
                {
                    Try(path, () => Remove(transfer));
                }
            });
        }
    }

    private void Remove(SfInterruptedTransfer transfer)
    {
        string what = transfer.BlobUuid is { } blob ? $"blob {blob:D}" : "an unknown blob";
        if (ShouldProcess(transfer.PartialPath, $"Remove the {SfFormat.Size(transfer.BytesDone)} that have come of {what}"))
        {
            InterruptedTransfers.Remove(transfer);
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
