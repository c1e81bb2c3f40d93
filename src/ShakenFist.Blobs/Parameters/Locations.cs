namespace ShakenFist.Blobs.Parameters;

/// <summary>Reads the entries of the Locations property of a blob.</summary>
internal static class Locations
{
    /// <summary>Gets the node name only. Newer servers can append the progress of a copy, as in "sf-2 (42.0%)".</summary>
    public static string NodeName(string location)
    {
        int space = location.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? location : location[..space];
    }
}
