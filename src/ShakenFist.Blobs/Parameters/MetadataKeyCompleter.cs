using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Completes metadata keys: those of the blob on the command line, if the session has read it, otherwise those of all blobs that it has read.</summary>
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

        SfBlob? named = boundParameters["Uuid"] is { } bound && Guid.TryParse(bound.ToString(), out Guid uuid) ? session.Seen.Find(uuid) : null;
        IEnumerable<SfBlob> blobs = named is null ? session.Seen.All : [named];
        return Completion.Of(wordToComplete, blobs
            .SelectMany(blob => blob.Metadata)
            .DistinctBy(pair => pair.Key, StringComparer.Ordinal)
            .OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase)
            .Select(pair => (write(pair.Key), MetadataValue.Show(pair.Value))));
    }
}
