using System.Globalization;

namespace ShakenFist.Blobs.Graph;

/// <summary>Builds a graph. The rows of both ends of a reference become one reference.</summary>
internal sealed class GraphBuilder
{
    private readonly HashSet<Name> _nodes = [];
    private readonly HashSet<Name> _roots = [];
    private readonly Dictionary<Name, SfBlob> _blobs = [];
    private readonly Dictionary<Row, SfBlobReference> _rows = [];

    /// <summary>Adds the record of a blob.</summary>
    public void Describe(SfBlob blob, bool root)
    {
        Name name = Name.Of(blob.Uuid);
        _nodes.Add(name);
        _blobs[name] = blob;
        if (root)
        {
            _roots.Add(name);
        }
    }

    /// <summary>Adds a reference and the objects at its ends.</summary>
    public void Add(SfBlobReference reference)
    {
        // Rows that a user created can contain only the other end.
        bool usedBy = reference.Direction == SfReferenceDirection.UsedBy;
        Name source = reference.SourceUuid is null && !usedBy ? Name.Of(reference.BlobUuid) : Name.Of(reference.SourceObjectType, reference.SourceUuid);
        Name target = reference.TargetUuid is null && usedBy ? Name.Of(reference.BlobUuid) : Name.Of(reference.TargetObjectType, reference.TargetUuid);
        _nodes.Add(source);
        _nodes.Add(target);
        Row row = new(source, target, reference.Relationship ?? string.Empty, reference.RelationshipValue);
        _rows[row] = _rows.TryGetValue(row, out SfBlobReference? known) ? Merged(known, reference) : reference;
    }

    /// <summary>Gets the graph.</summary>
    public BlobGraph Build()
    {
        Dictionary<Name, GraphNode> nodes = [];
        foreach (Name name in _nodes.OrderBy(n => n.Type, StringComparer.Ordinal).ThenBy(n => n.Uuid, StringComparer.Ordinal))
        {
            nodes.Add(name, new GraphNode(nodes.Count, name.Type, name.Uuid, _blobs.GetValueOrDefault(name), _roots.Contains(name)));
        }

        IEnumerable<Row> rows = _rows.Keys.OrderBy(r => nodes[r.Source].Index).ThenBy(r => nodes[r.Target].Index)
            .ThenBy(r => r.Relationship, StringComparer.Ordinal).ThenBy(r => r.Value, StringComparer.Ordinal);
        GraphEdge[] edges = [.. rows.Select((row, i) => new GraphEdge(i, nodes[row.Source], nodes[row.Target], row.Relationship, row.Value)
        {
            Created = _rows[row].Created,
            LastActive = _rows[row].LastActive,
            IsDerived = _rows[row].IsDerived,
        })];
        return new BlobGraph([.. nodes.Values], edges);
    }

    private static SfBlobReference Merged(SfBlobReference one, SfBlobReference other) => one with
    {
        Created = one.Created?.ToUniversalTime() < other.Created?.ToUniversalTime() ? one.Created : other.Created ?? one.Created,
        LastActive = one.LastActive?.ToUniversalTime() > other.LastActive?.ToUniversalTime() ? one.LastActive : other.LastActive ?? one.LastActive,
        IsDerived = one.IsDerived && other.IsDerived,
    };

    private readonly record struct Row(Name Source, Name Target, string Relationship, string? Value);

    private readonly record struct Name(string Type, string Uuid)
    {
        public static Name Of(Guid blob) => new("blob", blob.ToString("D", CultureInfo.InvariantCulture));

        public static Name Of(string? type, string? uuid) =>
            new(type ?? "unknown", Guid.TryParse(uuid, out Guid parsed) ? parsed.ToString("D", CultureInfo.InvariantCulture) : uuid ?? string.Empty);
    }
}
