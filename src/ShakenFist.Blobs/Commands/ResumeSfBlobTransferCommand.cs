using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Resumes interrupted transfers. The data on disk is verified and not fetched again.</summary>
[Cmdlet(VerbsLifecycle.Resume, "SfBlobTransfer", DefaultParameterSetName = InputObjectSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(SfBlobSaveResult), typeof(Job))]
public sealed class ResumeSfBlobTransferCommand : SfTransferCmdlet
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
        foreach (SfBlobTransfer given in InputObject)
        {
            Resume(given, given);
        }

        bool literal = ParameterSetName == LiteralPathSet;
        foreach (string path in literal ? LiteralPath : Path)
        {
            try
            {
                foreach (SfBlobTransfer transfer in TransferFinder.FindByPath(SessionState, path, literal, recurse: false))
                {
                    Resume(transfer, path);
                }
            }
            catch (SfException e)
            {
                WriteError(ErrorRecords.Of(e, path));
            }
        }
    }

    private void Resume(SfBlobTransfer given, object target)
    {
        try
        {
            // The transfer can have ended or changed since it was listed.
            SfBlobTransfer now = BlobTransferApi.Get(given.Path!) ?? throw new SfException(SfErrors.TransferNotFound, $"The interrupted transfer to '{given.Path}' no longer exists.");
            Guid uuid = now.State switch
            {
                SfBlobTransferState.Active => throw new SfException(SfErrors.TargetBusy, $"The transfer to '{now.Path}' is running in another process or pipeline."),
                SfBlobTransferState.Resumable when now.BlobUuid is { } blob => blob,
                _ => throw new SfException(SfErrors.TransferNotResumable, $"The transfer to '{now.Path}' cannot be resumed: {now.Problem}."),
            };
            Begin(uuid, target, known: null, _ => now.Path!);
        }
        catch (SfException e)
        {
            WriteError(ErrorRecords.Of(e, target));
        }
    }
}
