namespace ShakenFist.Blobs.Session;

/// <summary>Blobs that a session has read, for completion. Their number and size are limited.</summary>
internal sealed class SeenBlobs
{
    private const int MaxCount = 5000;
    private const int MaxChanged = 100;

    /// <summary>The maximum JSON length of all blobs together, because a server can send blob objects of megabytes.</summary>
    internal const int MaxBytes = 32 * 1024 * 1024;

    private readonly object _gate = new();
    private readonly Dictionary<Guid, (SfBlob Blob, int Bytes)> _blobs = [];

    // The metadata of blobs after a change, until the blob is read again. A blob object that a caller has received is never changed.
    private readonly Dictionary<Guid, Dictionary<string, object?>> _changed = [];
    private long _bytes;
    private int _refreshed;

    /// <summary>Gets the blobs, the most recently changed first.</summary>
    public IEnumerable<SfBlob> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _blobs.Values.Select(seen => seen.Blob).OrderByDescending(blob => blob.Modified?.ToUniversalTime())];
            }
        }
    }

    /// <summary>Adds a blob whose JSON has this number of bytes.</summary>
    public SfBlob Add(SfBlob blob, int bytes)
    {
        lock (_gate)
        {
            _changed.Remove(blob.Uuid);
            _bytes -= _blobs.Remove(blob.Uuid, out (SfBlob, int Bytes) old) ? old.Bytes : 0;
            if (_blobs.Count < MaxCount && _bytes + bytes <= MaxBytes)
            {
                _blobs[blob.Uuid] = (blob, bytes);
                _bytes += bytes;
            }
        }

        return blob;
    }

    /// <summary>Records the metadata of a blob after a change.</summary>
    public void Change(Guid uuid, IEnumerable<KeyValuePair<string, object?>> metadata)
    {
        lock (_gate)
        {
            if (_changed.Count >= MaxChanged)
            {
                _changed.Clear();
            }

            _changed[uuid] = new Dictionary<string, object?>(metadata, StringComparer.Ordinal);
        }
    }

    /// <summary>Gets the metadata of a blob, if it is known, otherwise of all blobs.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Metadata(Guid? uuid)
    {
        lock (_gate)
        {
            IEnumerable<Guid> blobs = uuid is { } one && (_changed.ContainsKey(one) || _blobs.ContainsKey(one)) ? [one] : _changed.Keys.Concat(All.Select(blob => blob.Uuid)).Distinct();
            return [.. blobs.SelectMany(blob => (IEnumerable<KeyValuePair<string, object?>>?)_changed.GetValueOrDefault(blob) ?? _blobs[blob].Blob.Metadata)];
        }
    }

    /// <summary>Gets a blob, or null.</summary>
    public SfBlob? Find(Guid uuid)
    {
        lock (_gate)
        {
            return _blobs.GetValueOrDefault(uuid).Blob;
        }
    }

    /// <summary>Returns true only the first time. The caller can then request all blobs.</summary>
    public bool TakeRefresh() => Interlocked.Exchange(ref _refreshed, 1) == 0;
}
