using System.Management.Automation;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets the published checksums of blobs, and requests missing ones if the cluster supports it.</summary>
[Cmdlet(VerbsCommon.Get, "SfBlobChecksum")]
[OutputType(typeof(SfBlobChecksum))]
public sealed class GetSfBlobChecksumCommand : SfBlobCmdlet
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Specifies the algorithms. If a checksum is not published and the cluster announces blob-single-checksum, it is requested, and the cluster starts to compute it.
    /// </summary>
    [Parameter(Position = 1)]
    public SfHashAlgorithm[]? Algorithm { get; set; }

    /// <summary>Waits until the checksums specified by -Algorithm are computed. Without -Algorithm, waits until any checksum is published.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Specifies how many seconds the command waits, for all blobs together, with -Wait. The default is 600.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0, 86400)]
    public int TimeoutSeconds { get; set; } = 600;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        CommandTimeLimit = new TimeLimit(TimeSpan.FromSeconds(TimeoutSeconds), TimeProvider.System);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        foreach (Guid uuid in ResolveUuids(Uuid))
        {
            RunFor(uuid, (sink, stop) => GetAsync(session, uuid, sink, stop));
        }
    }

    private async Task GetAsync(SfSession session, Guid uuid, PipelineSink sink, CancellationToken stop)
    {
        SfBlob blob = await session.GetBlobAsync(uuid, sink, stop).ConfigureAwait(false);
        while (Wait && Algorithm is null && blob.Checksums.Count == 0)
        {
            if (!await CommandTimeLimit!.DelayAsync(PollInterval, stop).ConfigureAwait(false))
            {
                throw new SfException(SfErrors.WaitTimeout, $"The cluster did not publish a hash of blob {uuid:D} within {TimeoutSeconds} s.");
            }

            blob = await session.GetBlobAsync(uuid, sink, stop).ConfigureAwait(false);
        }

        foreach (SfHashAlgorithm algorithm in Algorithm ?? Enum.GetValues<SfHashAlgorithm>())
        {
            string? hash = PublishedHash.Of(blob, algorithm)?.Hex;
            if (hash is null && Algorithm is not null)
            {
                hash = await AskAsync(session, uuid, algorithm, sink, stop).ConfigureAwait(false);
            }

            if (hash is not null)
            {
                await sink.WriteObjectAsync(new SfBlobChecksum { BlobUuid = uuid, Algorithm = algorithm, Hash = hash }).ConfigureAwait(false);
            }
        }
    }

    private async Task<string?> AskAsync(SfSession session, Guid uuid, SfHashAlgorithm algorithm, PipelineSink sink, CancellationToken stop)
    {
        session.Capabilities.Require("blob-single-checksum", $"The {algorithm} hash of blob {uuid:D} is not published. Requesting its computation");
        while (true)
        {
            string? hash = await session.GetBlobChecksumAsync(uuid, algorithm, sink, stop).ConfigureAwait(false);
            if (hash is not null)
            {
                return algorithm.IsHash(hash)
                    ? hash
                    : throw new SfException(SfErrors.InvalidResponse, $"The cluster returned '{ServerText.Clean(hash, 140)}' as the {algorithm} hash of blob {uuid:D}, which is not a valid hash.");
            }

            if (!Wait)
            {
                sink.Verbose($"The {algorithm} hash of blob {uuid:D} is not available yet. The cluster has started to compute it.");
                return null;
            }

            if (!await CommandTimeLimit!.DelayAsync(PollInterval, stop).ConfigureAwait(false))
            {
                throw new SfException(SfErrors.WaitTimeout, $"The cluster did not compute the {algorithm} hash of blob {uuid:D} within {TimeoutSeconds} s.");
            }
        }
    }
}
