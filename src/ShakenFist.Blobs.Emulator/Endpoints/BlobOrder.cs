using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>
/// The body of POST /emulator/blobs. It describes a blob whose content is generated from a size and a seed, or contained in the request as Base64. It can contain any
/// field of the record.
/// </summary>
internal sealed record BlobOrder
{
    public Guid? Uuid { get; init; }

    /// <summary>The length of generated content. Otherwise, the size in the record.</summary>
    public long? Size { get; init; }

    /// <summary>The seed of generated content. If it is null and there is no other content, the blob has no file.</summary>
    public int? Seed { get; init; }

    public byte[]? Content { get; init; }

    public bool? PublishChecksums { get; init; }

    public string State { get; init; } = "created";

    public string? Sha512 { get; init; }

    public string? Sha256 { get; init; }

    public string? Sha1 { get; init; }

    public string? Xxh128 { get; init; }

    public JsonObject? Metadata { get; init; }

    public string[]? Locations { get; init; }

    public Guid? DependsOn { get; init; }

    public Dictionary<string, Guid>? Transcodes { get; init; }

    public Guid[]? Instances { get; init; }

    public int? ReferenceCount { get; init; }

    public JsonObject? Info { get; init; }

    public JsonObject? Extra { get; init; }

    public Dictionary<string, string>? ExtraRaw { get; init; }

    public EmulatedReference[]? ReferencesTo { get; init; }

    public EmulatedReference[]? ReferencesFrom { get; init; }

    public double? Modified { get; init; }

    public double? FetchedAt { get; init; }

    public double? LastUsed { get; init; }

    public int? Version { get; init; }

    public EmulatedBlob ToBlob()
    {
        BlobContent? content = Content is not null ? new MemoryContent(Content)
            : Seed is { } seed ? new GeneratedContent(Size ?? throw new FormatException("A seed requires a size."), seed)
            : null;
        var blob = new EmulatedBlob
        {
            Uuid = Uuid ?? Guid.NewGuid(),
            State = State,
            Content = content,
            PublishChecksums = content is null ? false : PublishChecksums,
            Metadata = AsSent(Metadata),
            Locations = Locations,
            DependsOn = DependsOn,
            Transcodes = Transcodes ?? [],
            Instances = Instances ?? [],
            ReferenceCount = ReferenceCount ?? (content is null ? 0 : 1),
            Info = Info ?? (content is null ? [] : ImageInfo.Describe(content)),
            Extra = AsSent(Extra),
            ExtraRaw = ExtraRaw ?? [],
            ReferencesTo = ReferencesTo ?? [],
            ReferencesFrom = ReferencesFrom ?? [],
            LastUsed = LastUsed,
            Version = Version,
        };
        blob.Size = Size ?? blob.Size;
        blob.Modified = Modified ?? blob.Modified;
        blob.FetchedAt = FetchedAt ?? blob.FetchedAt;
        SetSums(blob);
        return blob;
    }

    /// <summary>Parses the fields again, because an object inside this record treats names that differ only in case as one.</summary>
    private static JsonObject AsSent(JsonObject? fields) => fields is null ? [] : JsonNode.Parse(fields.ToJsonString())!.AsObject();

    private void SetSums(EmulatedBlob blob)
    {
        if (Sha512 is not null)
        {
            blob.Sha512 = Sha512;
        }

        if (Sha256 is not null)
        {
            blob.Sha256 = Sha256;
        }

        if (Sha1 is not null)
        {
            blob.Sha1 = Sha1;
        }

        if (Xxh128 is not null)
        {
            blob.Xxh128 = Xxh128;
        }
    }
}
