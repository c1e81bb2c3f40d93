using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Matches names against the wildcard patterns of a parameter. Without patterns everything matches.</summary>
internal sealed class Wildcards
{
    private readonly WildcardPattern[]? _patterns;

    public Wildcards(string[]? patterns, bool caseSensitive = false) =>
        _patterns = patterns is null ? null : [.. patterns.Select(p => WildcardPattern.Get(p, caseSensitive ? WildcardOptions.None : WildcardOptions.IgnoreCase))];

    public bool Match(string? name) => _patterns is null || (name is not null && Array.Exists(_patterns, p => p.IsMatch(name)));
}
