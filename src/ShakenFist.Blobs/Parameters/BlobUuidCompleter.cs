using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Completes UUIDs of blobs that the session has read. The first time, it also requests all blobs from the cluster, in the background, for the next time.</summary>
public sealed class BlobUuidCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if (Completion.SessionOf(fakeBoundParameters) is not { } session)
        {
            return [];
        }

        if (session.HasLiveToken && session.Seen.TakeRefresh())
        {
            // If the namespace cannot list blobs, only blobs that were read before are completed.
            Completion.Refresh(session.SeeBlobsAsync);
        }

        return Completion.Of(wordToComplete, session.Seen.All.Select(blob =>
            (blob.Uuid.ToString("D"), $"{SfFormat.Size(blob.Size)} {blob.FileFormat} {blob.State}, {SfFormat.Time(blob.Modified)}{(blob.Name is { } name ? ", " + name : string.Empty)}")));
    }
}
