using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Completes the relationships that clusters are known to keep.</summary>
public sealed class RelationshipCompleter : IArgumentCompleter
{
    private static readonly (string Name, string ToolTip)[] Known =
    [
        ("agent_output", "agent operation to blob: its stdout or stderr"),
        ("artifact_index", "artifact to blob: one version of an image"),
        ("blob_location", "node to blob: a node that holds the data"),
        ("depends_on", "blob to blob: the backing image"),
        ("disk", "instance to blob: a disk, by its index"),
        ("nvram_template", "instance to blob: the NVRAM it starts from"),
        ("transcode", "blob to blob: another form of the same image, by its style"),
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(wordToComplete, Known);
}
