using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Completes the names of instances that the session has read. The first time, it also requests the list, in the background, for the next time.</summary>
public sealed class InstanceNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.SessionOf(fakeBoundParameters) is { } session
            ? Completion.OfNames(session, session.SeenInstances, session.SeeInstancesAsync, wordToComplete, isPattern: commandName == "Get-SfInstance" && parameterName == "Name")
            : [];
}
