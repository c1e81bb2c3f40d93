namespace ShakenFist.Blobs.Session;

/// <summary>Names of objects that a session has read, for completion. Their number is limited.</summary>
internal sealed class SeenNames
{
    private const int MaxCount = 5000;

    private readonly object _gate = new();
    private readonly Dictionary<Guid, (string Name, string Description)> _names = [];
    private int _refreshed;

    /// <summary>Gets the names in alphabetical order, each with a description. A name that several objects have is included once.</summary>
    public IEnumerable<(string Name, string Description)> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _names.Values.GroupBy(seen => seen.Name, StringComparer.Ordinal)
                    .OrderBy(group => group.Key, StringComparer.OrdinalIgnoreCase)
                    .Select(group => (group.Key, string.Join("; ", group.Select(seen => seen.Description))))];
            }
        }
    }

    /// <summary>Adds the name of an object. A name that is too long to be typed, or from which control characters were removed, is ignored.</summary>
    public void Add(Guid uuid, string? name, string description)
    {
        lock (_gate)
        {
            _names.Remove(uuid);
            if (name is { Length: > 0 and <= 200 } && !name.Contains('\uFFFD', StringComparison.Ordinal) && _names.Count < MaxCount)
            {
                _names[uuid] = (name, description);
            }
        }
    }

    /// <summary>Returns true only the first time. The caller can then request the list.</summary>
    public bool TakeRefresh() => Interlocked.Exchange(ref _refreshed, 1) == 0;
}
