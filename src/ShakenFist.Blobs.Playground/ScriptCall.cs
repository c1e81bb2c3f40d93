using System.Text.RegularExpressions;

namespace ShakenFist.Blobs.Playground;

/// <summary>A script file with its arguments as PowerShell text.</summary>
internal static partial class ScriptCall
{
    /// <summary>Calls the script and ends with its status: that of its <c>exit</c>, else 0. A terminating error ends with 1.</summary>
    public static string Text(string file, IReadOnlyList<string> arguments) =>
        string.Join(' ', (string[])["&", Quote(file), .. arguments.Select(Argument)]) + "\nexit ($? ? 0 : $LASTEXITCODE)";

    /// <summary>The text as a single-quoted string. PowerShell also ends such a string at typographic quotation marks.</summary>
    public static string Quote(string text) => $"'{QuotationMark().Replace(text, "$0$0")}'";

    private static string Argument(string argument) => ParameterName().IsMatch(argument) ? argument : Quote(argument);

    [GeneratedRegex("['\u2018\u2019\u201a\u201b]")]
    private static partial Regex QuotationMark();

    [GeneratedRegex("^-[A-Za-z_][A-Za-z0-9_]*:?$")]
    private static partial Regex ParameterName();
}
