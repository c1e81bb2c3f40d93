using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ShakenFist.Blobs.Sessions;

namespace ShakenFist.Blobs.Parameters;

/// <summary>What the completers share. They answer from memory: no network, no prompt, no error.</summary>
internal static class Completion
{
    /// <summary>The session that the command line names, or the runspace's own, or null.</summary>
    public static SfSession? SessionOf(IDictionary boundParameters)
    {
        object? bound = boundParameters["Session"] is PSObject wrapped ? wrapped.BaseObject : boundParameters["Session"];
        return bound as SfSession ?? RunspaceSessions.Current;
    }

    /// <summary>The candidates that begin with the word, quoted where they have to be. Text that could not be typed back is left out.</summary>
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
