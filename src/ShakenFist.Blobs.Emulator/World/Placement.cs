namespace ShakenFist.Blobs.Emulator;

/// <summary>The location of the file of a blob, relative to the local node.</summary>
internal static class Placement
{
    public static IEnumerable<string> LocationsOf(EmulatedBlob blob, string node) =>
        blob.Locations ?? (blob.Content is null ? Enumerable.Empty<string>() : [node]);

    /// <summary>Whether the local node has the file. This does not depend on the record: the server also returns files without a location.</summary>
    public static bool HasLocalFile(EmulatedBlob blob, string node) =>
        blob.Content is not null && (blob.Locations is null or { Count: 0 } || blob.Locations.Contains(node));
}
