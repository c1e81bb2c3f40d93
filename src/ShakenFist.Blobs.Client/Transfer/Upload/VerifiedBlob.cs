using System.Security.Cryptography;

namespace ShakenFist.Blobs.Transfer;

/// <summary>A blob in the cluster that has the size and the SHA-512 hash of the file. Only such a blob can become the current version of an artifact.</summary>
internal sealed class VerifiedBlob
{
    private readonly long _size;
    private readonly string _sha512;

    private VerifiedBlob(Guid uuid, long size, string sha512)
    {
        Uuid = uuid;
        _size = size;
        _sha512 = sha512;
    }

    public Guid Uuid { get; }

    /// <summary>Verifies a blob by its record. Null if the record does not show the size and the hash of the file.</summary>
    public static VerifiedBlob? ByRecord(SfBlob blob, long size, string sha512) => Shows(blob, size, sha512) ? new VerifiedBlob(blob.Uuid, size, sha512) : null;

    /// <summary>Verifies a blob by its record or, if the cluster has not computed its hash, by reading and hashing its data. Null if it differs from the file.</summary>
    public static async Task<VerifiedBlob?> VerifyAsync(
        SfSession session, SfBlob blob, long size, string sha512, TimeSpan retryTimeout, DownloadProgress progress, ISfLog log, CancellationToken cancellationToken)
    {
        if (blob.Size != size || PublishedHash.Of(blob, SfHashAlgorithm.SHA512) is not null)
        {
            return ByRecord(blob, size, sha512);
        }

        log.Verbose($"{PublishedHash.DescribeMissing(blob, SfHashAlgorithm.SHA512)} Reading its data to verify it.");
        progress.Activity = "Verifying";
        using IncrementalHash hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        await foreach (byte[] chunk in BlobChunks.ReadAsync(session, blob, 0, size, retryTimeout, progress, log, cancellationToken).ConfigureAwait(false))
        {
            hasher.AppendData(chunk);
        }

        return PublishedHash.Write(hasher.GetHashAndReset()) == sha512 ? new VerifiedBlob(blob.Uuid, size, sha512) : null;
    }

    /// <summary>Whether a later record of a blob, this one or another, shows the same content.</summary>
    public bool IsShownBy(SfBlob blob) => blob.State is null or "created"
        && (Shows(blob, _size, _sha512) || (blob.Uuid == Uuid && blob.Size == _size && PublishedHash.Of(blob, SfHashAlgorithm.SHA512) is null));

    private static bool Shows(SfBlob blob, long size, string sha512) => blob.Size == size && PublishedHash.Of(blob, SfHashAlgorithm.SHA512)?.Hex == sha512;
}
