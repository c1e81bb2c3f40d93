using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>Finds command and parameter names of this module in a text.</summary>
internal static partial class Mentions
{
    private static readonly HashSet<string> Parameters =
    [
        .. Cmdlet.CommonParameters, .. Cmdlet.OptionalCommonParameters,
        .. ModuleUnderTest.Commands().SelectMany(c => c.Type.GetProperties()).Where(p => p.GetCustomAttributes<ParameterAttribute>().Any()).Select(p => p.Name),
    ];

    /// <summary>Returns names in the form of the module that are not commands of it, and parameters that no command has.</summary>
    public static IEnumerable<string> Unknown(string text) =>
    [
        .. Commands(text).Where(name => !ModuleUnderTest.Names.Contains(name)),
        .. Parameter().Matches(text).Select(m => m.Groups["name"].Value).Where(name => !Parameters.Contains(name)),
    ];

    public static IEnumerable<string> Commands(string text) => Command().Matches(text).Select(m => m.Value).Distinct();

    [GeneratedRegex(@"\b[A-Z][a-z]+-(?:Sf[A-Za-z]+|ShakenFist)\b")]
    private static partial Regex Command();

    // Not a parameter of another module's command, such as ForEach-Object -Parallel.
    [GeneratedRegex(@"(?<=^|[\s(])(?<!\b[A-Z][A-Za-z]+-(?!Sf|ShakenFist)[A-Z][A-Za-z]+\s)-(?<name>[A-Z][A-Za-z]+)\b", RegexOptions.Multiline)]
    private static partial Regex Parameter();
}
