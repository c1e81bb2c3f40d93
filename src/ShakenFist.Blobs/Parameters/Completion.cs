using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ShakenFist.Blobs.Session;
using ShakenFist.Blobs.Sessions;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Contains what the completers share. They use only data in memory: they send no requests, show no prompts, and report no errors.</summary>
internal static class Completion
{
    private static readonly TimeSpan RefreshTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Requests a list in the background, so that the next completion can use it. A failure is not reported.</summary>
    public static void Refresh(Func<CancellationToken, Task> request)
    {
        _ = RefreshAsync();

        async Task RefreshAsync()
        {
            using CancellationTokenSource timeout = new(RefreshTimeout);
            try
            {
                await request(timeout.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SfException or OperationCanceledException)
            {
                // Completion uses what was read before.
            }
        }
    }

    /// <summary>Completes names that the session has read. The first time, the list is also requested in the background, for the next time.</summary>
    /// <param name="session">The session.</param>
    /// <param name="seen">The names.</param>
    /// <param name="request">Requests the list.</param>
    /// <param name="wordToComplete">The start of the name.</param>
    /// <param name="isPattern">Whether the parameter accepts wildcards, so that such characters of a name must be escaped.</param>
    public static IEnumerable<CompletionResult> OfNames(SfSession session, SeenNames seen, Func<CancellationToken, Task> request, string wordToComplete, bool isPattern)
    {
        if (session.HasLiveToken && seen.TakeRefresh())
        {
            Refresh(request);
        }

        return Of(wordToComplete, seen.All.Select(known => (isPattern ? Wildcards.Escape(known.Name) : known.Name, known.Description)));
    }

    /// <summary>Gets the session on the command line, or the session of the runspace, or null.</summary>
    public static SfSession? SessionOf(IDictionary boundParameters)
    {
        object? bound = boundParameters["Session"] is PSObject wrapped ? wrapped.BaseObject : boundParameters["Session"];
        return bound as SfSession ?? RunspaceSessions.Current;
    }

    /// <summary>Gets the candidates that start with the word, quoted if necessary. Text that cannot be typed is left out.</summary>
    public static IEnumerable<CompletionResult> Of(string wordToComplete, IEnumerable<(string Text, string ToolTip)> candidates)
    {
        string word = wordToComplete.Trim('\'', '"');
        return candidates
            .Where(c => c.Text.Length > 0 && c.Text.StartsWith(word, StringComparison.OrdinalIgnoreCase) && ServerText.Clean(c.Text, int.MaxValue) == c.Text)
            .Select(c => new CompletionResult(Quote(c.Text), c.Text, CompletionResultType.ParameterValue, ServerText.Clean(c.ToolTip)));
    }

    private static string Quote(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        ? text
        : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
}
