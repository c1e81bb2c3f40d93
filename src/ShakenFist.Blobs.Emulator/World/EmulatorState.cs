using System.Collections.Concurrent;

namespace ShakenFist.Blobs.Emulator;

/// <summary>The state of the emulated cluster: namespaces with their keys, nodes, blobs, artifacts, and instances. Can be changed while the server runs.</summary>
public sealed class EmulatorState
{
    private readonly ConcurrentDictionary<string, EmulatedNamespace> _namespaces = new();
    private readonly ConcurrentDictionary<string, NodeCondition> _nodes = new();
    private readonly ConcurrentDictionary<string, EmulatedBlob> _blobs = new();
    private readonly ConcurrentDictionary<string, BlobLock> _locks = new();
    private readonly ConcurrentDictionary<Guid, EmulatedArtifact> _artifacts = new();
    private readonly ConcurrentDictionary<Guid, EmulatedInstance> _instances = new();
    private readonly ConcurrentDictionary<Guid, EmulatedAgentOperation> _agentOperations = new();
    private readonly ConcurrentDictionary<string, EmulatedUpload> _uploads = new();
    private readonly List<EmulatedBlob> _order = [];
    private readonly Lock _orderGate = new();

    public EmulatorState() => Snapshots = new SnapshotJobs(this);

    /// <summary>All blobs, in the order in which they were added.</summary>
    public IReadOnlyList<EmulatedBlob> Blobs
    {
        get
        {
            lock (_orderGate)
            {
                return [.. _order];
            }
        }
    }

    /// <summary>All artifacts, in no particular order.</summary>
    public IReadOnlyCollection<EmulatedArtifact> Artifacts => [.. _artifacts.Values];

    /// <summary>All instances, in no particular order.</summary>
    public IReadOnlyCollection<EmulatedInstance> Instances => [.. _instances.Values];

    /// <summary>All agent operations, in no particular order.</summary>
    public IReadOnlyCollection<EmulatedAgentOperation> AgentOperations => [.. _agentOperations.Values];

    /// <summary>The jobs that create the blobs of snapshots.</summary>
    public SnapshotJobs Snapshots { get; }

    /// <summary>The uploads that were neither published nor removed, in no particular order.</summary>
    public IReadOnlyCollection<EmulatedUpload> Uploads => [.. _uploads.Values];

    /// <summary>The node on which new uploads are created. Null for the local node.</summary>
    public string? UploadNode { get; set; }

    /// <summary>Adds a namespace with one key, or adds a key to an existing namespace. If a key of the same name is replaced, its tokens become invalid.</summary>
    public void AddNamespace(string name, string key, bool admin = false, string keyName = "key", DateTimeOffset? expires = null)
    {
        EmulatedNamespace space = _namespaces.GetOrAdd(name, _ => new EmulatedNamespace(admin));
        space.Put(keyName, key, expires);
    }

    /// <summary>Removes a namespace. Its keys and tokens become invalid.</summary>
    public void RemoveNamespace(string name) => _namespaces.TryRemove(name, out _);

    /// <summary>Lets a namespace trust another one, which then sees its artifacts.</summary>
    public void Trust(string name, string trusted) => _namespaces[name].Trust(trusted);

    /// <summary>Replaces a key. The old key and its tokens become invalid. A key with scopes can do only what they permit.</summary>
    public void SetKey(string name, string key, string keyName = "key", string[]? scopes = null)
    {
        EmulatedNamespace space = _namespaces.TryGetValue(name, out EmulatedNamespace? found)
            ? found
            : throw new ArgumentException($"The namespace '{name}' does not exist.", nameof(name));
        space.Put(keyName, key, null, scopes);
    }

    /// <exception cref="ArgumentException">The blob is empty, which the real server does not accept either, or its UUID exists.</exception>
    public EmulatedBlob AddBlob(EmulatedBlob blob)
    {
        if (blob.Content is { Length: 0 })
        {
            throw new ArgumentException($"Blob {blob.Uuid} has no content. The server does not create empty blobs.", nameof(blob));
        }

        lock (_orderGate)
        {
            if (!_blobs.TryAdd(Id(blob.Uuid), blob))
            {
                throw new ArgumentException($"Blob {blob.Uuid} already exists.", nameof(blob));
            }

            _order.Add(blob);
        }

        return blob;
    }

    /// <summary>Removes a blob completely, like a hard deletion.</summary>
    public void RemoveBlob(Guid uuid)
    {
        lock (_orderGate)
        {
            if (_blobs.TryRemove(Id(uuid), out EmulatedBlob? blob))
            {
                _order.Remove(blob);
            }
        }
    }

    public EmulatedBlob? Blob(Guid uuid) => _blobs.GetValueOrDefault(Id(uuid));

    public EmulatedArtifact AddArtifact(EmulatedArtifact artifact) => _artifacts.TryAdd(artifact.Uuid, artifact)
        ? artifact
        : throw new ArgumentException($"Artifact {artifact.Uuid} already exists.", nameof(artifact));

    public EmulatedInstance AddInstance(EmulatedInstance instance) => _instances.TryAdd(instance.Uuid, instance)
        ? instance
        : throw new ArgumentException($"Instance {instance.Uuid} already exists.", nameof(instance));

    public EmulatedAgentOperation AddAgentOperation(EmulatedAgentOperation operation) => _agentOperations[operation.Uuid] = operation;

    public EmulatedUpload AddUpload(EmulatedUpload upload) => _uploads[Id(upload.Uuid)] = upload;

    public void SetNode(string name, NodeCondition condition) => _nodes[name] = condition;

    /// <summary>Holds the lock for writing the metadata of a blob until the result is disposed, like a slow writer on another node.</summary>
    public IDisposable HoldMetadataLock(Guid uuid) =>
        LockOf(Id(uuid)).TryTake() ?? throw new InvalidOperationException("The blob is already locked.");

    /// <summary>Returns the blob for a UUID in a request. Only the canonical lower-case form is found.</summary>
    internal EmulatedBlob? Blob(string uuid) => _blobs.GetValueOrDefault(uuid);

    internal EmulatedUpload? Upload(string uuid) => _uploads.GetValueOrDefault(uuid);

    internal void RemoveUpload(string uuid) => _uploads.TryRemove(uuid, out _);

    /// <summary>Removes one reference to a blob. Without references, the blob is deleted, but its data can still be read.</summary>
    internal void Release(Guid uuid)
    {
        if (Blob(uuid) is { } blob && --blob.ReferenceCount <= 0)
        {
            blob.ReferenceCount = 0;
            blob.State = "deleted";
        }
    }

    internal EmulatedNamespace? Namespace(string name) => _namespaces.GetValueOrDefault(name);

    internal NodeCondition Node(string name) => _nodes.GetValueOrDefault(name, NodeCondition.Up);

    internal BlobLock LockOf(string uuid) => _locks.GetOrAdd(uuid, _ => new BlobLock());

    private static string Id(Guid uuid) => uuid.ToString("D");
}
