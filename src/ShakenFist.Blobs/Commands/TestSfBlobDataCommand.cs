using System.Management.Automation;
using System.Security.Cryptography;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Sessions;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Commands;

/// <summary>Compares the length and the hash of a local file with a blob. With a saved blob object, the command doesn't connect to a cluster.</summary>
[Cmdlet(VerbsDiagnostic.Test, "SfBlobData", DefaultParameterSetName = BlobPathSet)]
[OutputType(typeof(bool), typeof(SfBlobTestResult))]
public sealed class TestSfBlobDataCommand : SfSessionCmdlet
{
    private const string UuidPathSet = "UuidPath";
    private const string UuidLiteralPathSet = "UuidLiteralPath";
    private const string BlobPathSet = "BlobPath";
    private const string BlobLiteralPathSet = "BlobLiteralPath";

    /// <summary>Specifies the file. Wildcards must match exactly one file.</summary>
    [Parameter(ParameterSetName = UuidPathSet, Mandatory = true, Position = 0)]
    [Parameter(ParameterSetName = BlobPathSet, Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Path { get; set; }

    /// <summary>Specifies the file without wildcards. The output of Save-SfBlobData -PassThru binds to it, with its blob.</summary>
    [Parameter(ParameterSetName = UuidLiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = BlobLiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>Specifies the UUID of the blob.</summary>
    // Not bound by property name: only the UUID of a saved blob object would be bound, and its other properties would be requested again.
    [Parameter(ParameterSetName = UuidPathSet, Mandatory = true, Position = 1)]
    [Parameter(ParameterSetName = UuidLiteralPathSet, Mandatory = true, Position = 1)]
    [Alias("BlobUuid")]
    [ArgumentCompleter(typeof(BlobUuidCompleter))]
    public Guid Uuid { get; set; }

    /// <summary>
    /// Specifies a blob returned by Get-SfBlob, also after Export-Clixml or ConvertTo-Json and back. Its properties are used without a request. An object that has only
    /// a Uuid or BlobUuid property, such as the result of a transfer, is looked up in the cluster.
    /// </summary>
    [Parameter(ParameterSetName = BlobPathSet, Mandatory = true, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = BlobLiteralPathSet, Mandatory = true, ValueFromPipeline = true)]
    [SavedBlob]
    public SfBlob? InputObject { get; set; }

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
        try
        {
            string[] files = [.. LocalFiles.Resolve(SessionState, given!, literal: LiteralPath is not null)];
            if (files.Length != 1)
            {
                throw new SfException(SfErrors.FileNotFound, $"'{given}' matches {files.Length} files. Specify one file.");
            }

            Test(files[0]);
        }
        catch (SfException e)
        {
            WriteError(ErrorRecords.Of(e, given));
        }
    }

    private void Test(string file)
    {
        // A saved blob object has a size. An object without one only identifies the blob.
        SfBlob? known = InputObject is { Size: not null } ? InputObject : null;
        SfSession? session = known is null ? ResolveSession() : null;
        HashProgress progress = new(file);
        RunFor(
            file,
            async (sink, stop) =>
            {
                SfBlob blob = known ?? await session!.GetBlobAsync(InputObject?.Uuid ?? Uuid, sink, stop).ConfigureAwait(false);
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
