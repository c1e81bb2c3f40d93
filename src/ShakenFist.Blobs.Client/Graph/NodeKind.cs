namespace ShakenFist.Blobs.Graph;

/// <summary>The types of objects that have different looks.</summary>
internal enum NodeKind
{
    Blob,
    Instance,
    Artifact,
    AgentOperation,
    Node,
    Other,
}
