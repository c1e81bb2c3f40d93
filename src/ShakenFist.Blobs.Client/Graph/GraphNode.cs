namespace ShakenFist.Blobs.Graph;

/// <summary>An object of the cluster that refers to another or is referred to.</summary>
/// <param name="Index">Place among the graph's nodes.</param>
/// <param name="Type">The server's word for the type.</param>
/// <param name="Uuid">UUID; a node of the cluster has its name here.</param>
/// <param name="Blob">What is known of it where it is a blob.</param>
/// <param name="IsRoot">Whether the graph was asked for from here.</param>
internal sealed record GraphNode(int Index, string Type, string Uuid, SfBlob? Blob, bool IsRoot)
{
    /// <summary>A name that is safe in every format.</summary>
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
