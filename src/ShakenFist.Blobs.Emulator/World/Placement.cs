namespace ShakenFist.Blobs.Emulator;

/// <summary>Where a blob's file is, seen from the asked node.</summary>
internal static class Placement
{
    public static IEnumerable<string> LocationsOf(EmulatedBlob blob, string node) =>
        blob.Locations ?? (blob.Content is null ? Enumerable.Empty<string>() : [node]);

    /// <summary>Whether the asked node has the file. The record does not decide it: files without a location are served, too.</summary>
    public static bool HasLocalFile(EmulatedBlob blob, string node) =>
        blob.Content is not null && (blob.Locations is null or { Count: 0 } || blob.Locations.Contains(node));
}
