using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Completes the types of an artifact.</summary>
public sealed class ArtifactTypeCompleter : IArgumentCompleter
{
    private static readonly (string Name, string ToolTip)[] Known =
    [
        ("image", "A disk image that was uploaded or fetched from a web address."),
        ("label", "A name that was given to blobs of other artifacts."),
        ("other", "An upload that is not a disk image."),
        ("snapshot", "Snapshots of one disk of an instance."),
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(wordToComplete, Known);
}
