using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace ShakenFist.Blobs.Playground;

/// <summary>A script file with its arguments as PowerShell text, the same for both engines.</summary>
internal static partial class ScriptCall
{
    /// <summary>Calls the script and ends with its status: that of its <c>exit</c>, else 0. A terminating error passes through.</summary>
    public static string Text(string file, IReadOnlyList<string> arguments) =>
        string.Join(' ', (string[])["&", Quote(file), .. arguments.Select(Argument)]) + "\nexit ($? ? 0 : $LASTEXITCODE)";

    public static string Quote(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    private static string Argument(string argument) => ParameterName().IsMatch(argument) ? argument : Quote(argument);

    [GeneratedRegex("^-[A-Za-z_][A-Za-z0-9_]*:?$")]
    private static partial Regex ParameterName();
}
