using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Completes metadata keys: those of the blob on the command line, if the session has read or changed it, otherwise those of all such blobs.</summary>
public sealed class MetadataKeyCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Complete(wordToComplete, fakeBoundParameters, key => key);

    /// <summary>Writes the keys in the form that the parameter accepts.</summary>
    internal static IEnumerable<CompletionResult> Complete(string wordToComplete, IDictionary boundParameters, Func<string, string> write)
    {
        if (Completion.SessionOf(boundParameters) is not { } session)
        {
            return [];
        }

        Guid? named = boundParameters["Uuid"] is { } bound && Guid.TryParse(bound.ToString(), out Guid uuid) ? uuid : null;
        return Completion.Of(wordToComplete, session.Seen.Metadata(named)
            .DistinctBy(pair => pair.Key, StringComparer.Ordinal)
            .OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase)
            .Select(pair => (write(pair.Key), MetadataValue.Show(pair.Value))));
    }
}
