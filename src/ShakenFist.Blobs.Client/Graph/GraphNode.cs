namespace ShakenFist.Blobs.Graph;

/// <summary>An object of the cluster with a reference to or from another one.</summary>
/// <param name="Index">The index in the nodes of the graph.</param>
/// <param name="Type">The type on the server.</param>
/// <param name="Uuid">The UUID, or the name of a node of the cluster.</param>
/// <param name="Blob">The blob, if the object is one and its record is known.</param>
/// <param name="IsRoot">Whether the graph starts from this object.</param>
internal sealed record GraphNode(int Index, string Type, string Uuid, SfBlob? Blob, bool IsRoot)
{
    /// <summary>Gets an identifier that is valid in all formats.</summary>
    public string Id => FormattableString.Invariant($"n{Index + 1}");

    public NodeKind Kind => Type switch
    {
        "blob" => NodeKind.Blob,
        "instance" => NodeKind.Instance,
        "artifact" => NodeKind.Artifact,
        "agentoperation" => NodeKind.AgentOperation,
        "node" => NodeKind.Node,
        _ => NodeKind.Other,
    };
}
