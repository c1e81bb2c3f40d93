using System.Management.Automation;
using System.Security.Cryptography;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Sessions;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Commands;

/// <summary>Tells whether a local file is a blob's data: its length and its hash. With a saved record of the blob, no cluster is needed.</summary>
[Cmdlet(VerbsDiagnostic.Test, "SfBlobData", DefaultParameterSetName = BlobPathSet)]
[OutputType(typeof(bool), typeof(SfBlobDataTest))]
public sealed class TestSfBlobDataCommand : SfSessionCmdlet
{
    private const string UuidPathSet = "UuidPath";
    private const string UuidLiteralPathSet = "UuidLiteralPath";
    private const string BlobPathSet = "BlobPath";
    private const string BlobLiteralPathSet = "BlobLiteralPath";

    /// <summary>The file; wildcards may only name one.</summary>
    [Parameter(ParameterSetName = UuidPathSet, Mandatory = true, Position = 0)]
    [Parameter(ParameterSetName = BlobPathSet, Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Path { get; set; }

    /// <summary>The file, its name taken as it is. What Save-SfBlobData -PassThru puts out binds, with its blob.</summary>
    [Parameter(ParameterSetName = UuidLiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = BlobLiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>UUID of the blob.</summary>
    // Not by property name: that would take the UUID out of a saved record and ask the cluster for what the record tells.
    [Parameter(ParameterSetName = UuidPathSet, Mandatory = true, Position = 1)]
    [Parameter(ParameterSetName = UuidLiteralPathSet, Mandatory = true, Position = 1)]
    [Alias("BlobUuid")]
    [ArgumentCompleter(typeof(BlobUuidCompleter))]
    public Guid Uuid { get; set; }

    /// <summary>
    /// The blob's record as Get-SfBlob gives it, also after Export-Clixml or ConvertTo-Json and back. It is believed, and no cluster is asked. What has only the
    /// UUID, as Uuid or BlobUuid, such as a transfer's record, is looked up.
    /// </summary>
    [Parameter(ParameterSetName = BlobPathSet, Mandatory = true, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = BlobLiteralPathSet, Mandatory = true, ValueFromPipeline = true)]
    [SavedBlob]
    public SfBlob? InputObject { get; set; }

    /// <summary>The algorithm to compare by. Without it, the faster of SHA-256 and SHA-512 on this machine that is published, else SHA-1.</summary>
    [Parameter]
    public SfHashAlgorithm? Algorithm { get; set; }

    /// <summary>Output the particulars instead of true or false.</summary>
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
                throw new SfException(SfErrors.FileNotFound, $"'{given}' names {files.Length} files, not one.");
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
        // A saved record has a size; what has none only names the blob.
        SfBlob? known = InputObject is { Size: not null } ? InputObject : null;
        SfSession? session = known is null ? ResolveSession() : null;
        HashProgress progress = new(file);
        RunFor(
            file,
            async (sink, stop) =>
            {
                SfBlob blob = known ?? await session!.GetBlobAsync(InputObject?.Uuid ?? Uuid, sink, stop).ConfigureAwait(false);
                SfBlobDataTest test = await CompareAsync(blob, file, progress, stop).ConfigureAwait(false);
                await sink.WriteObjectAsync(Detailed ? test : test.IsMatch).ConfigureAwait(false);
            },
            progress.Sample);
    }

    private async Task<SfBlobDataTest> CompareAsync(SfBlob blob, string file, HashProgress progress, CancellationToken stop)
    {
        long expected = BlobRange.SizeOf(blob);
        SfBlobDataTest test = new() { BlobUuid = blob.Uuid, Path = file, ExpectedSize = expected, ActualSize = new FileInfo(file).Length };
        if (test.ActualSize != expected)
        {
            return test;
        }

        PublishedHash hash = (Algorithm is { } algorithm ? PublishedHash.Of(blob, algorithm) : PublishedHash.Of(blob))
            ?? throw new SfException(SfErrors.ChecksumNotPublished, $"{PublishedHash.DescribeMissing(blob, Algorithm)} '{file}' has the length of the blob, but its content cannot be compared.");
        using HashAlgorithm hasher = IsolatedRoom.CreateHasher(hash.Algorithm);
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
