using System.Management.Automation;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>Checks that commands, their pages, the MAML generated from the pages, and the table in the README agree.</summary>
public sealed class HelpConventions
{
    private const int Columns = 76;
    private const int IndentedColumns = 68;
    private const int TitleColumns = 56;

    public static TheoryData<string> Names() => CommandConventions.Names();

    [Fact]
    public void There_is_exactly_one_page_for_each_command()
    {
        string[] pages = [.. Directory.GetFiles(HelpPage.Folder, "*-*.md").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];
        Assert.Equal(Names().Select(row => row.Data).Order(StringComparer.Ordinal), pages);
        Assert.Equal(pages, HelpPage.FromMaml().Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_page_describes_every_parameter_of_the_live_command_and_no_other(string name)
    {
        using Engine engine = new();
        engine["name"] = name;
        string[] live = [.. engine.Run("(Get-Command $name).Parameters.Keys").Good.Output.Select(o => o.ToString())];
        HelpPage page = HelpPage.FromMarkdown(name);
        IEnumerable<string> own = live.Except(Cmdlet.CommonParameters).Order(StringComparer.Ordinal);
        Assert.Equal(own, page.Parameters.Keys.Except(Cmdlet.CommonParameters).Order(StringComparer.Ordinal));
        Assert.All(page.Parameters, p => Assert.True(p.Value.Length > 15 && !p.Value.Contains("{{", StringComparison.Ordinal), p.Key));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_page_has_all_sections_and_at_least_three_examples(string name)
    {
        HelpPage page = HelpPage.FromMarkdown(name);
        Assert.EndsWith(".", page.Synopsis, StringComparison.Ordinal);
        Assert.All((string[])[page.Description, page.Notes], text => Assert.True(text.Length > 30, text));
        Assert.True(page.Examples.Count >= 3);
        Assert.All(page.Examples, e => Assert.True(e.Code.Length > 0 && e.Title.Length > 0 && e.Text.Length > 10, e.Title));
        Assert.All(page.Examples, e => Assert.Contains(name, e.Code, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_page_fits_into_80_columns(string name)
    {
        Dictionary<string, string> sections = HelpPage.SectionsOf(name);
        foreach ((string title, string body) in sections.Where(section => section.Key is not ("SYNTAX" or "RELATED LINKS")))
        {
            // Get-Help indents these further, and writes the text of the common parameters itself.
            int limit = title is "PARAMETERS" or "INPUTS" or "OUTPUTS" or "NOTES" ? IndentedColumns : Columns;
            Assert.All(body.Split("### CommonParameters")[0].Split('\n'), line => Assert.True(line.Length <= limit, line));
        }

        Assert.All(HelpPage.FromMarkdown(name).Examples, e => Assert.True(e.Title.Length <= TitleColumns, e.Title));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Page_and_MAML_agree(string name)
    {
        HelpPage page = HelpPage.FromMarkdown(name);
        HelpPage maml = HelpPage.FromMaml()[name];
        Assert.Equal(page.Synopsis, maml.Synopsis);
        Assert.Equal(page.Description, maml.Description);
        Assert.Equal(page.Parameters.OrderBy(p => p.Key, StringComparer.Ordinal), maml.Parameters.OrderBy(p => p.Key, StringComparer.Ordinal));
        Assert.Equal(page.Defaults.OrderBy(p => p.Key, StringComparer.Ordinal), maml.Defaults.OrderBy(p => p.Key, StringComparer.Ordinal));
        Assert.Equal(page.Examples, maml.Examples);
        Assert.Equal(page.Notes, maml.Notes);
        Assert.Equal(["Online Version", .. page.Links], maml.Links);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Get_Help_shows_the_pages_synopsis(string name)
    {
        using Engine engine = new();
        engine["name"] = name;
        Assert.Equal(HelpPage.FromMarkdown(name).Synopsis, string.Join(' ', engine.Run("(Get-Help $name).Synopsis").Only.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void The_readme_has_exactly_one_row_for_each_command()
    {
        string[] rows = [.. File.ReadLines(Path.Combine(ModuleUnderTest.Root, "README.md"))
            .Where(line => line.StartsWith('|'))
            .Select(line => line.Split('|')[1].Trim())
            .Select(cell => cell.Split('`', '[', ']').FirstOrDefault(part => part.Contains("-Sf", StringComparison.Ordinal) || part.EndsWith("-ShakenFist", StringComparison.Ordinal)))
            .OfType<string>()];
        Assert.Equal(Names().Select(row => row.Data).Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }
}
