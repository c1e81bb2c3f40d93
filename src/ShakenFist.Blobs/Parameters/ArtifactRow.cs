using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Reads artifacts that were passed as objects of another type, for example from a JSON file, a job, or a remote session.</summary>
internal static class ArtifactRow
{
    /// <summary>Gets the artifact that an object is or has the properties of. Null for another object.</summary>
    public static SfArtifact? Read(PSObject row)
    {
        if (row.BaseObject is SfArtifact artifact)
        {
            return artifact;
        }

        if (row.Properties["SourceUrl"] is null || row.Properties["Versions"] is not { } versions || !Guid.TryParse(Text(row, "Uuid"), out Guid uuid))
        {
            return null;
        }

        return new SfArtifact
        {
            Uuid = uuid,
            Name = Text(row, "Name"),
            Type = Text(row, "Type"),
            SourceUrl = Text(row, "SourceUrl"),
            Namespace = Text(row, "Namespace"),
            State = Text(row, "State"),
            BlobUuid = Guid.TryParse(Text(row, "BlobUuid"), out Guid blob) ? blob : null,
            Versions = [.. Items(versions.Value).Select(ReadVersion).OfType<SfArtifactVersion>()],
        };
    }

    // A CSV file contains only the name of the type of a list.
    private static IEnumerable<PSObject> Items(object? value) => (value is PSObject inner ? inner.BaseObject : value) is IEnumerable and not string
        ? LanguagePrimitives.GetEnumerable(value)!.Cast<object?>().OfType<object>().Select(PSObject.AsPSObject)
        : [];

    private static SfArtifactVersion? ReadVersion(PSObject row) =>
        long.TryParse(Text(row, "Index"), NumberStyles.None, CultureInfo.InvariantCulture, out long index) && Guid.TryParse(Text(row, "BlobUuid"), out Guid blob)
            ? new SfArtifactVersion { Index = index, BlobUuid = blob }
            : null;

    private static string? Text(PSObject row, string name) => row.Properties[name]?.Value is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;
}
