using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Commands;

/// <summary>Saves the data of blobs as files, resuming what breaks and proving that every byte is right.</summary>
[Cmdlet(VerbsData.Save, "SfBlobData", DefaultParameterSetName = UuidPathSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(SfBlobTransfer), typeof(Job))]
public sealed class SaveSfBlobDataCommand : SfTransferCmdlet
{
    private const string UuidPathSet = "UuidPath";
    private const string UuidLiteralPathSet = "UuidLiteralPath";
    private const string BlobPathSet = "BlobPath";
    private const string BlobLiteralPathSet = "BlobLiteralPath";

    private SaveTarget? _target;

    /// <summary>UUIDs of the blobs to save, or objects that have one as Uuid or BlobUuid.</summary>
    // Not by property name: that would take the UUID out of a blob's record and ask the cluster for all the rest again.
    [Parameter(ParameterSetName = UuidPathSet, Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = UuidLiteralPathSet, Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("BlobUuid")]
    [AllowEmptyCollection]
    [BlobUuid(HasAlternative = true)]
    [ArgumentCompleter(typeof(BlobUuidCompleter))]
    public Guid[] Uuid { get; set; } = [];

    /// <summary>Blobs to save, as Get-SfBlob gives them. What they tell of length and checksum is used as it is.</summary>
    [Parameter(ParameterSetName = BlobPathSet, Mandatory = true, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = BlobLiteralPathSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public SfBlob[] InputObject { get; set; } = [];

    /// <summary>
    /// The directory to save to, or the name of the file. In a directory each file is named by the blob's UUID and the usual extension of its format. Wildcards
    /// may only name one existing directory. Without it, the current file system location is used.
    /// </summary>
    [Parameter(ParameterSetName = UuidPathSet, Position = 1)]
    [Parameter(ParameterSetName = BlobPathSet, Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Path { get; set; }

    /// <summary>The directory or file name, taken as it is: no character is a wildcard.</summary>
    [Parameter(ParameterSetName = UuidLiteralPathSet, Mandatory = true)]
    [Parameter(ParameterSetName = BlobLiteralPathSet, Mandatory = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>
    /// What tells that an existing file of the right length is the blob: Hash (its hash), or SizeAndTime (that it was written after the blob was made, which proves
    /// nothing of its content).
    /// </summary>
    [Parameter]
    public SfExistingCheck SkipExisting { get; set; }

    /// <summary>Whether runs of zeros become holes of the file, which take no room on the disk: Auto (in raw images), Always or Never.</summary>
    [Parameter]
    public SfSparsePolicy Sparse { get; set; }

    /// <summary>Save the blobs that the images depend on as well, beside them, so that a chain of backing files is complete.</summary>
    [Parameter]
    public SwitchParameter IncludeDependency { get; set; }

    private protected override bool FollowsDependencies => IncludeDependency;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            _target ??= SaveTarget.Resolve(SessionState, Path, LiteralPath);
        }
        catch (SfException e)
        {
            ThrowTerminatingError(ErrorRecords.Of(e, Path ?? LiteralPath));
        }

        foreach (Guid uuid in InputObject.Length > 0 ? [] : Named(Uuid))
        {
            Begin(uuid, target: uuid, known: null);
        }

        foreach (SfBlob blob in InputObject)
        {
            Begin(blob.Uuid, target: blob, TellsEnough(blob) ? blob : null);
        }
    }

    private protected override SfDownloadOptions OptionsOf() => base.OptionsOf() with { SkipExisting = SkipExisting, Sparse = Sparse };

    /// <summary>A blob's data never changes, so what was known of it once is enough, if it is all there.</summary>
    private static bool TellsEnough(SfBlob blob) => blob is { Size: > 0, State: "created" } && PublishedHash.Of(blob) is not null;

    private void Begin(Guid uuid, object target, SfBlob? known)
    {
        try
        {
            _target!.Reserve(uuid);
        }
        catch (SfException e)
        {
            WriteError(ErrorRecords.Of(e, target));
            return;
        }

        Begin(uuid, target, known, _target.FileFor);
    }
}
