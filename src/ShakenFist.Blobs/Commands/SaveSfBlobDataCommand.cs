using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Commands;

/// <summary>Saves the data of blobs as files, resuming what breaks and proving that every byte is right.</summary>
[Cmdlet(VerbsData.Save, "SfBlobData", DefaultParameterSetName = UuidPathSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(SfBlobTransfer))]
public sealed class SaveSfBlobDataCommand : SfSessionCmdlet
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
    /// What must be proven before a file is put in its place: IfAvailable (by the published hash; where there is none, length alone, with a warning), Required
    /// (no published hash is an error) or None (length alone).
    /// </summary>
    [Parameter]
    public SfVerificationPolicy Verification { get; set; }

    /// <summary>Replace existing files that are not the blob.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Output a record of each transfer.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
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
            Save(session, new SfBlob { Uuid = uuid }, target: uuid);
        }

        foreach (SfBlob blob in InputObject)
        {
            Save(session, blob, target: blob);
        }
    }

    private void Save(SfSession session, SfBlob given, object target)
    {
        SfBlob blob = given;
        bool found = true;
        if (!TellsEnough(given))
        {
            found = false;
            RunFor(target, async (sink, stop) =>
            {
                blob = await session.GetBlobAsync(given.Uuid, sink, stop).ConfigureAwait(false);
                found = true;
            });
        }

        if (found)
        {
            Save(session, blob, target, FileFor(blob, target));
        }
    }

    /// <summary>A blob's data never changes, so what was known of it once is enough, if it is all there.</summary>
    private static bool TellsEnough(SfBlob blob) => blob is { Size: > 0, State: "created" } && PublishedHash.Of(blob) is not null;

    private string? FileFor(SfBlob blob, object target)
    {
        try
        {
            return _target!.FileFor(blob);
        }
        catch (SfException e)
        {
            WriteError(ErrorRecords.Of(e, target));
            return null;
        }
    }

    private void Save(SfSession session, SfBlob blob, object target, string? file)
    {
        if (file is null || !ShouldProcess(file, $"Save the {SfFormat.Size(blob.Size)} of blob {blob.Uuid:D}"))
        {
            return;
        }

        TransferProgress? progress = null;
        RunFor(
            target,
            async (sink, stop) =>
            {
                SfDownloadOptions options = new() { Force = Force, Verification = Verification };
                BlobDownload download = new(session, blob, file, options, sink);
                Volatile.Write(ref progress, new TransferProgress($"Saving blob {blob.Uuid:D} to {ServerText.Clean(System.IO.Path.GetFileName(file), 80)}", download.Progress, session.Options.TimeProvider));
                SfBlobTransfer transfer = await download.RunAsync(stop).ConfigureAwait(false);
                if (transfer.Verification == SfVerificationOutcome.NotPublished)
                {
                    sink.Warning($"Blob {blob.Uuid:D} was saved to '{file}' but not verified: the cluster has published no checksum of it. Its length is right.");
                }

                if (PassThru)
                {
                    await sink.WriteObjectAsync(transfer).ConfigureAwait(false);
                }
            },
            () => Volatile.Read(ref progress)?.Sample());
    }
}
