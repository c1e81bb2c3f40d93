using System.Management.Automation;
using System.Security.Cryptography;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Sessions;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Commands;

/// <summary>Compares the length and the hash of a local file with a blob. With a saved blob object, the command doesn't connect to a cluster.</summary>
[Cmdlet(VerbsDiagnostic.Test, "SfBlobData", DefaultParameterSetName = UuidPathSet)]
[OutputType(typeof(bool), typeof(SfBlobTestResult))]
public sealed class TestSfBlobDataCommand : SfSessionCmdlet
{
    private const string UuidPathSet = "UuidPath";
    private const string UuidLiteralPathSet = "UuidLiteralPath";
    private const string BlobPathSet = "BlobPath";
    private const string BlobLiteralPathSet = "BlobLiteralPath";

    /// <summary>Specifies the blob by its UUID, or as an object with a Uuid or BlobUuid property.</summary>
    [Parameter(ParameterSetName = UuidPathSet, Mandatory = true, Position = 0)]
    [Parameter(ParameterSetName = UuidLiteralPathSet, Mandatory = true, Position = 0)]
    [Alias("BlobUuid")]
    [BlobOrPath]
    [ArgumentCompleter(typeof(BlobUuidCompleter))]
    public SfBlobIdentity? Uuid { get; set; }

    /// <summary>
    /// Specifies the blob from the pipeline, in the same forms. The properties of a blob that Get-SfBlob returned are used without a request, also after Export-Clixml or
    /// ConvertTo-Json and back. An object that only refers to a blob, such as the result of a transfer, is looked up in the cluster.
    /// </summary>
    [Parameter(ParameterSetName = BlobPathSet, Mandatory = true, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = BlobLiteralPathSet, Mandatory = true, ValueFromPipeline = true)]
    public SfBlobIdentity? InputObject { get; set; }

    /// <summary>Specifies the file. Wildcards must match exactly one file. The output of Save-SfBlobData -PassThru binds to it, with its blob, and without wildcards.</summary>
    [Parameter(ParameterSetName = UuidPathSet, Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = BlobPathSet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Path { get; set; }

    /// <summary>Specifies the file without wildcards. The output of Get-ChildItem binds to it.</summary>
    [Parameter(ParameterSetName = UuidLiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = BlobLiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>Specifies the hash algorithm. By default, SHA256 or SHA512 is used, whichever is published and faster on this computer, otherwise SHA1.</summary>
    [Parameter]
    public SfHashAlgorithm? Algorithm { get; set; }

    /// <summary>Returns a detailed result instead of true or false.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        string? given = Path ?? LiteralPath;
        SfBlobIdentity identity = (Uuid ?? InputObject)!;
        try
        {
            string[] files = [.. LocalFiles.Resolve(SessionState, given!, literal: LiteralPath is not null || !IsTyped(nameof(Path)))];
            if (files.Length != 1)
            {
                throw new SfException(SfErrors.FileNotFound, $"'{given}' matches {files.Length} files. Specify one file.");
            }

            foreach (SfBlobIdentity blob in Usable([identity]))
            {
                Test(blob, files[0]);
            }
        }
        catch (SfException e)
        {
            WriteError(ErrorRecords.Of(e, (object?)identity.Uuid ?? given));
        }
    }

    private void Test(SfBlobIdentity identity, string file)
    {
        // A blob without a size is only identified, as one that was built by hand.
        SfBlob? known = identity.SavedRecord is { Size: not null } record ? record : null;
        SfSession? session = known is null ? ResolveSession() : null;
        HashProgress progress = new(file);
        RunFor(
            identity.Uuid,
            async (sink, stop) =>
            {
                SfBlob blob = known ?? await session!.GetBlobAsync(identity.Uuid!.Value, sink, stop).ConfigureAwait(false);
                SfBlobTestResult test = await CompareAsync(blob, file, progress, stop).ConfigureAwait(false);
                await sink.WriteObjectAsync(Detailed ? test : test.IsMatch).ConfigureAwait(false);
            },
            progress.Sample);
    }

    private async Task<SfBlobTestResult> CompareAsync(SfBlob blob, string file, HashProgress progress, CancellationToken stop)
    {
        long expected = BlobRange.SizeOf(blob);
        SfBlobTestResult test = new() { BlobUuid = blob.Uuid, Path = file, ExpectedSize = expected, ActualSize = new FileInfo(file).Length };
        if (test.ActualSize != expected)
        {
            return test;
        }

        PublishedHash hash = (Algorithm is { } algorithm ? PublishedHash.Of(blob, algorithm) : PublishedHash.Of(blob))
            ?? throw new SfException(SfErrors.ChecksumNotPublished, $"{PublishedHash.DescribeMissing(blob, Algorithm)} '{file}' has the length of the blob, but its content cannot be compared.");
        using HashAlgorithm hasher = DependencyLoadContext.CreateHasher(hash.Algorithm);
        byte[] actual = await FileHasher.HashAsync(file, hasher, progress.Report, stop).ConfigureAwait(false);
        return test with
        {
            IsMatch = hash.Matches(actual),
            Algorithm = hash.Algorithm,
            ExpectedHash = hash.Hex,
            ActualHash = PublishedHash.Write(actual),
        };
    }
}
