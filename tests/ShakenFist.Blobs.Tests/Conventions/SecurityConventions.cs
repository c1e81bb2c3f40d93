using System.Text.RegularExpressions;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>Checks that the tests that SECURITY.md names exist.</summary>
public sealed partial class SecurityConventions
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(ModuleUnderTest.Root, "SECURITY.md"));

    /// <summary>Returns the guarantees, which are rows of two cells. The second cell contains the tests.</summary>
    private static readonly string[][] Rows =
    [
        .. Lines.Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| Guarantee ", StringComparison.Ordinal))
            .Select(line => line.Trim('|', ' ').Split(" | ", StringSplitOptions.TrimEntries)),
    ];

    [Fact]
    public void Each_guarantee_names_a_test_and_each_test_exists()
    {
        Assert.True(Rows.Length > 15);
        Assert.All(Rows, row =>
        {
            Assert.Equal(2, row.Length);
            string[] tests = [.. Quoted().Matches(row[1]).Select(m => m.Groups[1].Value)];
            Assert.NotEmpty(tests);
            Assert.All(tests, test => Assert.True(ReliabilityConventions.Tests.Value.Contains(test), $"There is no test {test}."));
        });
    }

    [Fact]
    public void The_page_explains_how_to_report_and_contains_no_email_address() =>
        Assert.DoesNotMatch(@"[\w.]+@[\w.]+|https?://", string.Join('\n', Lines));

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
