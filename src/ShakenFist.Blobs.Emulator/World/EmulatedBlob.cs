using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>A blob: its record, and its content if a node has the file.</summary>
public sealed class EmulatedBlob
{
    // Hashing more than this at the first look at a record would stall the server.
    private const long LargestHashedUnasked = 1L << 30;

    private readonly Lazy<Checksums?> _sums;
    private readonly Dictionary<string, string?> _published = [];
    private long? _size;

    public EmulatedBlob() => _sums = new Lazy<Checksums?>(ComputeSums);

    public Guid Uuid { get; init; } = Guid.NewGuid();

    public string State { get; set; } = "created";

    /// <summary>What the record says; the content's length unless set.</summary>
    public long Size
    {
        get => _size ?? Content?.Length ?? 0;
        set => _size = value;
    }

    /// <summary>The file, on the asked node or on the other nodes of <see cref="Locations"/>. Null: no node has it.</summary>
    public BlobContent? Content { get; set; }

    /// <summary>Whether sums that were not set are computed from the content at first use. Null: up to 1 GiB.</summary>
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

    /// <summary>Changed by requests; take <see cref="Gate"/> to read it while the server runs.</summary>
    public JsonObject Metadata { get; init; } = [];

    /// <summary>Node names. Null: the asked node if there is content, else none.</summary>
    public IList<string>? Locations { get; set; }

    public Guid? DependsOn { get; set; }

    /// <summary>Style, such as <c>zlib;qcow2;cluster_size</c>, to the blob that holds that form.</summary>
    public IDictionary<string, Guid> Transcodes { get; init; } = new Dictionary<string, Guid>();

    public IList<Guid> Instances { get; init; } = [];

    public int ReferenceCount { get; set; }

    /// <summary>Lines of qemu-img info, merged into the record: virtual size, file format, mime-type and any other.</summary>
    public JsonObject Info { get; init; } = [];

    /// <summary>Members that replace those of the record, or join them, whatever their type.</summary>
    public JsonObject Extra { get; init; } = [];

    /// <summary>As <see cref="Extra"/>, but text that is written as it stands, so that it can be NaN or no JSON at all.</summary>
    public IDictionary<string, string> ExtraRaw { get; init; } = new Dictionary<string, string>();

    /// <summary>Rows whose target is this blob: who uses it.</summary>
    public IList<EmulatedReference> ReferencesTo { get; init; } = [];

    /// <summary>Rows whose source is this blob: what it uses.</summary>
    public IList<EmulatedReference> ReferencesFrom { get; init; } = [];

    /// <summary>Events of the blob, oldest first.</summary>
    public IList<JsonObject> Events { get; init; } = [];

    public double Modified { get; set; } = 1_795_373_770.7644176;

    public double FetchedAt { get; set; } = 1_795_373_770.764418;

    public double? LastUsed { get; set; }

    /// <summary>The version of the record; null: that of the server's generation.</summary>
    public int? Version { get; set; }

    /// <summary>Guards <see cref="Metadata"/>.</summary>
    public Lock Gate { get; } = new();

    public static EmulatedBlob FromBytes(byte[] data, Guid? uuid = null) => From(new MemoryContent(data), uuid, true);

    /// <summary>A file as a blob; large files publish no sums unless <see cref="PublishChecksums"/> is set.</summary>
    public static EmulatedBlob FromFile(string path, Guid? uuid = null) => From(new FileContent(path), uuid, null);

    /// <summary>Pseudo-random content of any size; sums up to 1 GiB, or as <paramref name="publishChecksums"/> says.</summary>
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

    private string? Sum(string name, Func<Checksums, string> pick) =>
        _published.TryGetValue(name, out string? given) ? given
        : _sums.Value is { } sums ? pick(sums)
        : null;

    private Checksums? ComputeSums() =>
        Content is not null && (PublishChecksums ?? Content.Length <= LargestHashedUnasked) ? Checksums.Of(Content) : null;
}
