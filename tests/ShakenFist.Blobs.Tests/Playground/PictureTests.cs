using System.Text.RegularExpressions;
using System.Xml.Linq;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Playground;

/// <summary>Tests that the picture in the README shows the actual output.</summary>
public sealed partial class PictureTests : IDisposable
{
    private const string Command = "dotnet run --project src/ShakenFist.Blobs.Playground -- -Picture docs/images/tour.svg";

    private readonly PlaygroundProcess _playground = new();

    public void Dispose() => _playground.Dispose();

    [Fact]
    public async Task The_picture_is_up_to_date_except_for_rate_and_path()
    {
        string again = Path.Combine(_playground.Home, "again.svg");
        _playground.Set("NO_COLOR", "1");
        _playground.Set("LC_ALL", "ar_SA.UTF-8");

        ProcessResult result = await _playground.RunAsync("-Picture", again);

        Assert.Equal((0, string.Empty, string.Empty), (result.ExitCode, result.Output, result.Error));
        string[] before = Lines(Path.Combine(ModuleUnderTest.Root, "docs", "images", "tour.svg"));
        string[] now = Lines(again);
        Assert.True(before.SequenceEqual(now), $"The picture is no longer true; draw it again: {Command}\n{string.Join('\n', now.Except(before))}");
        Assert.Contains(now, line => line.Contains("cuts: 1, bytes fetched twice: 0", StringComparison.Ordinal));
        Assert.Contains(now, line => line.Contains("bold green|Uuid", StringComparison.Ordinal));
        Assert.Contains(now, line => line.Contains("bold red|", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_readme_shows_the_picture_and_the_contributing_page_explains_how_to_draw_it()
    {
        Assert.Contains("](docs/images/tour.svg)", await TextAsync("README.md"), StringComparison.Ordinal);
        Assert.Contains(Command, await TextAsync("CONTRIBUTING.md"), StringComparison.Ordinal);
    }

    /// <summary>Returns the style and text of each line, without values that change each time.</summary>
    private static string[] Lines(string path) =>
    [
        .. XDocument.Load(path).Root!.Elements().Where(e => e.Name.LocalName == "text")
            .Select(line => Varying().Replace(string.Concat(line.Nodes().Select(Run)), " rate and path")),
    ];

    private static string Run(XNode node) => node is XElement run ? $"{(string?)run.Attribute("class")}|{run.Value}" : node.ToString();

    private static Task<string> TextAsync(string name) => File.ReadAllTextAsync(Path.Combine(ModuleUnderTest.Root, name), TestContext.Current.CancellationToken);

    [GeneratedRegex(@" +[0-9.]+ [KMG]iB/s.*$", RegexOptions.Singleline)]
    private static partial Regex Varying();
}
