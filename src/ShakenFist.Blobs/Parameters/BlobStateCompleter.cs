using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Completes the states of a blob.</summary>
public sealed class BlobStateCompleter : IArgumentCompleter
{
    private static readonly (string Name, string ToolTip)[] Known =
    [
        ("created", "The blob exists and has data."),
        ("deleted", "The blob was deleted. Its record is removed after about one hour."),
        ("error", "The blob could not be created, or it was lost."),
        ("initial", "The blob is being created."),
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(wordToComplete, Known);
}
