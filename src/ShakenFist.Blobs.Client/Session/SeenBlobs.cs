using System.Collections.Concurrent;

namespace ShakenFist.Blobs.Session;

/// <summary>Blobs that a session has come across, for completion: so many at the most, whatever the cluster holds.</summary>
internal sealed class SeenBlobs
{
    private const int Most = 5000;

    private readonly ConcurrentDictionary<Guid, SfBlob> _blobs = new();
    private int _refreshed;

    /// <summary>The blobs, the last changed first.</summary>
    public IEnumerable<SfBlob> All => _blobs.Values.OrderByDescending(blob => blob.Modified);

    /// <summary>Takes note of a blob.</summary>
    public SfBlob Add(SfBlob blob)
    {
        if (_blobs.Count < Most || _blobs.ContainsKey(blob.Uuid))
        {
            _blobs[blob.Uuid] = blob;
        }

        return blob;
    }

    /// <summary>What is known of a blob, or null.</summary>
    public SfBlob? Find(Guid uuid) => _blobs.GetValueOrDefault(uuid);

    /// <summary>True the first time only: whoever gets it may ask the cluster once.</summary>
    public bool TakeRefresh() => Interlocked.Exchange(ref _refreshed, 1) == 0;
}
