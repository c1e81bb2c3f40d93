using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>Compares parameters, syntax, input, output, and links on the pages with the commands.</summary>
public sealed partial class HelpFactConventions
{
    private const string Default = " (Default)";

    public static TheoryData<string> Names() => CommandConventions.Names();

    [Theory]
    [MemberData(nameof(Names))]
    public void Types_aliases_positions_and_pipeline_input_of_the_page_are_those_of_the_command(string name)
    {
        using Engine engine = new();
        CommandInfo live = Live(engine, name);
        Assert.Equal(
            ParameterFacts.Of(live).OrderBy(fact => fact.Key, StringComparer.Ordinal),
            ParameterFacts.Of(name, [.. live.ParameterSets.Select(set => set.Name)]).OrderBy(fact => fact.Key, StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_syntax_of_the_page_is_that_of_the_command(string name)
    {
        using Engine engine = new();
        IEnumerable<string> live = Live(engine, name).ParameterSets.Select(set => $"{set.Name}{(set.IsDefault && set.Name != ParameterAttribute.AllParameterSets ? Default : string.Empty)}: {Flat($"{name} {set}".Replace("[<CommonParameters>]", string.Empty, StringComparison.Ordinal))}");
        IEnumerable<string> page = HelpPage.Split(HelpPage.SectionsOf(name)["SYNTAX"], "### ").Select(block => $"{block.Title}: {Flat(block.Body.Replace("```", string.Empty, StringComparison.Ordinal))}");
        Assert.Equal(live.Order(StringComparer.Ordinal), page.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_default_values_of_the_page_are_those_of_the_command(string name)
    {
        HelpPage page = HelpPage.FromMarkdown(name);
        Type type = ModuleUnderTest.Commands().Single(c => ModuleUnderTest.NameOf(c.Cmdlet) == name).Type;
        object fresh = Activator.CreateInstance(type)!;
        foreach (PropertyInfo property in type.GetProperties().Where(p => p.GetCustomAttributes<ParameterAttribute>().Any(parameter => !parameter.Mandatory)))
        {
            // A missing default value, or the maximum of a type, is described in words.
            if (property.GetValue(fresh) is { } value and (int and not int.MaxValue or Enum or string { Length: > 0 }))
            {
                Assert.Equal((property.Name, Convert.ToString(value, CultureInfo.InvariantCulture)), (property.Name, page.Defaults[property.Name]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_outputs_of_the_page_are_those_of_the_command(string name)
    {
        using Engine engine = new();
        IEnumerable<string> live = Live(engine, name).OutputType.Select(output => output.Type == typeof(void) ? "None" : output.Type.ToString());
        Assert.Equal(live.Order(StringComparer.Ordinal), Types(name, "OUTPUTS").Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_inputs_of_the_page_are_those_that_the_command_takes_from_the_pipeline(string name)
    {
        using Engine engine = new();
        CommandParameterInfo[] parameters = [.. Live(engine, name).ParameterSets.SelectMany(set => set.Parameters)];
        string[] page = [.. Types(name, "INPUTS")];
        string[] byValue = [.. parameters.Where(p => p.ValueFromPipeline).Select(p => ParameterFacts.TypeOf(p)).Distinct()];
        string[] either = [.. parameters.Where(p => p.ValueFromPipeline || p.ValueFromPipelineByPropertyName).Select(p => ParameterFacts.TypeOf(p))];
        Assert.Empty(byValue.Except(page));
        Assert.Empty(page.Except(either.Length == 0 ? ["None"] : either));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_related_link_leads_to_a_page_or_a_topic_and_none_to_itself(string name)
    {
        Match[] links = [.. Link().Matches(HelpPage.SectionsOf(name)["RELATED LINKS"]).Cast<Match>()];
        Assert.Contains(links, link => link.Groups["text"].Value == "about_ShakenFist_Blobs");
        Assert.Equal(links.Length, links.Select(link => link.Groups["target"].Value).Distinct().Count());
        Assert.All(links, link =>
        {
            string target = link.Groups["target"].Value;
            Assert.Equal(target.EndsWith(".md", StringComparison.Ordinal) ? target[..^".md".Length] : target[..^".help.txt".Length], link.Groups["text"].Value);
            Assert.True(File.Exists(Path.Combine(HelpPage.Folder, target)), target);
            Assert.NotEqual(name + ".md", target);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Get_Help_Online_opens_the_page_in_the_project(string name)
    {
        using Engine engine = new();
        Hashtable manifest = (Hashtable)engine.Run("& ([scriptblock]::Create([IO.File]::ReadAllText($manifest)))").Only.BaseObject;
        string project = (string)((Hashtable)((Hashtable)manifest["PrivateData"]!)["PSData"]!)["ProjectUri"]!;
        string page = $"{project}/blob/main/docs/en-US/{name}.md";
        engine["name"] = name;
        Assert.StartsWith("https://", project, StringComparison.Ordinal);
        Assert.Contains($"\nHelpUri: {page}\n", HelpPage.TextOf(name), StringComparison.Ordinal);

        // Get-Help -Online opens the first link with an address. Get-Command shows the same address.
        Assert.Equal(page, engine.Run("@((Get-Help $name).relatedLinks.navigationLink.uri) -ne ''").Only.ToString());
        Assert.Equal(page, engine.Run("(Get-Command $name).HelpUri").Only.ToString());
    }

    private static CommandInfo Live(Engine engine, string name)
    {
        engine["name"] = name;
        return (CommandInfo)engine.Run("Get-Command $name").Only.BaseObject;
    }

    private static IEnumerable<string> Types(string name, string section) => HelpPage.Split(HelpPage.SectionsOf(name)[section], "### ").Select(type => type.Title);

    private static string Flat(string text) => Spaces().Replace(text, " ").Trim();

    [GeneratedRegex(@"^- \[(?<text>[^\]]+)\]\((?<target>[^)]+)\)$", RegexOptions.Multiline)]
    private static partial Regex Link();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
