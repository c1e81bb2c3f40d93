using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Completes metadata keys for parameters that accept wildcards: keys such as * or a[1] are escaped so that they match only themselves.</summary>
public sealed class MetadataKeyPatternCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        MetadataKeyCompleter.Complete(wordToComplete, fakeBoundParameters, Wildcards.Escape);
}
