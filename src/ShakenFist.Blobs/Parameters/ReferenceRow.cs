using System.Globalization;
using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Reads references that were passed as objects of another type, for example from a CSV file, a job, or a remote session.</summary>
internal static class ReferenceRow
{
    /// <summary>Returns whether an object has the properties of a reference.</summary>
    public static bool Is(PSObject row) => row.Properties["SourceUuid"] is not null && row.Properties["TargetUuid"] is not null;

    /// <summary>Gets the reference that an object is or has the properties of. Null for another object.</summary>
    public static SfBlobReference? Read(PSObject? row)
    {
        if (row is null || row.BaseObject is SfBlobReference || !Is(row))
        {
            return row?.BaseObject as SfBlobReference;
        }

        return new SfBlobReference
        {
            BlobUuid = Value<Guid>("BlobUuid"),
            Direction = Value<SfReferenceDirection>("Direction"),
            IsDerived = Value<bool>("IsDerived"),
            SourceObjectType = Text("SourceObjectType"),
            SourceUuid = Text("SourceUuid"),
            Relationship = Text("Relationship"),
            RelationshipValue = Text("RelationshipValue"),
            TargetObjectType = Text("TargetObjectType"),
            TargetUuid = Text("TargetUuid"),
            Created = Value<DateTime?>("Created"),
            LastActive = Value<DateTime?>("LastActive"),
        };

        // An empty cell of a CSV file is a missing value.
        string? Text(string name) => LanguagePrimitives.ConvertTo<string>(row.Properties[name]?.Value) is { Length: > 0 } text ? text : null;

        T? Value<T>(string name) => Text(name) is not null && LanguagePrimitives.TryConvertTo(row.Properties[name].Value, CultureInfo.InvariantCulture, out T value) ? value : default;
    }
}
