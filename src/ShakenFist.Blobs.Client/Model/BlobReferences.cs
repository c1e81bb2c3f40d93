using System.Globalization;

namespace ShakenFist.Blobs.Model;

/// <summary>The references of a blob as flat rows: those the server sends, or on older servers those that its other fields amount to.</summary>
internal static class BlobReferences
{
    /// <summary>All rows of the blob in one direction.</summary>
    public static IEnumerable<SfBlobReference> Of(SfBlob blob, SfReferenceDirection direction)
    {
        IDictionary<string, SfBlobReference[]>? sent = direction == SfReferenceDirection.UsedBy ? blob.ReferencesTo : blob.ReferencesFrom;
        return sent is not null
            ? sent.Values.SelectMany(rows => rows)
            : direction == SfReferenceDirection.UsedBy ? DerivedUsedBy(blob) : DerivedUses(blob);
    }

    private static IEnumerable<SfBlobReference> DerivedUsedBy(SfBlob blob)
    {
        // The list of instances counts one for each way it is used; which disk it is, is not told.
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
