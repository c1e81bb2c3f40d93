namespace ShakenFist.Blobs;

/// <summary>The capabilities that a cluster announces on its root page, by family, such as <c>blobs: blob-metadata, blob-data-limit</c>.</summary>
public sealed class SfCapabilities
{
    private readonly HashSet<string> _names;

    private SfCapabilities(IReadOnlyDictionary<string, IReadOnlyList<string>> families)
    {
        Families = families;
        _names = new HashSet<string>(families.Values.SelectMany(names => names), StringComparer.Ordinal);
    }

    /// <summary>Gets the capabilities of a server that announces none.</summary>
    public static SfCapabilities None { get; } = new(new Dictionary<string, IReadOnlyList<string>>());

    /// <summary>Gets the names by family, in the order of the page.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Families { get; }

    /// <summary>Returns whether the cluster announces exactly this name.</summary>
    public bool Has(string name) => _names.Contains(name);

    /// <summary>Verifies that the cluster announces a name.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.CapabilityMissing"/>, with the capabilities for blobs.</exception>
    internal void Require(string name, string purpose)
    {
        if (!Has(name))
        {
            string offered = Families.TryGetValue("blobs", out IReadOnlyList<string>? names) && names.Count > 0 ? string.Join(", ", names.Select(n => ServerText.Clean(n, 60))) : "none";
            throw new SfException(SfErrors.CapabilityMissing, $"{purpose} requires the capability {name}, which the cluster does not announce. Its capabilities for blobs: {offered}.");
        }
    }

    /// <summary>Parses the root page. Each list item is one family. Its closing tag can be missing, as on the real page.</summary>
    public static SfCapabilities Parse(string page)
    {
        ArgumentNullException.ThrowIfNull(page);
        Dictionary<string, IReadOnlyList<string>> families = new(StringComparer.Ordinal);
        const string ItemTag = "<li>";
        for (int at = page.IndexOf(ItemTag, StringComparison.OrdinalIgnoreCase); at >= 0;)
        {
            int start = at + ItemTag.Length;
            int end = page.IndexOf('<', start);
            ReadOnlySpan<char> item = page.AsSpan(start, (end < 0 ? page.Length : end) - start);
            int colon = item.IndexOf(':');
            if (colon > 0)
            {
                string family = ServerText.Clean(item[..colon].Trim().ToString());
                string[] names = ServerText.Clean(item[(colon + 1)..].ToString(), int.MaxValue).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                families[family] = names;
            }

            at = end < 0 ? -1 : page.IndexOf(ItemTag, end, StringComparison.OrdinalIgnoreCase);
        }

        return new SfCapabilities(families);
    }
}
