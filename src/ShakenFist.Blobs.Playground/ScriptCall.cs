using System.Text.RegularExpressions;

namespace ShakenFist.Blobs.Playground;

/// <summary>Creates the PowerShell command that runs a script file with its arguments.</summary>
internal static partial class ScriptCall
{
    /// <summary>
    /// Returns a command that runs the script and exits with the code of its <c>exit</c> statement, or else 0. After a terminating error, the exit code is 1.
    /// </summary>
    public static string Text(string file, IReadOnlyList<string> arguments) =>
        string.Join(' ', (string[])["&", Quote(file), .. arguments.Select(Argument)]) + "\nexit ($? ? 0 : $LASTEXITCODE)";

    /// <summary>Returns the text as a single-quoted string. Typographic quotation marks are also doubled, because PowerShell treats them as quotation marks.</summary>
    public static string Quote(string text) => $"'{QuotationMark().Replace(text, "$0$0")}'";

    private static string Argument(string argument) => ParameterName().IsMatch(argument) ? argument : Quote(argument);

    [GeneratedRegex("['\u2018\u2019\u201a\u201b]")]
    private static partial Regex QuotationMark();

    [GeneratedRegex("^-[A-Za-z_][A-Za-z0-9_]*:?$")]
    private static partial Regex ParameterName();
}
