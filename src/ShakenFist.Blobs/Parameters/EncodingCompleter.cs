using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Completes the names of the encodings that Get-Content completes, and latin1. Other names that .NET knows are accepted as well.</summary>
public sealed class EncodingCompleter : IArgumentCompleter
{
    private static readonly (string Name, string ToolTip)[] Known =
    [
        ("ansi", "The ANSI code page of the current culture."),
        ("ascii", "ASCII, 7 bits."),
        ("bigendianunicode", "UTF-16, big-endian."),
        ("bigendianutf32", "UTF-32, big-endian."),
        ("latin1", "ISO 8859-1."),
        ("oem", "The OEM code page of the current culture."),
        ("unicode", "UTF-16, little-endian."),
        ("utf8", "UTF-8. This is the default."),
        ("utf8BOM", "UTF-8. A byte order mark is not part of the text."),
        ("utf8NoBOM", "UTF-8. A byte order mark is not part of the text."),
        ("utf32", "UTF-32, little-endian."),
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(wordToComplete, Known);
}
