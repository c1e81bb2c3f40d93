using System.Globalization;

namespace ShakenFist.Blobs.Model;

/// <summary>Gets the references of a blob as rows: those that the server sends or, on older servers, those derived from other fields.</summary>
internal static class BlobReferences
{
    /// <summary>Gets all rows of the blob in these directions.</summary>
    public static IEnumerable<SfBlobReference> Of(SfBlob blob, SfReferenceDirection directions)
    {
        IEnumerable<SfBlobReference> usedBy = blob.ReferencesTo?.Values.SelectMany(rows => rows) ?? DerivedUsedBy(blob);

        // Outside the system namespace, the server sends no rows. It sends the dependency to all namespaces.
        IEnumerable<SfBlobReference> uses = blob.ReferencesFrom is { Count: > 0 } from ? from.Values.SelectMany(rows => rows) : DerivedUses(blob);
        return (directions.HasFlag(SfReferenceDirection.UsedBy) ? usedBy : []).Concat(directions.HasFlag(SfReferenceDirection.Uses) ? uses : []);
    }

    private static IEnumerable<SfBlobReference> DerivedUsedBy(SfBlob blob)
    {
        // The list contains an instance once for each use. It does not contain the index of the disk.
        foreach (Guid instance in (blob.Instances ?? []).Distinct())
        {
            yield return Derived(blob, SfReferenceDirection.UsedBy, "instance", instance.ToString("D", CultureInfo.InvariantCulture), "disk", value: null);
        }

        foreach (string location in blob.Locations ?? [])
        {
            yield return Derived(blob, SfReferenceDirection.UsedBy, "node", location, "blob_location", value: null);
        }
    }

    private static IEnumerable<SfBlobReference> DerivedUses(SfBlob blob)
    {
        if (blob.DependsOn is { } backing)
        {
            yield return Derived(blob, SfReferenceDirection.Uses, "blob", backing.ToString("D", CultureInfo.InvariantCulture), "depends_on", value: null);
        }

        foreach ((string style, Guid transcode) in blob.Transcodes)
        {
            yield return Derived(blob, SfReferenceDirection.Uses, "blob", transcode.ToString("D", CultureInfo.InvariantCulture), "transcode", style);
        }
    }

    private static SfBlobReference Derived(SfBlob blob, SfReferenceDirection direction, string otherType, string otherUuid, string relationship, string? value)
    {
        string uuid = blob.Uuid.ToString("D", CultureInfo.InvariantCulture);
        bool usedBy = direction == SfReferenceDirection.UsedBy;
        return new SfBlobReference
        {
            BlobUuid = blob.Uuid,
            Direction = direction,
            IsDerived = true,
            SourceObjectType = usedBy ? otherType : "blob",
            SourceUuid = usedBy ? otherUuid : uuid,
            Relationship = relationship,
            RelationshipValue = value,
            TargetObjectType = usedBy ? "blob" : otherType,
            TargetUuid = usedBy ? uuid : otherUuid,
        };
    }
}
