using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Completes the relationships that are known to occur.</summary>
public sealed class RelationshipCompleter : IArgumentCompleter
{
    private static readonly (string Name, string ToolTip)[] Known =
    [
        ("agent_output", "An agent operation uses the blob: its stdout or stderr."),
        ("artifact_index", "An artifact uses the blob: one version of an image."),
        ("blob_location", "A node stores the data of the blob."),
        ("depends_on", "A blob uses another blob as its backing image."),
        ("disk", "An instance uses the blob: a disk, by its index."),
        ("nvram_template", "An instance uses the blob: its initial NVRAM."),
        ("transcode", "A blob has a transcode: the same image in another format."),
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Of(wordToComplete, Known);
}
