using System.Management.Automation;
using System.Security.Cryptography;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Sessions;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Commands;

/// <summary>Finds the blob with the same data by its hash or by a local file.</summary>
[Cmdlet(VerbsCommon.Find, "SfBlobByHash", DefaultParameterSetName = HashSet)]
[OutputType(typeof(SfBlob))]
public sealed class FindSfBlobByHashCommand : SfSessionCmdlet
{
    private const string HashSet = "Hash";
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    /// <summary>Specifies hashes in hexadecimal digits of either case. The output of Get-FileHash binds to it, with its algorithm.</summary>
    [Parameter(ParameterSetName = HashSet, Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string[] Hash { get; set; } = [];

    /// <summary>Specifies local files to hash and search for. Wildcards are allowed.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Specifies local files without wildcards. The output of Get-ChildItem binds to it.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Specifies the algorithm. By default, the length of a hash determines it, except for 32 digits. Files are hashed with SHA512, which every cluster publishes.</summary>
    [Parameter(ParameterSetName = HashSet, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public SfHashAlgorithm? Algorithm { get; set; }

    /// <summary>Reports the error HashNotFound for each hash that is not found, instead of a verbose message.</summary>
    [Parameter]
    public SwitchParameter Required { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        foreach (string hash in Hash.Select(hash => hash.Trim()))
        {
            RunFor(hash, (sink, stop) => FindAsync(session, AlgorithmOf(hash), hash, $"'{hash}'", sink, stop));
        }

        foreach (string file in ResolveFiles(Path, LiteralPath))
        {
            FindFile(session, file);
        }
    }

    private SfHashAlgorithm AlgorithmOf(string hash)
    {
        if (!Enum.GetValues<SfHashAlgorithm>().Any(algorithm => algorithm.IsHash(hash)))
        {
            throw new SfException(SfErrors.HashInvalid,
                $"'{ServerText.Clean(hash, 140)}' is not a valid hash. SHA512 has 128 hexadecimal digits, SHA256 64, SHA1 40, and XXH128 32.");
        }

        SfHashAlgorithm algorithm = Algorithm ?? HashAlgorithms.ByLength(hash.Length)
            ?? throw new SfException(SfErrors.HashInvalid, $"'{hash}' has 32 hexadecimal digits, which can be XXH128 or another algorithm. Specify -Algorithm.");
        return algorithm.IsHash(hash)
            ? algorithm
            : throw new SfException(SfErrors.HashInvalid, $"'{hash}' is not a valid {algorithm} hash. It must have {algorithm.Digits()} hexadecimal digits.");
    }

    private void FindFile(SfSession session, string file)
    {
        HashProgress progress = new(file);
        RunFor(
            file,
            async (sink, stop) =>
            {
                SfHashAlgorithm algorithm = Algorithm ?? SfHashAlgorithm.SHA512;
                if (!FindsBy(session, algorithm))
                {
                    sink.Verbose($"This cluster finds blobs only by SHA512. Searching for '{file}' by SHA512 instead of {algorithm}.");
                    algorithm = SfHashAlgorithm.SHA512;
                }

                using HashAlgorithm hasher = DependencyLoadContext.CreateHasher(algorithm);
                string hash = Convert.ToHexString(await FileHasher.HashAsync(file, hasher, progress.Report, stop).ConfigureAwait(false));
                await FindAsync(session, algorithm, hash, $"of the file '{file}'", sink, stop).ConfigureAwait(false);
            },
            progress.Sample);
    }

    /// <summary>Servers that announce the other algorithms but not <c>blob-checksums</c> compare every hash with SHA-512 hashes.</summary>
    private static bool FindsBy(SfSession session, SfHashAlgorithm algorithm) =>
        algorithm == SfHashAlgorithm.SHA512 || session.Capabilities.Has("blob-checksums");

    private async Task FindAsync(SfSession session, SfHashAlgorithm algorithm, string hash, string subject, PipelineSink sink, CancellationToken stop)
    {
        session.Capabilities.Require("blob-search-by-hash", "Searching for blobs by hash");
        if (algorithm != SfHashAlgorithm.SHA512)
        {
            session.Capabilities.Require($"blob-hash-{algorithm.ServerName()}", $"Searching for blobs by {algorithm}");
        }

        bool conclusive = FindsBy(session, algorithm);
        if (await session.FindBlobByHashAsync(algorithm, hash, sink, stop).ConfigureAwait(false) is { } blob)
        {
            CheckAnswer(blob, algorithm, hash);
            await sink.WriteObjectAsync(blob).ConfigureAwait(false);
            return;
        }

        string miss = $"The cluster found no blob with the {algorithm} hash {subject}.";
        if (!conclusive)
        {
            miss += $" The result is inconclusive: this cluster compares every hash with SHA512 hashes and cannot find a {algorithm} hash.";
            sink.Warning(miss);
        }

        if (Required)
        {
            throw new SfException(SfErrors.HashNotFound, miss);
        }

        sink.Verbose(miss);
    }

    /// <summary>Verifies the response: a blob with another published hash is not a match.</summary>
    private static void CheckAnswer(SfBlob blob, SfHashAlgorithm algorithm, string hash)
    {
        if (PublishedHash.Of(blob, algorithm) is not { } published)
        {
            throw new SfException(SfErrors.InvalidResponse, $"The cluster returned blob {blob.Uuid:D}, which has no published {algorithm} hash, so the match cannot be confirmed.");
        }

        if (!string.Equals(published.Hex, hash, StringComparison.OrdinalIgnoreCase))
        {
            throw new SfException(SfErrors.InvalidResponse, $"The cluster returned blob {blob.Uuid:D}, but its {algorithm} hash is {published.Hex}, which is not the requested hash.");
        }
    }
}
