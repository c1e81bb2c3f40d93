namespace ShakenFist.Blobs.Parameters;

/// <summary>Reads the entries of a blob's Locations.</summary>
internal static class Locations
{
    /// <summary>The name alone: a newer server may add how far a copy has come, as in "sf-2 (42.0%)".</summary>
    public static string NodeName(string location)
    {
        int space = location.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? location : location[..space];
    }
}
