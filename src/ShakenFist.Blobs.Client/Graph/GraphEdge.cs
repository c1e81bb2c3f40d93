namespace ShakenFist.Blobs.Graph;

/// <summary>A reference, from the object that holds it to the one it is to.</summary>
internal sealed record GraphEdge(int Index, GraphNode Source, GraphNode Target, string Relationship, string? Value)
{
    /// <summary>A name that is safe in every format.</summary>
    public string Id => FormattableString.Invariant($"e{Index + 1}");

    /// <summary>Whether an object refers to itself.</summary>
    public bool IsLoop => Source.Index == Target.Index;

    public DateTime? Created { get; init; }

    public DateTime? LastActive { get; init; }

    public bool IsDerived { get; init; }
}
