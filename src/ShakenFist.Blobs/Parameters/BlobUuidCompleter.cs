using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Completes UUIDs of blobs that the session has seen. The first time it also asks the cluster for all of them, in the background, for the next time.</summary>
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
            // Whoever may not list, or cannot reach the cluster, completes from what has been seen.
        }
    }
}
