using System.Management.Automation;
using System.Text.RegularExpressions;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;
using ShakenFist.Blobs.Tests.Views;

namespace ShakenFist.Blobs.Tests.Commands;

public sealed class GetSfArtifactTests
{
    private const string DebianUuid = "0d9b7a44-6a0e-4f6d-bb0a-9a1f0c3b7e21";

    public static TheoryData<ServerGeneration> Generations => [.. Enum.GetValues<ServerGeneration>()];

    /// <summary>Starts a demo cluster, connected as an ordinary namespace.</summary>
    private static async Task<Cluster> StartAsync(ServerGeneration generation = ServerGeneration.C)
    {
        Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { Generation = generation }, connect: false);
        _ = cluster.Run("$session = Connect-ShakenFist $url $user").Good;
        cluster.Emulator.ClearRequests();
        return cluster;
    }

    private static EmulatedArtifact Add(Cluster cluster, string name, string @namespace = DemoCluster.UserNamespace, string type = "image", bool empty = false)
    {
        EmulatedArtifact artifact = new() { Name = name, Namespace = @namespace, Type = type, Shared = @namespace == DemoCluster.AdminNamespace };
        if (!empty)
        {
            artifact.Add(cluster.Emulator.State.Blob(DemoCluster.RawDisk)!);
        }

        return cluster.Emulator.State.AddArtifact(artifact);
    }

    private static string[] Names(EngineResult result) => [.. result.Good.Output.Select(o => o.ToString())];

    [Theory]
    [InlineData("Get-SfArtifact debian-13")]
    [InlineData("Get-SfArtifact -Name debian-13")]
    [InlineData("'debian-13' | Get-SfArtifact")]
    [InlineData("Get-SfArtifact deb*")]
    [InlineData("Get-SfArtifact sf://upload/system/debian-13")]
    [InlineData("Get-SfArtifact " + DebianUuid)]
    [InlineData("Get-SfArtifact -Uuid " + DebianUuid)]
    [InlineData("Get-SfArtifact debian-13 | Get-SfArtifact")]
    [InlineData("Get-SfArtifact -Namespace system -Type im* | Where-Object Name -EQ debian-13")]
    [InlineData("Get-SfArtifact debian-13 -Shared")]
    [InlineData("[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize((Get-SfArtifact debian-13))) | Get-SfArtifact")]
    public async Task An_artifact_is_found_in_every_form(string script)
    {
        await using Cluster cluster = await StartAsync();
        PSObject artifact = cluster.Run(script).Only;
        Assert.Equal("ShakenFist.Blobs.SfArtifact", artifact.TypeNames[0]);
        Assert.Equal((DebianUuid, "debian-13", "image", "system", "True", DemoCluster.BaseImage.ToString()),
            (artifact.Text("Uuid"), artifact.Text("Name"), artifact.Text("Type"), artifact.Text("Namespace"), artifact.Text("Shared"), artifact.Text("BlobUuid")));
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task An_image_of_another_namespace_is_found_by_name_and_by_UUID_in_every_generation(ServerGeneration generation)
    {
        await using Cluster cluster = await StartAsync(generation);
        Assert.Equal([DebianUuid, DebianUuid], cluster.Run($"Get-SfArtifact debian-13; Get-SfArtifact -Uuid {DebianUuid}").Good.Each<Guid>("Uuid").Select(u => u.ToString()));
        Assert.All(cluster.Emulator.Requests, request => Assert.Equal(200, request.Status));
    }

    [Fact]
    public async Task Several_names_need_one_request()
    {
        await using Cluster cluster = await StartAsync();
        Assert.Equal(["debian-13", "database", "database", "debian-13"], Names(cluster.Run("'debian-13', 'database', 'd*' | Get-SfArtifact")));
        Assert.Equal("/artifacts", Assert.Single(cluster.Emulator.Requests).Path);
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task A_name_that_differs_from_the_source_URL_is_found_by_the_server(ServerGeneration generation)
    {
        await using Cluster cluster = await StartAsync(generation);
        cluster.Emulator.State.AddArtifact(new EmulatedArtifact { Name = "golden", Namespace = DemoCluster.UserNamespace, SourceUrl = "https://images.example.com/x.qcow2" });
        Assert.Equal(["golden"], Names(cluster.Run("Get-SfArtifact golden")));
        Assert.Equal(["/artifacts", "/artifacts/golden"], cluster.Emulator.Requests.Select(r => r.Path));
        Assert.Equal(["x.qcow2"], Names(cluster.Run("Get-SfArtifact x.qcow2")));
    }

    [Theory]
    [InlineData("Get-SfArtifact none")]
    [InlineData("Get-SfArtifact Debian-13")]
    [InlineData("Get-SfArtifact debian-13 -Type label")]
    [InlineData("Get-SfArtifact database -Shared")]
    [InlineData("Get-SfArtifact ('x' * 5000)")]
    [InlineData("Get-SfArtifact a/b")]
    [InlineData("Get-SfArtifact -Uuid $unknown")]
    public async Task A_name_that_matches_nothing_is_reported(string script)
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run(script);
        Assert.Empty(result.Output);
        Assert.Equal("ArtifactNotFound,ShakenFist.Blobs.Commands.GetSfArtifactCommand", result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ObjectNotFound, result.OnlyError.CategoryInfo.Category);
    }

    [Theory]
    [InlineData("Get-SfArtifact none*")]
    [InlineData("Get-SfArtifact d* -Type label")]
    [InlineData("Get-SfArtifact -Namespace none")]
    public async Task A_pattern_that_matches_nothing_outputs_nothing(string script)
    {
        await using Cluster cluster = await StartAsync();
        Assert.Empty(cluster.Run(script).Good.Output);
    }

    [Fact]
    public async Task All_artifacts_of_a_name_are_output_those_of_the_own_namespace_first()
    {
        await using Cluster cluster = await StartAsync();
        Add(cluster, "debian-13");
        Add(cluster, "debian-13", type: "other");
        Assert.Equal(["banana", "banana", "system"], cluster.Run("Get-SfArtifact debian-13").Good.Each<string>("Namespace"));
        Assert.Equal(["banana", "banana", "system"], cluster.Run("Get-SfArtifact debian*").Good.Each<string>("Namespace"));
    }

    [Fact]
    public async Task The_views_fit_into_80_columns()
    {
        await using Cluster cluster = await StartAsync();
        Add(cluster, "failed", empty: true);
        IReadOnlyList<string> table = ViewEngine.Show(cluster.Run("Get-SfArtifact database, failed").Good.Output, asList: false);
        Assert.All(table, line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains(table, line => Regex.IsMatch(line, @"database +image +2 +64\.0 MiB created +banana"));
        Assert.Contains(table, line => Regex.IsMatch(line, "failed +image +initial +banana"));
        string list = string.Join('\n', ViewEngine.Show(cluster.Run("Get-SfArtifact database").Only, asList: true));
        Assert.Contains("v1: " + DemoCluster.RawDisk, list, StringComparison.Ordinal);
        Assert.Contains("sf://upload/banana/database", list, StringComparison.Ordinal);
        Assert.Contains(ViewEngine.Show(cluster.Run("(Get-SfArtifact database).Versions").Good.Output, asList: false), line => Regex.IsMatch(line, @"2 d3a00009-\S+ +64\.0 MiB"));
        Assert.Equal(64L << 20, cluster.Run("(Get-SfArtifact database).Size").Only.BaseObject);
    }

    [Fact]
    public async Task A_list_of_any_length_needs_the_same_memory()
    {
        const int Count = 10_000;
        await using Cluster cluster = await StartAsync();
        for (int i = 0; i < Count; i++)
        {
            Add(cluster, $"image-{i}");
        }

        EngineResult result = cluster.Run("$n = 0; Get-SfArtifact | ForEach-Object { $n++; if ($n -in 1000, 9000) { [GC]::GetTotalMemory($true) } }; $n", TimeSpan.FromMinutes(2)).Good;
        long[] memory = [.. result.Output.Take(2).Select(o => (long)o.BaseObject)];
        Assert.Equal(Count + 4, result.Output[^1].BaseObject);
        Assert.InRange(memory[1] - memory[0], long.MinValue, 8 << 20);
    }
}
