using System.Management.Automation;
using System.Security.Cryptography;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Sessions;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Commands;

/// <summary>Finds the blob that holds certain data, by the data's hash or by local files.</summary>
[Cmdlet(VerbsCommon.Find, "SfBlobByHash", DefaultParameterSetName = HashSet)]
[OutputType(typeof(SfBlob))]
public sealed class FindSfBlobByHashCommand : SfSessionCmdlet
{
    private const string HashSet = "Hash";
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    /// <summary>Hashes to look for, in hex of either case. What Get-FileHash puts out binds, with its algorithm.</summary>
    [Parameter(ParameterSetName = HashSet, Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Hash]
    public string[] Hash { get; set; } = [];

    /// <summary>Local files to hash and look for; wildcards are allowed.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Local files to hash and look for, their names taken as they are. What Get-ChildItem puts out binds.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The algorithm. Without it, a hash's length tells it (32 digits do not), and files are hashed with SHA512, which every cluster publishes.</summary>
    [Parameter(ParameterSetName = HashSet, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public SfHashAlgorithm? Algorithm { get; set; }

    /// <summary>Make each hash that is not found an error, HashNotFound, and not just a verbose line.</summary>
    [Parameter]
    public SwitchParameter Required { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        foreach (string hash in Hash)
        {
            RunFor(hash, (sink, stop) => FindAsync(session, AlgorithmOf(hash), hash, hash, sink, stop));
        }

        foreach (string path in Path.Concat(LiteralPath))
        {
            foreach (string file in FilesAt(path))
            {
                FindFile(session, file);
            }
        }
    }

    private SfHashAlgorithm AlgorithmOf(string hash)
    {
        SfHashAlgorithm algorithm = Algorithm ?? HashAlgorithms.ByLength(hash.Length)
            ?? throw new SfException(SfErrors.HashInvalid, $"'{hash}' has 32 digits, which may be XXH128 or something else: name the algorithm.");
        return algorithm.IsHash(hash)
            ? algorithm
            : throw new SfException(SfErrors.HashInvalid, $"'{hash}' is not a {algorithm}, which has {algorithm.Digits()} hex digits.");
    }

    private IEnumerable<string> FilesAt(string path)
    {
        try
        {
            return LocalFiles.Resolve(SessionState, path, literal: ParameterSetName == LiteralPathSet);
        }
        catch (SfException e)
        {
            WriteError(ErrorRecords.Of(e, path));
            return [];
        }
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
                    sink.Verbose($"This cluster finds blobs by SHA512 alone, whatever it announces: '{file}' is looked for by SHA512 and not by {algorithm}.");
                    algorithm = SfHashAlgorithm.SHA512;
                }

                using HashAlgorithm hasher = IsolatedRoom.CreateHasher(algorithm);
                string hash = Convert.ToHexString(await FileHasher.HashAsync(file, hasher, progress.Report, stop).ConfigureAwait(false));
                await FindAsync(session, algorithm, hash, file, sink, stop).ConfigureAwait(false);
            },
            progress.Sample);
    }

    /// <summary>Servers that announce the other algorithms but not <c>blob-checksums</c> look every hash up among SHA-512 ones.</summary>
    private static bool FindsBy(SfSession session, SfHashAlgorithm algorithm) =>
        algorithm == SfHashAlgorithm.SHA512 || session.Capabilities.Has("blob-checksums");

    private async Task FindAsync(SfSession session, SfHashAlgorithm algorithm, string hash, string subject, PipelineSink sink, CancellationToken stop)
    {
        session.Capabilities.Require("blob-search-by-hash", "Finding blobs by hash");
        if (algorithm != SfHashAlgorithm.SHA512)
        {
            session.Capabilities.Require($"blob-hash-{algorithm.ServerName()}", $"Finding blobs by {algorithm}");
        }

        bool conclusive = FindsBy(session, algorithm);
        if (await session.FindBlobByHashAsync(algorithm, hash, sink, stop).ConfigureAwait(false) is { } blob)
        {
            CheckAnswer(blob, algorithm, hash);
            await sink.WriteObjectAsync(blob).ConfigureAwait(false);
            return;
        }

        string miss = $"No blob has the {algorithm} of '{subject}'.";
        if (!conclusive)
        {
            miss += $" But this cluster looks every hash up among SHA512 ones, so that it never finds a {algorithm}: this proves nothing.";
            sink.Warning(miss);
        }

        if (Required)
        {
            throw new SfException(SfErrors.HashNotFound, miss);
        }

        sink.Verbose(miss);
    }

    /// <summary>A blob that publishes another hash is not the one, whatever the server answers.</summary>
    private static void CheckAnswer(SfBlob blob, SfHashAlgorithm algorithm, string hash)
    {
        if (PublishedHash.Of(blob, algorithm) is not { } published)
        {
            throw new SfException(SfErrors.InvalidResponse, $"The cluster answered with blob {blob.Uuid:D}, which publishes no {algorithm}: nothing shows that it is the one.");
        }

        if (!string.Equals(published.Hex, hash, StringComparison.OrdinalIgnoreCase))
        {
            throw new SfException(SfErrors.InvalidResponse, $"The cluster answered with blob {blob.Uuid:D}, whose {algorithm} is {published.Hex}: not the one that was asked for.");
        }
    }
}
