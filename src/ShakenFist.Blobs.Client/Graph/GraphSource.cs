using ShakenFist.Blobs.Model;

namespace ShakenFist.Blobs.Graph;

/// <summary>Collects a graph: references that are passed in, and the references of blobs.</summary>
/// <param name="wanted">Selects the relationships of the graph.</param>
internal sealed class GraphSource(Func<string?, bool> wanted)
{
    private readonly GraphBuilder _graph = new();
    private readonly HashSet<Guid> _starts = [];
    private readonly Dictionary<Guid, SfBlob> _given = [];
    private int _visited;

    /// <summary>Gets whether there are blobs whose references are followed.</summary>
    public bool HasStarts => _starts.Count > 0;

    /// <summary>Gets the number of blobs found so far. Can be called at any time.</summary>
    public int VisitedCount => Volatile.Read(ref _visited);

    /// <summary>Adds a reference.</summary>
    public void Add(SfBlobReference reference)
    {
        if (wanted(reference.Relationship))
        {
            _graph.Add(reference);
        }
    }

    /// <summary>Adds a blob to start from.</summary>
    public void Start(Guid uuid) => _starts.Add(uuid);

    /// <summary>Adds a blob to start from. If it contains its references, it is not requested again.</summary>
    public void Start(SfBlob blob)
    {
        _starts.Add(blob.Uuid);
        if (blob.ReferencesTo is not null || blob.ReferencesFrom is not null)
        {
            _given[blob.Uuid] = blob;
        }
    }

    /// <summary>Follows the references of the blobs.</summary>
    public Task FollowAsync(
        Func<Guid, ISfLog, CancellationToken, Task<SfBlob>> getBlob, SfReferenceDirection directions, int depth, Action<SfException, object?> failed, ISfLog log, CancellationToken cancellationToken)
    {
        ReferenceWalk walk = new(VisitAsync, directions, wanted, depth);
        return walk.RunAsync(_starts, AddAsync, failed, log, cancellationToken);

        async Task<SfBlob> VisitAsync(Guid uuid, ISfLog meetLog, CancellationToken stop)
        {
            SfBlob blob = _given.TryGetValue(uuid, out SfBlob? given) ? given : await getBlob(uuid, meetLog, stop).ConfigureAwait(false);
            _graph.Describe(blob, root: _starts.Contains(uuid));
            Interlocked.Increment(ref _visited);
            return blob;
        }

        Task AddAsync(SfBlobReference reference)
        {
            _graph.Add(reference);
            return Task.CompletedTask;
        }
    }

    /// <summary>Gets the collected graph.</summary>
    public BlobGraph Build() => _graph.Build();
}
