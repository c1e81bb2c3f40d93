using System.Text.RegularExpressions;
using ShakenFist.Blobs.Tests.Hosting;
using YamlDotNet.RepresentationModel;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>Checks the workflows, as far as this is possible without running them.</summary>
public sealed partial class WorkflowConventions
{
    private static readonly string[] Workflows = Directory.GetFiles(Path.Combine(ModuleUnderTest.Root, ".github", "workflows"), "*.yml");

    [Fact]
    public void Every_YAML_file_of_the_repository_can_be_read()
    {
        string[] files = Directory.GetFiles(Path.Combine(ModuleUnderTest.Root, ".github"), "*.yml", SearchOption.AllDirectories);
        Assert.True(files.Length >= 3);
        Assert.All(files, file => Assert.NotEmpty(Read(file).Children));
    }

    [Fact]
    public void Every_task_that_is_run_is_one_of_the_build_script()
    {
        string script = File.ReadAllText(Path.Combine(ModuleUnderTest.Root, "build.ps1"));
        string[] tasks = [.. TaskSet().Match(script).Groups["task"].Captures.Select(c => c.Value)];
        string[] named = [.. Runs().SelectMany(run => TaskName().Matches(run)).Select(m => m.Groups["task"].Value)];
        Assert.True(named.Length >= 3);
        Assert.All(named, task => Assert.Contains(task, tasks));
        Assert.All(tasks, task => Assert.Contains($"'{task}' {{", script, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_run_step_is_a_single_line() => Assert.All(Runs(), run =>
    {
        Assert.DoesNotContain('\n', run.Trim());
        Assert.DoesNotMatch(@"\$\{\{(?! matrix\.)", run);
    });

    [Fact]
    public void Jobs_have_read_permissions_and_a_time_limit() => Assert.All(Workflows, file =>
    {
        YamlMappingNode workflow = Read(file);
        Assert.Equal([("contents", "read")], Map(workflow, "permissions").Children.Select(p => (p.Key.ToString(), p.Value.ToString())));
        Assert.True(workflow.Children.ContainsKey("concurrency"));
        Assert.All(Map(workflow, "jobs").Children.Values.Cast<YamlMappingNode>(), job =>
        {
            Assert.True(job.Children.ContainsKey("timeout-minutes"));
            Assert.False(job.Children.ContainsKey("permissions"));
        });
    });

    [Fact]
    public void Actions_are_pinned_by_commit_with_the_version_in_a_comment()
    {
        string[] lines = [.. Workflows.SelectMany(File.ReadLines).Where(line => line.Contains("uses:", StringComparison.Ordinal)).Select(line => line.Trim())];
        Assert.Equal(Steps().Count(step => step.Children.ContainsKey("uses")), lines.Length);
        Assert.All(lines, line => Assert.Matches(@"^- uses: actions/[a-z-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$", line));
        Assert.Equal(lines.Distinct().Count(), lines.Select(line => line.Split('@')[0]).Distinct().Count());
    }

    [Fact]
    public void All_tests_run_on_every_system()
    {
        YamlMappingNode systems = Map(Map(Build(), "jobs"), "systems");
        Assert.Equal(["windows-latest", "macos-latest"], Texts(Map(Map(systems, "strategy"), "matrix"), "os"));
        Assert.Contains("dotnet test", Steps(systems).Where(step => step.Children.ContainsKey("run")).Select(step => Text(step, "run")));
        Assert.Equal("ubuntu-latest", Text(Map(Map(Build(), "jobs"), "gate"), "runs-on"));
    }

    [Fact]
    public void The_package_is_tested_on_every_system_and_every_PowerShell_that_is_supported()
    {
        YamlMappingNode test = Map(Map(Build(), "jobs"), "test");
        YamlMappingNode matrix = Map(Map(test, "strategy"), "matrix");
        Assert.Equal(["ubuntu-latest", "windows-latest", "macos-latest"], Texts(matrix, "os"));
        Assert.Equal(["7.4.*", "7.5.*", "7.6.*", "*-*"], Texts(matrix, "powershell"));
        Assert.Equal("${{ matrix.powershell == '*-*' }}", Text(test, "continue-on-error"));
    }

    [Fact]
    public void A_package_is_published_only_from_a_tag_in_the_last_job_which_alone_has_the_key()
    {
        YamlMappingNode jobs = Map(Build(), "jobs");
        YamlMappingNode publish = Map(jobs, "publish");
        Assert.Equal("github.ref_type == 'tag'", Text(publish, "if"));
        Assert.False(string.IsNullOrEmpty(Text(publish, "environment")));

        // The job package runs before reproduce and test.
        Assert.Equal(
            jobs.Children.Keys.Select(k => k.ToString()).Except(["publish", "package"]).Order(StringComparer.Ordinal),
            Texts(publish, "needs").Order(StringComparer.Ordinal));
        Assert.All((string[])["reproduce", "test"], job => Assert.Equal("package", Text(Map(jobs, job), "needs")));
        Assert.Single(Regex.Matches(string.Concat(Workflows.Select(File.ReadAllText)), @"secrets\."));
        Assert.Single(Steps(publish), step => step.Children.TryGetValue("env", out YamlNode? env) && env.ToString().Contains("secrets.PSGALLERY_API_KEY", StringComparison.Ordinal));
    }

    private static YamlMappingNode Build() => Read(Workflows.Single(file => Path.GetFileName(file) == "build.yml"));

    private static YamlMappingNode Read(string file)
    {
        YamlStream yaml = [];
        using StreamReader reader = new(file);
        yaml.Load(reader);
        return (YamlMappingNode)yaml.Documents.Single().RootNode;
    }

    private static IEnumerable<YamlMappingNode> Steps() =>
        Workflows.SelectMany(file => Map(Read(file), "jobs").Children.Values.Cast<YamlMappingNode>()).SelectMany(Steps);

    private static IEnumerable<YamlMappingNode> Steps(YamlMappingNode job) => ((YamlSequenceNode)job.Children["steps"]).Cast<YamlMappingNode>();

    private static string[] Runs() => [.. Steps().Where(step => step.Children.ContainsKey("run")).Select(step => Text(step, "run"))];

    private static YamlMappingNode Map(YamlMappingNode node, string key) => (YamlMappingNode)node.Children[key];

    private static string Text(YamlMappingNode node, string key) => ((YamlScalarNode)node.Children[key]).Value!;

    private static IEnumerable<string> Texts(YamlMappingNode node, string key) => ((YamlSequenceNode)node.Children[key]).Select(n => ((YamlScalarNode)n).Value!);

    [GeneratedRegex(@"\[ValidateSet\((?:'(?<task>[A-Za-z]+)'(?:, )?)+\)\]\s*\[string\[\]\] \$Task")]
    private static partial Regex TaskSet();

    [GeneratedRegex(@"build\.ps1 -Task (?<task>[A-Za-z]+)")]
    private static partial Regex TaskName();
}
