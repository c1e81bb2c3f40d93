using System.Management.Automation;
using System.Text;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Matches names against the wildcard patterns of a parameter. Without patterns everything matches.</summary>
internal sealed class Wildcards
{
    private readonly WildcardPattern[]? _patterns;

    public Wildcards(string[]? patterns, bool caseSensitive = false) =>
        _patterns = patterns is null ? null : [.. patterns.Select(p => WildcardPattern.Get(IsPattern(p) ? p : Escape(Literal(p)), caseSensitive ? WildcardOptions.None : WildcardOptions.IgnoreCase))];

    /// <summary>Returns whether text contains wildcards. Text that is not a valid pattern, such as [a, is a name.</summary>
    public static bool IsPattern(string text)
    {
        try
        {
            _ = WildcardPattern.Get(text, WildcardOptions.None).IsMatch(string.Empty);
            return WildcardPattern.ContainsWildcardCharacters(text);
        }
        catch (WildcardPatternException)
        {
            return false;
        }
    }

    /// <summary>Gets the name that a pattern without wildcards matches. All escape characters are removed, as in matching. PowerShell's Unescape keeps some, depending on the version.</summary>
    public static string Literal(string pattern)
    {
        StringBuilder text = new(pattern.Length);
        for (int i = 0; i < pattern.Length; i++)
        {
            i += pattern[i] == '`' && i + 1 < pattern.Length ? 1 : 0;
            text.Append(pattern[i]);
        }

        return text.ToString();
    }

    /// <summary>Returns whether a pattern matches every name.</summary>
    public static bool MatchesEverything(string pattern) => pattern.Contains('*', StringComparison.Ordinal) && pattern.Replace("*", string.Empty, StringComparison.Ordinal) is "" or "?";

    /// <summary>Gets the pattern that matches only a name. PowerShell's Escape treats the escape character differently in different versions.</summary>
    public static string Escape(string name) => string.Concat(name.Select(c => c is '*' or '?' or '[' or ']' or '`' ? $"`{c}" : c.ToString()));

    public bool Match(string? name) => _patterns is null || (name is not null && Array.Exists(_patterns, p => p.IsMatch(name)));
}
