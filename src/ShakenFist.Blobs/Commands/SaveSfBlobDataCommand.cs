using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Commands;

/// <summary>Saves the data of blobs as verified files. Interrupted transfers can be resumed.</summary>
[Cmdlet(VerbsData.Save, "SfBlobData", DefaultParameterSetName = UuidPathSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(SfBlobSaveResult), typeof(Job))]
public sealed class SaveSfBlobDataCommand : SfTransferCmdlet
{
    private const string UuidPathSet = "UuidPath";
    private const string UuidLiteralPathSet = "UuidLiteralPath";
    private const string BlobPathSet = "BlobPath";
    private const string BlobLiteralPathSet = "BlobLiteralPath";

    private SaveTarget? _target;

    /// <summary>Specifies the blobs by their UUIDs, or as objects with a Uuid or BlobUuid property.</summary>
    // Not mandatory, because PowerShell then reports a missing parameter if the only argument is text that is not a UUID, and therefore bound to Path.
    [Parameter(ParameterSetName = UuidPathSet, Position = 0)]
    [Parameter(ParameterSetName = UuidLiteralPathSet, Mandatory = true, Position = 0)]
    [Alias("BlobUuid")]
    [AllowEmptyCollection]
    [ValidateNotNull]
    [BlobOrPath]
    [ArgumentCompleter(typeof(BlobUuidCompleter))]
    public SfBlobIdentity[] Uuid { get; set; } = [];

    /// <summary>Specifies the blobs from the pipeline, in the same forms. The length and the checksums of a blob that Get-SfBlob returned are used without another request.</summary>
    [Parameter(ParameterSetName = BlobPathSet, Mandatory = true, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = BlobLiteralPathSet, Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyCollection]
    public SfBlobIdentity[] InputObject { get; set; } = [];

    /// <summary>
    /// Specifies the target directory or the name of the file. In a directory, each file is named by the artifact and the version or by the instance and the disk that the
    /// blob was found by, otherwise by the UUID of the blob, and by the usual extension of its format. Wildcards must match exactly one existing directory. The default is
    /// the current file system location.
    /// </summary>
    [Parameter(ParameterSetName = UuidPathSet, Position = 1)]
    [Parameter(ParameterSetName = BlobPathSet, Position = 0)]
    [Alias("DestinationPath", "OutFile")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Path { get; set; }

    /// <summary>Specifies the directory or the file name without wildcards.</summary>
    [Parameter(ParameterSetName = UuidLiteralPathSet, Mandatory = true)]
    [Parameter(ParameterSetName = BlobLiteralPathSet, Mandatory = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>
    /// Specifies how to decide whether an existing file of the same length contains the blob: Hash (compares the hash), or SizeAndTime (compares the last write time of
    /// the file with the time at which the blob was modified, without reading the file).
    /// </summary>
    [Parameter]
    public SfExistingFileCheck ExistingFileCheck { get; set; }

    /// <summary>Specifies whether runs of zeros become unallocated ranges of a sparse file: Auto (for raw images), Always, or Never.</summary>
    [Parameter]
    public SfSparsePolicy Sparse { get; set; }

    /// <summary>Also saves the blobs that the images depend on, in the same directory, so that the chain of backing files is complete.</summary>
    [Parameter]
    [Alias("IncludeDependencies")]
    public SwitchParameter IncludeDependency { get; set; }

    private protected override bool FollowsDependencies => IncludeDependency;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (ParameterSetName == UuidPathSet && !IsTyped(nameof(Uuid)))
        {
            string message = Path is null ? "No blob is specified." : $"'{ServerText.Clean(Path, 80)}' is not the UUID of a blob.";
            WriteError(ErrorRecords.Of(new SfException(SfErrors.BlobUuidInvalid, message), Path));
        }
    }

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

        foreach (SfBlobIdentity blob in Usable(Uuid.Concat(InputObject)))
        {
            Begin(blob, blob.Blob is { } record && HasTransferFields(record) ? record : null);
        }
    }

    private protected override SfBlobSaveOptions OptionsOf() => base.OptionsOf() with { ExistingFileCheck = ExistingFileCheck, Sparse = Sparse };

    /// <summary>The data of a blob never changes, so a blob object that was read earlier can be used if all required properties are set.</summary>
    private static bool HasTransferFields(SfBlob blob) => blob is { Size: > 0, State: "created" } && PublishedHash.Of(blob) is not null;

    private void Begin(SfBlobIdentity blob, SfBlob? known)
    {
        Guid uuid = blob.Uuid!.Value;
        Func<SfBlob, string> fileFor;
        try
        {
            fileFor = _target!.Reserve(blob.WithOrigin(new SfBlob { Uuid = uuid }));
        }
        catch (SfException e)
        {
            WriteError(ErrorRecords.Of(e, uuid));
            return;
        }

        Begin(uuid, uuid, known, fileFor, blob.WithOrigin);
    }
}
