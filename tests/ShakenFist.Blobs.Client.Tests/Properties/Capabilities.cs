using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace ShakenFist.Blobs.Client.Tests.Properties;

/// <summary>Tests the parser of the root page: it returns exactly the announced capabilities.</summary>
public sealed class CapabilityProperties
{
    private static Gen<string> Name => Gen.Elements("blob-metadata", "blob-data-limit", "a", "x-1", "größe", "with space", "blob").Where(n => n.Length > 0);

    private static Gen<(string Family, string[] Names)> Family =>
        from family in Gen.Elements("admin", "blobs", "networks", "agent operations") from names in Name.NonEmptyListOf() select (family, names.ToArray());

    private static Gen<string> Noise => Gen.OneOf(
        WrittenJsonProperties.Text,
        Gen.Elements("<li>", "</li>", "<LI>", "<", ">", ":", ",", "<li>blobs:", "<li>:", "<ul>", "blob-data-limit", "\u001b[31m", "\u202e", "\0").ListOf().Select(parts => string.Concat(parts)));

    [Cases(500)]
    public Property The_capabilities_of_a_page_are_parsed_with_or_without_end_tags() =>
        Prop.ForAll(Given.List(Family), Gen.Elements("<li>", "<LI>", "<Li>").ToArbitrary(), Gen.Elements("", "</li>", "</LI>\n", "<br>").ToArbitrary(), (families, open, close) =>
        {
            string page = $"<html><p>Capabilities: many</p><ul>{string.Concat(families.Select(f => $"{open}{f.Family}: {string.Join(", ", f.Names)}{close}"))}</ul></html>";
            SfCapabilities read = SfCapabilities.Parse(page);
            Dictionary<string, string[]> last = families.GroupBy(f => f.Family).ToDictionary(g => g.Key, g => g.Last().Names);
            return read.Families.Count == last.Count
                && last.All(f => read.Families[f.Key].SequenceEqual(f.Value))
                && last.Values.SelectMany(n => n).All(read.Has)
                && !read.Has("never-listed");
        });

    [Cases(1000)]
    public Property Any_text_is_parsed_and_the_result_can_be_displayed() =>
        Prop.ForAll(Given.List(Noise), pieces =>
        {
            string page = string.Concat(pieces);
            SfCapabilities read = SfCapabilities.Parse(page);
            return read.Families.All(f => IsFit(f.Key) && f.Value.All(n => n.Length > 0 && n == n.Trim() && !n.Contains(',') && IsFit(n) && read.Has(n)));
        });

    [Cases(500)]
    public Property Any_bytes_are_parsed_as_a_page() =>
        Prop.ForAll(Given.Bytes, bytes => SfCapabilities.Parse(Encoding.UTF8.GetString(bytes)).Families.Count <= bytes.Length);

    private static bool IsFit(string text) => text.EnumerateRunes().All(r => Rune.GetUnicodeCategory(r) is not (UnicodeCategory.Control or UnicodeCategory.Format));
}
