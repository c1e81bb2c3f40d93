using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Completes the names of nodes that store blobs that the session has read.</summary>
public sealed class NodeCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.SessionOf(fakeBoundParameters) is { } session
            ? Completion.Of(wordToComplete, session.Seen.All
                .SelectMany(blob => blob.Locations ?? [])
                .Select(Locations.NodeName)
                .GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
                .OrderBy(group => group.Key, StringComparer.OrdinalIgnoreCase)
                .Select(group => (group.Key, $"{group.Key}: {group.Count()} of the blobs read in this session")))
            : [];
}
