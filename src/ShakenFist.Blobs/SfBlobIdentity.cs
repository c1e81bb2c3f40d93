using System.Collections;
using System.Globalization;
using System.Management.Automation;
using ShakenFist.Blobs.Parameters;

namespace ShakenFist.Blobs;

/// <summary>
/// Identifies a blob in a parameter. PowerShell creates it from a UUID, from a blob, and from any object with a BlobUuid or Uuid property, also after a round trip through JSON,
/// CSV, or CLIXML. A reference identifies the related blob, and an artifact its newest blob.
/// </summary>
public sealed class SfBlobIdentity : IEquatable<SfBlobIdentity>
{
    private static readonly string[] PropertyNames = ["BlobUuid", "Uuid"];

    private readonly string _text;

    /// <summary>Identifies a blob by its UUID.</summary>
    public SfBlobIdentity(Guid uuid)
    {
        Uuid = uuid;
        _text = uuid.ToString("D");
    }

    /// <summary>Identifies a blob by the text of its UUID. Other text is accepted as well. The command then reports the error BlobUuidInvalid.</summary>
    public SfBlobIdentity(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _text = text.Trim();
        Uuid = Guid.TryParse(_text, out Guid uuid) ? uuid : null;
    }

    /// <summary>Identifies the blob that an object represents or refers to.</summary>
    /// <exception cref="PSInvalidCastException">The object has no property that contains the UUID of a blob.</exception>
    public SfBlobIdentity(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        PSObject wrapped = PSObject.AsPSObject(value);
        object? uuid;
        Source = wrapped;
        if (ArtifactRow.Read(wrapped) is { } artifact)
        {
            // Its own UUID is not that of a blob.
            Artifact = artifact;
            uuid = artifact.BlobUuid?.ToString("D") ?? string.Empty;
        }
        else if (InstanceRow.Is(wrapped))
        {
            Instance = new SfInstanceIdentity(value);
            uuid = string.Empty;
        }
        else if (Property(wrapped, "OtherType") is { } type && Property(wrapped, "OtherUuid") is { } other)
        {
            RefersToOtherObject = type.ToString() != "blob";
            uuid = other;
        }
        else
        {
            // A reference that was built by hand may have only its two ends.
            object[] found = [.. PropertyNames.Select(name => Property(wrapped, name)).OfType<object>()];
            uuid = found.FirstOrDefault(value => !IsEmpty(value)) ?? found.FirstOrDefault();
            RefersToOtherObject = uuid is null && ReferenceRow.Is(wrapped);

            // PowerShell tries the next parameter or property only after an exception that reports a failed cast.
            uuid ??= RefersToOtherObject ? string.Empty : throw new PSInvalidCastException($"An object of type {wrapped.BaseObject.GetType().Name} has no Uuid property that identifies a blob.");
            Blob = wrapped.BaseObject as SfBlob;
        }

        _text = Convert.ToString(uuid, CultureInfo.InvariantCulture)!.Trim();
        Uuid = !RefersToOtherObject && Guid.TryParse(_text, out Guid parsed) ? parsed : null;
    }

    /// <summary>Gets the UUID of the blob. Null if the text is not a UUID, or for a reference to an object that is not a blob.</summary>
    public Guid? Uuid { get; }

    /// <summary>Gets whether this is a reference to an object that is not a blob.</summary>
    internal bool RefersToOtherObject { get; }

    /// <summary>Gets the object that was passed. Null for a UUID.</summary>
    internal PSObject? Source { get; }

    /// <summary>Gets the artifact that was passed. Null for another object.</summary>
    internal SfArtifact? Artifact { get; }

    /// <summary>Gets the instance that was passed, whose disks are not identified yet. Null for another object.</summary>
    internal SfInstanceIdentity? Instance { get; }

    /// <summary>Gets the blob that was passed. Null if only its UUID is known.</summary>
    public SfBlob? Blob { get; }

    /// <summary>Gets the blob that was passed, also one that was saved and read back: then its size, state, and checksums are known.</summary>
    internal SfBlob? SavedRecord => Blob ?? (Source is null ? null : SavedRecordOf(Source));

    /// <summary>Adds the artifact or instance by which the passed object was found to a blob that was requested.</summary>
    internal SfBlob WithOrigin(SfBlob blob)
    {
        if (Artifact is not null)
        {
            return blob with { Artifact = Artifact.Name, Version = Artifact.Versions.LastOrDefault(version => version.BlobUuid == blob.Uuid)?.Index };
        }

        if (Blob is not null)
        {
            return blob with { Artifact = Blob.Artifact, Version = Blob.Version, Instance = Blob.Instance, Disk = Blob.Disk };
        }

        return Source is null || Property(Source, "Name") is null ? blob : blob with
        {
            Artifact = Text(Source, "Artifact"),
            Version = long.TryParse(Text(Source, "Version"), NumberStyles.None, CultureInfo.InvariantCulture, out long version) ? version : null,
            Instance = Text(Source, "Instance"),
            Disk = Text(Source, "Disk"),
        };
    }

    /// <inheritdoc/>
    public bool Equals(SfBlobIdentity? other) => other is not null && Uuid == other.Uuid && (Uuid is not null || _text == other._text);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SfBlobIdentity);

    /// <inheritdoc/>
    public override int GetHashCode() => Uuid is { } uuid ? uuid.GetHashCode() : string.GetHashCode(_text, StringComparison.Ordinal);

    /// <summary>Returns the UUID, or the text that is not a UUID.</summary>
    public override string ToString() => Uuid?.ToString("D") ?? _text;

    private static object? Property(PSObject wrapped, string name) => wrapped.BaseObject is IDictionary map ? map[name] : wrapped.Properties[name]?.Value;

    // A CSV file contains an empty text for a property without a value.
    private static bool IsEmpty(object? value) => string.IsNullOrEmpty(value?.ToString());

    private SfBlob? SavedRecordOf(PSObject wrapped)
    {
        // An object with a BlobUuid is not the blob itself, and its size is not the size of the blob. The same is true of a reference.
        if (!IsEmpty(Property(wrapped, "BlobUuid")) || !Guid.TryParse(Text(wrapped, "Uuid"), out Guid uuid) || uuid != Uuid
            || !long.TryParse(Text(wrapped, "Size"), NumberStyles.Integer, CultureInfo.InvariantCulture, out long size))
        {
            return null;
        }

        return new SfBlob { Uuid = uuid, Size = size, State = Text(wrapped, "State"), Sha512 = Text(wrapped, "Sha512"), Checksums = Checksums(Property(wrapped, "Checksums")) };
    }

    private static string? Text(PSObject wrapped, string name) => Property(wrapped, name) is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;

    private static SfDictionary<string> Checksums(object? value)
    {
        SfDictionary<string> checksums = new(StringComparer.OrdinalIgnoreCase);
        switch (value is PSObject inner ? inner.BaseObject : value)
        {
            case IDictionary map:
                foreach (DictionaryEntry entry in map)
                {
                    checksums[entry.Key.ToString()!] = entry.Value?.ToString() ?? string.Empty;
                }

                break;
            case PSCustomObject:
                foreach (PSPropertyInfo property in ((PSObject)value!).Properties)
                {
                    checksums[property.Name] = property.Value?.ToString() ?? string.Empty;
                }

                break;
        }

        return checksums;
    }
}
