using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Completes the names of capabilities that the session has read from the cluster.</summary>
public sealed class CapabilityCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.SessionOf(fakeBoundParameters) is { } session
            ? Completion.Of(wordToComplete, session.Capabilities.Families.SelectMany(family => family.Value.Select(name => (name, $"{name} ({family.Key})"))))
            : [];
}
