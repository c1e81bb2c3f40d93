using System.Collections;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.RegularExpressions;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>Compares the about topics with the built module: each explained error ID must exist.</summary>
public sealed partial class AboutTopicTests
{
    private const int Limit = 30_000;

    [Fact(Timeout = Limit)]
    public async Task Every_error_id_is_explained_once_in_the_topic()
    {
        IEnumerable<string> table = ErrorIds().Order();

        Assert.Equal(table, (await TopicIdsAsync(TestContext.Current.CancellationToken)).Order());
    }

    [Fact(Timeout = Limit)]
    public async Task Every_explanation_is_more_than_the_id()
    {
        string topic = await TopicAsync("about_ShakenFist_Blobs_Errors", TestContext.Current.CancellationToken);

        foreach (string id in ErrorIds())
        {
            Match text = Regex.Match(topic, $@"^    {id}\n(?:        (?<line>\S.*)\n)+", RegexOptions.Multiline);
            Assert.True(string.Concat(text.Groups["line"].Captures).Length > 40, $"{id} is not explained.");
        }
    }

    /// <summary>Reads the error IDs from the built assembly, because these tests do not reference the module.</summary>
    private static List<string> ErrorIds()
    {
        AssemblyLoadContext context = new(nameof(AboutTopicTests), isCollectible: true);
        try
        {
            Assembly client = context.LoadFromAssemblyPath(Path.Combine(ModulePath(), "ShakenFist.Blobs.Client.dll"));
            object table = client.GetType("ShakenFist.Blobs.SfErrors", throwOnError: true)!.GetProperty("All")!.GetValue(null)!;
            return [.. ((IEnumerable)table).Cast<object>().Select(row => (string)row.GetType().GetProperty("Id")!.GetValue(row)!)];
        }
        finally
        {
            context.Unload();
        }
    }

    private static async Task<List<string>> TopicIdsAsync(CancellationToken stop) =>
        [.. TopicEntry().Matches(await TopicAsync("about_ShakenFist_Blobs_Errors", stop)).Select(entry => entry.Groups["id"].Value)];

    private static async Task<string> TopicAsync(string name, CancellationToken stop) =>
        (await File.ReadAllTextAsync(Path.Combine(ModulePath(), "en-US", name + ".help.txt"), stop)).ReplaceLineEndings("\n");

    private static string ModulePath()
    {
        DirectoryInfo root = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "ShakenFist.Blobs.psd1")))
        {
            root = root.Parent ?? throw new DirectoryNotFoundException("These tests run inside the repository.");
        }

        string manifest = File.ReadAllText(Path.Combine(root.FullName, "ShakenFist.Blobs.psd1"));
        return Path.Combine(root.FullName, "out", "ShakenFist.Blobs", ModuleVersion().Match(manifest).Groups["version"].Value);
    }

    // An entry is an ID on a separate line, indented by four columns, followed by its text.
    [GeneratedRegex(@"^    (?<id>[A-Z][A-Za-z]+)\n {8}\S", RegexOptions.Multiline)]
    private static partial Regex TopicEntry();

    [GeneratedRegex(@"^\s*ModuleVersion\s*=\s*'(?<version>[0-9.]+)'", RegexOptions.Multiline)]
    private static partial Regex ModuleVersion();
}
