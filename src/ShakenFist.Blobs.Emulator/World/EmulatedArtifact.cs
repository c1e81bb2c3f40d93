using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>An artifact: a name for a series of blobs, such as an image, a snapshot of a disk, or a label.</summary>
public sealed class EmulatedArtifact
{
    private string? _state;

    public Guid Uuid { get; init; } = Guid.NewGuid();

    /// <summary>The name by which requests find the artifact. It is not part of the record.</summary>
    public required string Name { get; init; }

    /// <summary>The type: image, snapshot, label, or other.</summary>
    public string Type { get; init; } = "image";

    public required string Namespace { get; init; }

    /// <summary>The source URL. The default is the URL that the server creates for an upload, a label, or a snapshot.</summary>
    public string SourceUrl
    {
        get => field ?? Type switch
        {
            "label" => $"sf://label/{Namespace}/{Name}",
            "snapshot" => $"sf://instance/{Name}",
            _ => $"sf://upload/{Namespace}/{Name}",
        };
        init;
    }

    /// <summary>Whether all namespaces see the artifact in the list.</summary>
    public bool Shared { get; set; }

    public int MaxVersions { get; set; } = 3;

    /// <summary>The state. The default is created if the artifact has a version, and initial otherwise.</summary>
    public string State
    {
        get => _state ?? (Versions.Count > 0 ? "created" : "initial");
        set => _state = value;
    }

    /// <summary>The UUIDs of the blobs by index. To change them while the server runs, lock <see cref="Gate"/>.</summary>
    public SortedDictionary<int, Guid> Versions { get; init; } = [];

    /// <summary>The highest index so far. An index is never used again.</summary>
    internal int LastIndex { get; set; }

    public JsonObject Metadata { get; init; } = [];

    /// <summary>Members that are added to the record, or replace its members.</summary>
    public JsonObject Extra { get; init; } = [];

    /// <summary>Guards <see cref="Versions"/> and <see cref="Metadata"/>.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Adds a version with the next index.</summary>
    public EmulatedArtifact Add(EmulatedBlob blob)
    {
        lock (Gate)
        {
            Versions.Add(Versions.Count == 0 ? 1 : Versions.Keys.Last() + 1, blob.Uuid);
        }

        return this;
    }
}
