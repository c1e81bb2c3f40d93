using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Resumes interrupted transfers. The data on disk is verified and not fetched again.</summary>
[Cmdlet(VerbsLifecycle.Resume, "SfBlobTransfer", DefaultParameterSetName = PathSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
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
            Resume(transfer, transfer);
        }

        bool literal = ParameterSetName == LiteralPathSet;
        foreach ((SfBlobTransfer transfer, string path) in TransferFinder.FindByPaths(SessionState, literal ? LiteralPath : Path, literal || !IsTyped(nameof(Path)), Recurse, Report))
        {
            Resume(transfer, path);
        }
    }

    private void Report(SfException exception, object target) => WriteError(ErrorRecords.Of(exception, target));

    private void Resume(SfBlobTransfer given, object target)
    {
        try
        {
            // The transfer can have ended or changed since it was listed.
            SfBlobTransfer now = BlobTransferApi.Get(TransferFinder.PathOf(given)) ?? throw new SfException(SfErrors.TransferNotFound, $"The interrupted transfer to '{given.Path}' no longer exists.");
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
            Report(e, target);
        }
    }
}
