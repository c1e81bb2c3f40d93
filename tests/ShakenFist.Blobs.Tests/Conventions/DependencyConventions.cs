using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>Compares the lock files with the review in docs/design/dependencies.md.</summary>
public sealed class DependencyConventions
{
    private static readonly string[][] Reviewed = [.. Table("## Reviewed")];
    private static readonly string[][] Advisories = [.. Table("## Advisories")];

    [Fact]
    public void Every_project_has_a_lock_file() => Assert.All(Projects(), project => Assert.True(File.Exists(LockFile(project)), $"{project}: run dotnet restore and commit its packages.lock.json."));

    [Fact]
    public void Every_referenced_package_is_locked_to_its_central_version()
    {
        Dictionary<string, string> versions = XDocument.Load(Path.Combine(ModuleUnderTest.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(e => (string)e.Attribute("Include")!, e => (string)e.Attribute("Version")!);
        Assert.All(Projects(), project => Assert.All(
            XDocument.Load(project).Descendants("PackageReference").Select(e => (string)e.Attribute("Include")!),
            package => Assert.Contains((package, versions[package]), Locked(LockFile(project)))));
    }

    [Fact]
    public void Every_locked_version_was_reviewed_and_no_other_is_in_the_table()
    {
        string[] locked = [.. AllLocked().Select(p => $"{p.Name} {p.Version}").Order(StringComparer.Ordinal)];
        Assert.True(locked.Length > 50);
        Assert.Equal(locked, Reviewed.Select(row => $"{row[0]} {row[1]}").Order(StringComparer.Ordinal));
        Assert.All(Reviewed, row => Assert.True(DateTime.TryParseExact(row[3], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _), $"{row[0]}: {row[3]}"));
    }

    [Fact]
    public void No_locked_version_is_a_preview() => Assert.All(AllLocked(), package => Assert.True(Version.TryParse(package.Version, out _), $"{package.Name} {package.Version}"));

    [Fact]
    public void No_locked_version_is_in_the_range_of_an_advisory() => Assert.All(AllLocked(), package => Assert.Empty(AdvisoriesOf(package.Name, package.Version)));

    [Fact]
    public void A_version_in_the_range_of_an_advisory_is_detected()
    {
        Assert.True(Advisories.Length > 10);
        Assert.All(Advisories, row =>
        {
            Assert.Contains(row[0], AdvisoriesOf(row[1].ToUpperInvariant(), row[2]));
            Assert.DoesNotContain(row[0], AdvisoriesOf(row[1], row[3]));
            Assert.Contains(Reviewed, package => package[0] == row[1]);
        });
    }

    [Fact]
    public void The_packages_in_the_module_are_marked_in_the_table()
    {
        string[] shipped = [.. Directory.GetFiles(Path.Combine(ModuleUnderTest.Layout, "lib")).Select(f => Path.GetFileNameWithoutExtension(f)).Where(name => !name.StartsWith("ShakenFist", StringComparison.Ordinal))];
        Assert.NotEmpty(shipped);
        Assert.All(shipped, name => Assert.Contains(Reviewed, row => row[0] == name && row[2] == "module"));
    }

    private static string[] AdvisoriesOf(string package, string version) =>
    [
        .. Advisories.Where(row => row[1].Equals(package, StringComparison.OrdinalIgnoreCase) && Version.Parse(version) >= Version.Parse(row[2]) && Version.Parse(version) < Version.Parse(row[3]))
            .Select(row => row[0]),
    ];

    private static string[] Projects()
    {
        string[] projects = [.. ((string[])["src", "tests"]).SelectMany(folder => Directory.GetFiles(Path.Combine(ModuleUnderTest.Root, folder), "*.csproj", SearchOption.AllDirectories))];
        Assert.True(projects.Length >= 10);
        return projects;
    }

    private static string LockFile(string project) => Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json");

    private static IEnumerable<(string Name, string Version)> AllLocked() => Projects().SelectMany(project => Locked(LockFile(project))).Distinct();

    private static List<(string Name, string Version)> Locked(string file)
    {
        using JsonDocument locked = JsonDocument.Parse(File.ReadAllBytes(file));
        return
        [
            .. locked.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(framework => framework.Value.EnumerateObject())
                .Where(package => package.Value.GetProperty("type").GetString() != "Project")
                .Select(package => (package.Name, package.Value.GetProperty("resolved").GetString()!)),
        ];
    }

    /// <summary>Returns the rows of the table below a heading, without the header row.</summary>
    private static IEnumerable<string[]> Table(string heading) => File.ReadLines(Path.Combine(ModuleUnderTest.Root, "docs", "design", "dependencies.md"))
        .SkipWhile(line => line != heading).Skip(1)
        .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
        .Where(line => line.StartsWith('|')).Skip(2)
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1]);
}
