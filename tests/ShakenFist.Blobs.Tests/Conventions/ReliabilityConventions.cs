using System.Text.RegularExpressions;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>Compares docs/design/reliability.md with the tests: each test on the page must exist, and each row of the fault tables must be on the page.</summary>
public sealed partial class ReliabilityConventions
{
    private static readonly string[] Sections = ["Connection", "HTTP", "Content", "Uploads", "Local", "PowerShell", "Authentication", "Fuzz and properties"];

    private static readonly Lazy<Row[]> Page = new(() => [.. ReadPage()]);
    internal static readonly Lazy<HashSet<string>> Tests = new(() => [.. TestFiles("*.cs").SelectMany(TestsOf), .. TestFiles("*.Tests.ps1").SelectMany(PesterTestsOf)]);
    private static readonly Lazy<HashSet<string>> FaultRows = new(() => [.. TestFiles("*Faults.cs").SelectMany(FaultRowsOf)]);

    private sealed record Row(string Section, string[] Cells)
    {
        /// <summary>The texts in backticks in the last column.</summary>
        public string[] Tests => [.. Quoted().Matches(Cells[^1]).Select(m => m.Groups[1].Value)];

        public override string ToString() => $"{Section}: {Cells[0]}";
    }

    [Fact]
    public void The_page_has_every_group_and_each_of_its_rows_has_a_fault_an_outcome_and_a_test()
    {
        Assert.Equal(Sections, Page.Value.Select(row => row.Section).Distinct());
        Assert.All(Page.Value, row =>
        {
            Assert.True(row.Cells.Length == 3 && row.Cells.All(cell => cell.Length > 0), $"{row} has not three cells.");
            Assert.True(row.Tests.Length > 0, $"{row} names no test.");
        });
        Assert.Equal(Page.Value.Length, Page.Value.Select(row => row.ToString()).Distinct().Count());
    }

    [Fact]
    public void Each_test_on_the_page_exists()
    {
        IEnumerable<string> missing = Page.Value
            .SelectMany(row => row.Tests.Where(test => !Tests.Value.Contains(test) && !FaultRows.Value.Contains(test)).Select(test => $"{row}: {test}"));
        Assert.True(!missing.Any(), string.Join('\n', missing));
    }

    [Fact]
    public void Each_row_of_a_fault_table_is_on_the_page()
    {
        Assert.NotEmpty(FaultRows.Value);
        IEnumerable<string> untold = FaultRows.Value.Except(Page.Value.SelectMany(row => row.Tests));
        Assert.True(!untold.Any(), string.Join('\n', untold));
    }

    private static IEnumerable<Row> ReadPage()
    {
        string section = string.Empty;
        foreach (string line in File.ReadLines(Path.Combine(ModuleUnderTest.Root, "docs", "design", "reliability.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                section = line[3..].Trim();
            }
            else if (line.StartsWith('|') && Sections.Contains(section) && !line.StartsWith("|---", StringComparison.Ordinal) && !line.StartsWith("| Fault |", StringComparison.Ordinal))
            {
                yield return new Row(section, [.. line.Trim().Trim('|').Split('|').Select(cell => cell.Trim())]);
            }
        }
    }

    private static IEnumerable<string> TestFiles(string pattern) =>
        Directory.EnumerateFiles(Path.Combine(ModuleUnderTest.Root, "tests"), pattern, SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"));

    /// <summary>Returns Class.Method for each test method.</summary>
    private static IEnumerable<string> TestsOf(string file)
    {
        string type = string.Empty;
        bool isTest = false;
        foreach (string line in File.ReadLines(file).Select(line => line.Trim()))
        {
            if (TypeName().Match(line) is { Success: true } declaration)
            {
                type = declaration.Groups[1].Value;
            }
            else if (TestAttribute().IsMatch(line))
            {
                isTest = true;
            }
            else if (isTest && MethodName().Match(line) is { Success: true } method)
            {
                isTest = false;
                yield return $"{type}.{method.Groups[1].Value}";
            }
        }
    }

    private static IEnumerable<string> PesterTestsOf(string file) =>
        PesterTest().Matches(File.ReadAllText(file)).Select(test => $"{Path.GetFileName(file)}: {test.Groups[1].Value}");

    /// <summary>Returns the rows of a fault table, which is a dictionary in a class with the name of the file.</summary>
    private static IEnumerable<string> FaultRowsOf(string file) =>
        FaultRow().Matches(File.ReadAllText(file)).Select(row => $"{Path.GetFileNameWithoutExtension(file)}: {row.Groups[1].Value}");

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^(?:public|internal|file) .*\bclass (\w+)")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"^\[(?:\w*Fact|\w*Theory|\w*Property|Cases)\b")]
    private static partial Regex TestAttribute();

    [GeneratedRegex(@"^public [^(]*?\b(\w+)\(")]
    private static partial Regex MethodName();

    [GeneratedRegex(@"^\s*(?:Describe|Context|It) '([^']+)'", RegexOptions.Multiline)]
    private static partial Regex PesterTest();

    [GeneratedRegex("^\\s*\\[\"([^\"]+)\"\\] = ", RegexOptions.Multiline)]
    private static partial Regex FaultRow();
}
