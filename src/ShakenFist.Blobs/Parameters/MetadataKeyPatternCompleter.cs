using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Completes metadata keys where wildcards are read into them: written so that a key named * or a[1] stays that key, and none other is meant.</summary>
public sealed class MetadataKeyPatternCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        MetadataKeyCompleter.Complete(wordToComplete, fakeBoundParameters, Escape);

    // By hand, since PowerShell's own escaping treats the escape character in one way or another, by version.
    private static string Escape(string key) => string.Concat(key.Select(c => c is '*' or '?' or '[' or ']' or '`' ? $"`{c}" : c.ToString()));
}
