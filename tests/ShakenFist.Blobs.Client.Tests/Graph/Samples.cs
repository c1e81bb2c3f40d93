using ShakenFist.Blobs.Graph;

namespace ShakenFist.Blobs.Client.Tests.Graph;

/// <summary>Graphs for tests.</summary>
internal static class Samples
{
    /// <summary>Text with a meaning in HTML, JavaScript, Mermaid, DOT, terminals, or the writers.</summary>
    public static readonly string[] Hostile =
    [
        "</script><img src=x onerror=alert(1)>", "<!--", "]]>", "--><script>alert(1)</script>", "a\nb\r\nc\u2028d\0e", "\"]; n1 --> n99", "\"]; n1 -> n99 [label=\"x\"];",
        "%%{init: {\"securityLevel\":\"loose\"}}%%", "click n1 href \"javascript:alert(1)\"", "style: x #59; \"--> n99", "```\n# end", "#quot;", "\\N \\G \\\" \\", "back\\",
        "&lt;b&gt; &amp; &#x41;", "{{script}}", "{{data}}", "'\"` onload=alert(2) x='", "\u202egnp.exe", "\ud800 lone", "größe ✓ 名前 𝒳", new('x', 5000), "1. list", " ",
    ];

    public static string Blob(int number) => $"d3a00000-7a1e-4c52-9c0b-{number:x12}";

    public static SfBlobReference Row(string sourceType, string source, string relationship, string? value, string targetType, string target) => new()
    {
        SourceObjectType = sourceType,
        SourceUuid = source,
        Relationship = relationship,
        RelationshipValue = value,
        TargetObjectType = targetType,
        TargetUuid = target,
    };

    public static SfBlobReference DependsOn(int thin, int lower) => Row("blob", Blob(thin), "depends_on", null, "blob", Blob(lower));

    public static BlobGraph Of(IEnumerable<SfBlobReference> rows, params SfBlob[] blobs)
    {
        GraphBuilder builder = new();
        foreach (SfBlobReference row in rows)
        {
            builder.Add(row);
        }

        foreach (SfBlob blob in blobs)
        {
            builder.Describe(blob, root: true);
        }

        return builder.Build();
    }

    /// <summary>A graph with every malicious text in every place that can contain server text.</summary>
    public static BlobGraph HostileGraph() => Of(
        Hostile.SelectMany((text, i) => new[] { Row(text, text, text, text, "blob", Blob(1)), Row("node", text, "blob_location", text, "blob", Blob(i)) }),
        [.. Hostile.Select((text, i) => new SfBlob { Uuid = Guid.Parse(Blob(i)), State = text, FileFormat = text, MimeType = text, Sha512 = text })]);

    /// <summary>A graph of blobs, instances, artifacts, and nodes in random order, with cycles, loops, and repeated rows.</summary>
    public static SfBlobReference[] Disorder(int seed, int blobs)
    {
        Random random = new(seed);
        string Any() => Blob(random.Next(blobs));
        return
        [
            .. Enumerable.Range(0, blobs).Select(i => Row("node", $"sf-{random.Next(4)}", "blob_location", null, "blob", Blob(i))),
            .. Enumerable.Range(0, blobs).Select(_ => Row("blob", Any(), random.Next(2) == 0 ? "depends_on" : "transcode", random.Next(3) == 0 ? "zlib" : null, "blob", Any())),
            .. Enumerable.Range(0, blobs / 2).Select(i => Row("instance", Guid.Parse(Blob(i + 5000)).ToString(), "disk", $"{random.Next(3)}", "blob", Any())),
            .. Enumerable.Range(0, blobs / 2).Select(i => Row("artifact", Guid.Parse(Blob(i + 9000)).ToString(), "artifact_index", "000000000001", "blob", Any())),
        ];
    }
}
