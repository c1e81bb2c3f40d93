using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Completes the states a blob can be in.</summary>
public sealed class BlobStateCompleter : IArgumentCompleter
{
    private static readonly (string Name, string ToolTip)[] Known =
    [
        ("created", "there, with its data"),
        ("deleted", "deleted, and remembered for about an hour"),
        ("error", "could not be made, or has been lost"),
        ("initial", "being made"),
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(wordToComplete, Known);
}
