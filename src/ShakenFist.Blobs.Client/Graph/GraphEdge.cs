namespace ShakenFist.Blobs.Graph;

/// <summary>A reference from one object to another.</summary>
internal sealed record GraphEdge(int Index, GraphNode Source, GraphNode Target, string Relationship, string? Value)
{
    /// <summary>Gets an identifier that is valid in all formats.</summary>
    public string Id => FormattableString.Invariant($"e{Index + 1}");

    /// <summary>Gets whether an object refers to itself.</summary>
    public bool IsLoop => Source.Index == Target.Index;

    public DateTime? Created { get; init; }

    public DateTime? LastActive { get; init; }

    public bool IsDerived { get; init; }
}
