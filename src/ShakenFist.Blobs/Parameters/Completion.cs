using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ShakenFist.Blobs.Sessions;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Contains what the completers share. They use only data in memory: they send no requests, show no prompts, and report no errors.</summary>
internal static class Completion
{
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
