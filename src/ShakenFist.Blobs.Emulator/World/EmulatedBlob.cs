using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>A blob: its record, and its content if a node has the file.</summary>
public sealed class EmulatedBlob
{
    // Hashing more than this when the record is first read would block the server.
    private const long LargestHashedUnasked = 1L << 30;

    private readonly Lazy<Checksums?> _sums;
    private readonly ConcurrentDictionary<string, string?> _published = [];
    private long? _size;

    public EmulatedBlob() => _sums = new Lazy<Checksums?>(ComputeSums);

    public Guid Uuid { get; init; } = Guid.NewGuid();

    public string State { get; set; } = "created";

    /// <summary>The size in the record. The default is the length of the content.</summary>
    public long Size
    {
        get => _size ?? Content?.Length ?? 0;
        set => _size = value;
    }

    /// <summary>The file, on the local node or on the other nodes in <see cref="Locations"/>. Null if no node has it.</summary>
    public BlobContent? Content { get; set; }

    /// <summary>Whether checksums that were not set are computed from the content when they are first used. Null: only up to 1 GiB.</summary>
    public bool? PublishChecksums { get; set; } = false;

    public string? Sha512
    {
        get => Sum(nameof(Sha512), s => s.Sha512);
        set => _published[nameof(Sha512)] = value;
    }

    public string? Sha256
    {
        get => Sum(nameof(Sha256), s => s.Sha256);
        set => _published[nameof(Sha256)] = value;
    }

    public string? Sha1
    {
        get => Sum(nameof(Sha1), s => s.Sha1);
        set => _published[nameof(Sha1)] = value;
    }

    public string? Xxh128
    {
        get => Sum(nameof(Xxh128), s => s.Xxh128);
        set => _published[nameof(Xxh128)] = value;
    }

    /// <summary>The metadata, which requests can change. To read it while the server runs, lock <see cref="Gate"/>.</summary>
    public JsonObject Metadata { get; init; } = [];

    /// <summary>The names of the nodes with the file. Null for the local node, or for none if there is no content.</summary>
    public IList<string>? Locations { get; set; }

    public Guid? DependsOn { get; set; }

    /// <summary>The transcodes: the UUID of a blob by style, such as <c>zlib;qcow2;cluster_size</c>.</summary>
    public IDictionary<string, Guid> Transcodes { get; init; } = new Dictionary<string, Guid>();

    public IList<Guid> Instances { get; init; } = [];

    public int ReferenceCount { get; set; }

    /// <summary>Properties from qemu-img info that are added to the record, such as virtual size, file format, and mime-type.</summary>
    public JsonObject Info { get; init; } = [];

    /// <summary>Members of any type that are added to the record, or replace its members.</summary>
    public JsonObject Extra { get; init; } = [];

    /// <summary>Like <see cref="Extra"/>, but with text that is written unchanged, such as NaN or invalid JSON.</summary>
    public IDictionary<string, string> ExtraRaw { get; init; } = new Dictionary<string, string>();

    /// <summary>References whose target is this blob.</summary>
    public IList<EmulatedReference> ReferencesTo { get; init; } = [];

    /// <summary>References whose source is this blob.</summary>
    public IList<EmulatedReference> ReferencesFrom { get; init; } = [];

    /// <summary>The events of the blob, oldest first.</summary>
    public IList<JsonObject> Events { get; init; } = [];

    public double Modified { get; set; } = 1_795_373_770.7644176;

    public double FetchedAt { get; set; } = 1_795_373_770.764418;

    public double? LastUsed { get; set; }

    /// <summary>The version of the record. Null for that of the server generation.</summary>
    public int? Version { get; set; }

    /// <summary>Guards <see cref="Metadata"/>.</summary>
    public Lock Gate { get; } = new();

    public static EmulatedBlob FromBytes(byte[] data, Guid? uuid = null) => From(new MemoryContent(data), uuid, true);

    /// <summary>Creates a blob from a file. Large files have no checksums unless <see cref="PublishChecksums"/> is set.</summary>
    public static EmulatedBlob FromFile(string path, Guid? uuid = null) => From(new FileContent(path), uuid, null);

    /// <summary>
    /// Creates a blob with pseudo-random content of any size. Checksums are published up to 1 GiB, or as specified by <paramref name="publishChecksums"/>.
    /// </summary>
    public static EmulatedBlob Generated(long size, int seed, Guid? uuid = null, bool? publishChecksums = null) =>
        From(new GeneratedContent(size, seed), uuid, publishChecksums);

    internal static EmulatedBlob From(BlobContent content, Guid? uuid, bool? publish) => new()
    {
        Uuid = uuid ?? Guid.NewGuid(),
        Content = content,
        PublishChecksums = publish,
        ReferenceCount = 1,
        Info = ImageInfo.Describe(content),
    };

    /// <summary>Computes the checksums of a large file in the background and publishes them, as a cluster does.</summary>
    internal Task PublishLaterAsync() => Content is { Length: > LargestHashedUnasked } content
        ? Task.Run(() => (Sha512, Sha256, Sha1, Xxh128) = Checksums.Of(content))
        : Task.CompletedTask;

    private string? Sum(string name, Func<Checksums, string> pick) =>
        _published.TryGetValue(name, out string? given) ? given
        : _sums.Value is { } sums ? pick(sums)
        : null;

    private Checksums? ComputeSums() =>
        Content is not null && (PublishChecksums ?? Content.Length <= LargestHashedUnasked) ? Checksums.Of(Content) : null;
}
