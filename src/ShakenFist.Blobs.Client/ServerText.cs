using System.Globalization;
using System.Text;

namespace ShakenFist.Blobs;

/// <summary>Cleans server text for display: removes control, format, and invalid characters, and limits the length.</summary>
public static class ServerText
{
    /// <summary>The default maximum length of server text in a message.</summary>
    public const int DefaultLength = 300;

    /// <summary>Replaces characters that could control a terminal with a visible mark, and cuts the text to <paramref name="maxLength"/> characters.</summary>
    public static string Clean(string? text, int maxLength = DefaultLength)
    {
        if (string.IsNullOrEmpty(text))
        {
            return string.Empty;
        }

        StringBuilder clean = new(Math.Min(text.Length, maxLength));
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (clean.Length >= maxLength)
            {
                return clean.Append('…').ToString();
            }

            // The enumeration replaces unpaired surrogates with the replacement character.
            bool steering = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse;
            clean.Append(steering ? "\uFFFD" : rune.ToString());
        }

        return clean.ToString();
    }
}
