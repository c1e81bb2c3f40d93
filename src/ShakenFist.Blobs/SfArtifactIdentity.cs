using System.Management.Automation;
using ShakenFist.Blobs.Parameters;

namespace ShakenFist.Blobs;

/// <summary>Identifies an artifact in a parameter. PowerShell creates it from a name, a UUID, or an artifact, also after a round trip through JSON or CLIXML.</summary>
public sealed class SfArtifactIdentity
{
    /// <summary>Identifies an artifact by its UUID.</summary>
    public SfArtifactIdentity(Guid uuid) => Uuid = uuid;

    /// <summary>Identifies an artifact by its name, its source URL, or the text of its UUID.</summary>
    public SfArtifactIdentity(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Text = text;
        Uuid = Guid.TryParse(text, out Guid uuid) ? uuid : null;
    }

    /// <summary>Identifies the artifact that an object represents.</summary>
    /// <exception cref="PSInvalidCastException">The object is not an artifact.</exception>
    public SfArtifactIdentity(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        PSObject wrapped = PSObject.AsPSObject(value);
        Artifact = ArtifactRow.Read(wrapped)
            ?? throw new PSInvalidCastException($"An object of type {wrapped.BaseObject.GetType().Name} is not an artifact.");
        Uuid = Artifact.Uuid;
    }

    /// <summary>Gets the UUID. Null for a name.</summary>
    public Guid? Uuid { get; }

    /// <summary>Gets the artifact that was passed. Null if it must be requested.</summary>
    public SfArtifact? Artifact { get; }

    /// <summary>Gets the text that was passed.</summary>
    internal string? Text { get; }

    /// <summary>Returns the name or the UUID.</summary>
    public override string ToString() => Artifact?.ToString() ?? Text ?? Uuid!.Value.ToString("D");
}
