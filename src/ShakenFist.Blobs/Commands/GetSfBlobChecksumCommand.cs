using System.Management.Automation;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets the checksums that the cluster has published of blobs, and has it compute those it has not where it can.</summary>
[Cmdlet(VerbsCommon.Get, "SfBlobChecksum")]
[OutputType(typeof(SfBlobChecksum))]
public sealed class GetSfBlobChecksumCommand : SfBlobCmdlet
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Only these algorithms. One that is not published yet is asked for where the cluster announces blob-single-checksum, which makes it begin to compute it.
    /// </summary>
    [Parameter(Position = 1)]
    public SfHashAlgorithm[]? Algorithm { get; set; }

    /// <summary>Wait until the checksums asked for with -Algorithm have been computed; without it, until any is published.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Seconds to wait for each blob with -Wait, 600 unless told otherwise.</summary>
    [Parameter]
    [ValidateRange(1, 86400)]
    public int TimeoutSeconds { get; set; } = 600;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        foreach (Guid uuid in Named(Uuid))
        {
            RunFor(uuid, (sink, stop) => GetAsync(session, uuid, sink, stop));
        }
    }

    private async Task GetAsync(SfSession session, Guid uuid, PipelineSink sink, CancellationToken stop)
    {
        SfBlob blob = await session.GetBlobAsync(uuid, sink, stop).ConfigureAwait(false);
        Deadline deadline = new(TimeSpan.FromSeconds(TimeoutSeconds), session.Options.TimeProvider);
        while (Wait && Algorithm is null && blob.Checksums.Count == 0)
        {
            if (!await deadline.DelayAsync(PollInterval, stop).ConfigureAwait(false))
            {
                throw new SfException(SfErrors.WaitTimeout, $"No checksum of blob {uuid:D} was published within {TimeoutSeconds} s.");
            }

            blob = await session.GetBlobAsync(uuid, sink, stop).ConfigureAwait(false);
        }

        foreach (SfHashAlgorithm algorithm in Algorithm ?? Enum.GetValues<SfHashAlgorithm>())
        {
            string? hash = PublishedHash.Of(blob, algorithm)?.Hex;
            if (hash is null && Algorithm is not null)
            {
                hash = await AskAsync(session, uuid, algorithm, deadline, sink, stop).ConfigureAwait(false);
            }

            if (hash is not null)
            {
                await sink.WriteObjectAsync(new SfBlobChecksum { BlobUuid = uuid, Algorithm = algorithm, Hash = hash }).ConfigureAwait(false);
            }
        }
    }

    private async Task<string?> AskAsync(SfSession session, Guid uuid, SfHashAlgorithm algorithm, Deadline deadline, PipelineSink sink, CancellationToken stop)
    {
        session.Capabilities.Require("blob-single-checksum", $"The {algorithm} of blob {uuid:D} is not published, and having it computed");
        while (true)
        {
            string? hash = await session.GetBlobChecksumAsync(uuid, algorithm, sink, stop).ConfigureAwait(false);
            if (hash is not null)
            {
                return algorithm.IsHash(hash)
                    ? hash
                    : throw new SfException(SfErrors.InvalidResponse, $"The cluster answered '{ServerText.Clean(hash, 140)}' as the {algorithm} of blob {uuid:D}.");
            }

            if (!Wait)
            {
                sink.Verbose($"The {algorithm} of blob {uuid:D} is not known yet; the cluster has begun to compute it.");
                return null;
            }

            if (!await deadline.DelayAsync(PollInterval, stop).ConfigureAwait(false))
            {
                throw new SfException(SfErrors.WaitTimeout, $"The {algorithm} of blob {uuid:D} was not computed within {TimeoutSeconds} s.");
            }
        }
    }
}
