namespace ShakenFist.Blobs.Graph;

/// <summary>The types of object that the drawings tell apart.</summary>
internal enum NodeKind
{
    Blob,
    Instance,
    Artifact,
    AgentOperation,
    Node,
    Other,
}
