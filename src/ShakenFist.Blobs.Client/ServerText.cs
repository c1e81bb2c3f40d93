using System.Globalization;
using System.Text;

namespace ShakenFist.Blobs;

/// <summary>Makes text that a server chose fit to be shown: without control, format or broken characters, and of bounded length.</summary>
public static class ServerText
{
    /// <summary>Characters of server text shown in a message.</summary>
    public const int DefaultLength = 300;

    /// <summary>The text with everything that could steer a terminal replaced by a visible mark, cut to <paramref name="maxLength"/> characters.</summary>
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

            // An unpaired surrogate comes out of the enumeration as the replacement character already.
            bool steering = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse;
            clean.Append(steering ? "\uFFFD" : rune.ToString());
        }

        return clean.ToString();
    }
}
