using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Completes UUIDs of blobs that the session has read. The first time, it also requests all blobs from the cluster, in the background, for the next time.</summary>
public sealed class BlobUuidCompleter : IArgumentCompleter
{
    private static readonly TimeSpan RefreshTimeout = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if (Completion.SessionOf(fakeBoundParameters) is not { } session)
        {
            return [];
        }

        if (session.HasLiveToken && session.Seen.TakeRefresh())
        {
            _ = RefreshAsync(session);
        }

        return Completion.Of(wordToComplete, session.Seen.All.Select(blob =>
            (blob.Uuid.ToString("D"), $"{SfFormat.Size(blob.Size)} {blob.FileFormat} {blob.State}, {SfFormat.Time(blob.Modified)}")));
    }

    private static async Task RefreshAsync(SfSession session)
    {
        using CancellationTokenSource timeout = new(RefreshTimeout);
        try
        {
            await session.SeeBlobsAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SfException or OperationCanceledException)
        {
            // If the namespace cannot list blobs, or the cluster cannot be reached, only blobs that were read before are completed.
        }
    }
}
