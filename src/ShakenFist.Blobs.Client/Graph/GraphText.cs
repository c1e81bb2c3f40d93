using System.Globalization;
using System.Text;

namespace ShakenFist.Blobs.Graph;

/// <summary>The texts of nodes and edges, before they are escaped for a format.</summary>
internal static class GraphText
{
    private const int ShortUuidLength = 8;

    /// <summary>The maximum length of server text in one place of a drawing.</summary>
    private const int MaxLength = 200;

    public static string Type(GraphNode node) => ServerText.Clean(node.Type, MaxLength);

    public static string Uuid(GraphNode node) => ServerText.Clean(node.Uuid, MaxLength);

    /// <summary>Gets the first part of a UUID, or a name.</summary>
    public static string ShortUuid(GraphNode node) => Guid.TryParse(node.Uuid, out _) ? node.Uuid[..ShortUuidLength] : Uuid(node);

    /// <summary>Gets the type and the UUID.</summary>
    public static string Full(GraphNode node) => $"{Type(node)} {Uuid(node)}";

    /// <summary>Gets the size and the format of a blob, if they are known.</summary>
    public static IReadOnlyList<string> Facts(GraphNode node) =>
        [.. new[] { Size(node.Blob?.Size) ?? string.Empty, ServerText.Clean(node.Blob?.FileFormat, MaxLength) }.Where(s => s.Length > 0)];

    public static string State(GraphNode node) => ServerText.Clean(node.Blob?.State, MaxLength);

    /// <summary>Gets the size, the format, and the state of a blob in one line, if they are known.</summary>
    public static string Summary(GraphNode node) => string.Join(", ", Facts(node).Append(State(node)).Where(s => s.Length > 0));

    public static string Relationship(GraphEdge edge) => ServerText.Clean(edge.Relationship, MaxLength);

    public static string Value(GraphEdge edge) => ServerText.Clean(edge.Value, MaxLength);

    /// <summary>Gets the relationship and the value.</summary>
    public static string Full(GraphEdge edge) => edge.Value is null ? Relationship(edge) : $"{Relationship(edge)} {Value(edge)}";

    /// <summary>Gets the names and values of the properties of a blob that are shown.</summary>
    public static IEnumerable<(string Name, string Value)> Details(GraphNode node)
    {
        if (node.Blob is not { } blob)
        {
            return [];
        }

        string? bytes = blob.Size?.ToString("#,0", CultureInfo.InvariantCulture);
        (string Name, string? Value)[] all =
        [
            ("State", blob.State),
            ("Size", bytes is null ? null : $"{Size(blob.Size)} ({bytes} bytes)"),
            ("Virtual size", Size(blob.VirtualSize)),
            ("Format", blob.FileFormat),
            ("Media type", blob.MimeType),
            ("Modified", Time(blob.Modified)),
            ("Fetched", Time(blob.FetchedAt)),
            ("Last used", Time(blob.LastUsed)),
            ("SHA-512", blob.Sha512),
        ];
        return all.Where(fact => !string.IsNullOrEmpty(fact.Value)).Select(fact => (fact.Name, ServerText.Clean(fact.Value, MaxLength)));
    }

    public static string? Time(DateTime? time) => time?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Cuts the text to a width in columns. Characters other than Latin ones can take two.</summary>
    public static string Fit(string text, int columns)
    {
        StringBuilder fitted = new();
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            width += WidthOf(rune);
            if (width > columns)
            {
                // Removes the last character to make space for the mark.
                fitted.Length -= fitted.Length > 1 && char.IsLowSurrogate(fitted[^1]) ? 2 : Math.Min(1, fitted.Length);
                return fitted.Append('…').ToString();
            }

            fitted.Append(rune);
        }

        return text;
    }

    /// <summary>Gets the width of the text in columns.</summary>
    public static int Width(string text) => text.EnumerateRunes().Sum(WidthOf);

    private static int WidthOf(Rune rune) => rune.Value is < 0x300 or '…' or '·' ? 1 : 2;

    private static string? Size(long? bytes) => bytes is { } number ? ByteSize.Text(number, CultureInfo.InvariantCulture) : null;
}
