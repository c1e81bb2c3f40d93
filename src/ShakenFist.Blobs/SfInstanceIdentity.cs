using System.Management.Automation;
using ShakenFist.Blobs.Parameters;

namespace ShakenFist.Blobs;

/// <summary>Identifies an instance in a parameter. PowerShell creates it from a name, a UUID, or an instance, also after a round trip through JSON or CLIXML.</summary>
public sealed class SfInstanceIdentity
{
    /// <summary>Identifies an instance by its UUID.</summary>
    public SfInstanceIdentity(Guid uuid) => Uuid = uuid;

    /// <summary>Identifies an instance by its name, or by the text of its UUID.</summary>
    public SfInstanceIdentity(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Text = text;
        Uuid = Guid.TryParse(text, out Guid uuid) ? uuid : null;
    }

    /// <summary>Identifies the instance that an object represents.</summary>
    /// <exception cref="PSInvalidCastException">The object is not an instance.</exception>
    public SfInstanceIdentity(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        PSObject wrapped = PSObject.AsPSObject(value);
        Instance = wrapped.BaseObject as SfInstance;

        // A record that was saved can be old, and the disks of an instance change, so only its UUID is used.
        Uuid = Instance?.Uuid ?? (InstanceRow.Is(wrapped) && Guid.TryParse(wrapped.Properties["Uuid"].Value?.ToString(), out Guid uuid)
            ? uuid
            : throw new PSInvalidCastException($"An object of type {wrapped.BaseObject.GetType().Name} is not an instance."));
    }

    /// <summary>Gets the UUID. Null for a name.</summary>
    public Guid? Uuid { get; }

    /// <summary>Gets the instance that was passed. Null if it must be requested.</summary>
    public SfInstance? Instance { get; }

    /// <summary>Gets the text that was passed.</summary>
    internal string? Text { get; }

    /// <summary>Returns the name or the UUID.</summary>
    public override string ToString() => Instance?.ToString() ?? Text ?? Uuid!.Value.ToString("D");
}
