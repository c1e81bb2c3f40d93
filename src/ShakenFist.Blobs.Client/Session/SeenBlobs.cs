namespace ShakenFist.Blobs.Session;

/// <summary>Blobs that a session has come across, for completion: so many, and so much, at the most, whatever the cluster holds.</summary>
internal sealed class SeenBlobs
{
    private const int Most = 5000;

    /// <summary>Bytes of JSON that all of them came as: a server may send records of megabytes.</summary>
    internal const int MostBytes = 32 * 1024 * 1024;

    private readonly object _gate = new();
    private readonly Dictionary<Guid, (SfBlob Blob, int Bytes)> _blobs = [];
    private long _bytes;
    private int _refreshed;

    /// <summary>The blobs, the last changed first.</summary>
    public IEnumerable<SfBlob> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _blobs.Values.Select(seen => seen.Blob).OrderByDescending(blob => blob.Modified)];
            }
        }
    }

    /// <summary>Takes note of a blob that came as so many bytes of JSON.</summary>
    public SfBlob Add(SfBlob blob, int bytes)
    {
        lock (_gate)
        {
            _bytes -= _blobs.Remove(blob.Uuid, out (SfBlob, int Bytes) old) ? old.Bytes : 0;
            if (_blobs.Count < Most && _bytes + bytes <= MostBytes)
            {
                _blobs[blob.Uuid] = (blob, bytes);
                _bytes += bytes;
            }
        }

        return blob;
    }

    /// <summary>What is known of a blob, or null.</summary>
    public SfBlob? Find(Guid uuid)
    {
        lock (_gate)
        {
            return _blobs.GetValueOrDefault(uuid).Blob;
        }
    }

    /// <summary>True the first time only: whoever gets it may ask the cluster once.</summary>
    public bool TakeRefresh() => Interlocked.Exchange(ref _refreshed, 1) == 0;
}
