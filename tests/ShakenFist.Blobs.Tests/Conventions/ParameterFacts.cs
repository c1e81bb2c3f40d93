using System.Management.Automation;
using System.Text.RegularExpressions;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>The attributes of a parameter in one line, from the command or from its page.</summary>
internal static partial class ParameterFacts
{
    /// <summary>Returns the attributes from the command, by parameter.</summary>
    public static Dictionary<string, string> Of(CommandInfo command) => command.ParameterSets
        .SelectMany(set => set.Parameters.Select(parameter => (Set: set.Name, Parameter: parameter)))
        .Where(pair => !Cmdlet.CommonParameters.Contains(pair.Parameter.Name))
        .GroupBy(pair => pair.Parameter.Name)
        .ToDictionary(group => group.Key, group => Line(
            TypeOf(group.First().Parameter),
            group.First().Parameter.Aliases,
            group.First().Parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any(),
            Values(group.First().Parameter),
            group.Select(pair => Place(
                pair.Set,
                pair.Parameter.Position < 0 ? "Named" : $"{pair.Parameter.Position}",
                pair.Parameter.IsMandatory,
                pair.Parameter.ValueFromPipeline,
                pair.Parameter.ValueFromPipelineByPropertyName))));

    /// <summary>Returns the attributes from the page, by parameter.</summary>
    public static Dictionary<string, string> Of(string page, IReadOnlyCollection<string> sets) => HelpPage.Split(HelpPage.SectionsOf(page)["PARAMETERS"], "### ")
        .Where(section => section.Title.StartsWith('-'))
        .ToDictionary(section => section.Title[1..], section => Line(
            Value(section.Body, "Type"),
            List(section.Body, "Aliases"),
            Value(section.Body, "SupportsWildcards") == "true",
            List(section.Body, "AcceptedValues"),
            Set().Matches(section.Body).SelectMany(set => (set.Groups["name"].Value == "(All)" ? sets : [set.Groups["name"].Value]).Select(name => Place(
                name,
                Value(set.Value, "Position"),
                Value(set.Value, "IsRequired") == "true",
                Value(set.Value, "ValueFromPipeline") == "true",
                Value(set.Value, "ValueFromPipelineByPropertyName") == "true")))));

    public static string TypeOf(CommandParameterInfo parameter) => Plain(parameter.ParameterType).ToString();

    private static string Line(string type, IEnumerable<string> aliases, bool wildcards, IEnumerable<string> values, IEnumerable<string> places) =>
        $"{type}; aliases: {Joined(aliases.Order(StringComparer.Ordinal))}; wildcards: {wildcards}; values: {Joined(values)}; {string.Join("; ", places.Order(StringComparer.Ordinal))}";

    private static string Place(string set, string position, bool mandatory, bool byValue, bool byName) =>
        $"{set} at {position}{(mandatory ? " mandatory" : string.Empty)}{(byValue ? " by value" : string.Empty)}{(byName ? " by name" : string.Empty)}";

    private static string Joined(IEnumerable<string> items) => string.Join(", ", items);

    // A nullable type has the same type for the user.
    private static Type Plain(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    private static string[] Values(CommandParameterInfo parameter)
    {
        if (parameter.Attributes.OfType<ValidateSetAttribute>().SingleOrDefault() is { } set)
        {
            return [.. set.ValidValues];
        }

        Type type = parameter.ParameterType;
        Type item = Plain(type.IsArray ? type.GetElementType()! : type);
        return item.IsEnum ? Enum.GetNames(item) : [];
    }

    private static string Value(string text, string key) => Regex.Match(text, $"(?m)^\\s*{key}: (.*)$").Groups[1].Value.Trim('\'');

    private static IEnumerable<string> List(string text, string key) =>
        Regex.Match(text, $"(?m)^{key}:\n(?:- (?<item>.*)\n)+").Groups["item"].Captures.Select(item => item.Value);

    [GeneratedRegex("^- Name: (?<name>.*)\n(?:  .*\n)+", RegexOptions.Multiline)]
    private static partial Regex Set();
}
