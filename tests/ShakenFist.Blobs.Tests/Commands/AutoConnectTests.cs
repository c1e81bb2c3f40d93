using System.Diagnostics;
using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>These tests run alone, because the environment belongs to the whole process.</summary>
[Collection(Alone.Name)]
public sealed class AutoConnectTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("sf-tests-home-").FullName;

    public AutoConnectTests() => Environment.SetEnvironmentVariable(ModuleUnderTest.HomeVariable, _home);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(ModuleUnderTest.HomeVariable, ModuleUnderTest.EmptyHome);
        foreach (string name in (string[])["API_URL", "NAMESPACE", "KEY"])
        {
            Environment.SetEnvironmentVariable("SHAKENFIST_" + name, null);
        }

        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task The_first_command_connects_with_the_environment_variables_and_one_verbose_message()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        Set(cluster.Emulator.Url.ToString(), DemoCluster.UserNamespace, DemoCluster.UserKey);
        EngineResult result = cluster.Run("Get-SfBlob $raw -Verbose; Get-SfBlob $qcow2 -Verbose").Good;
        Assert.Equal(2, result.Output.Count);
        string line = Assert.Single(result.Verbose, v => v.StartsWith("No session exists", StringComparison.Ordinal));
        Assert.Contains(cluster.Emulator.Url.ToString(), line, StringComparison.Ordinal);
        Assert.Contains("'banana'", line, StringComparison.Ordinal);
        Assert.Contains("the environment", line, StringComparison.Ordinal);
        Assert.DoesNotContain(DemoCluster.UserKey, result.Everything, StringComparison.Ordinal);
        Assert.Single(cluster.Emulator.Requests, r => r.Path == "/auth");
        Assert.Equal("the environment", cluster.Run("(Get-SfSession).Source").Only.ToString());
    }

    [Fact]
    public async Task Without_a_session_Save_connects_with_the_file_of_the_user()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        WriteFile($$"""{"apiurl": "{{cluster.Emulator.Url}}", "namespace": "banana", "key": "{{DemoCluster.UserKey}}"}""");
        EngineResult result = cluster.Run("Save-SfBlobData $iso $dir -Verbose").Good;
        Assert.Equal([$"{DemoCluster.InstallMedium}.iso"], cluster.Files);
        string line = Assert.Single(result.Verbose, v => v.StartsWith("No session exists", StringComparison.Ordinal));
        Assert.Contains(Path.Combine(_home, ".shakenfist"), line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_without_parameters_uses_the_settings_that_are_found()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        Set(cluster.Emulator.Url.ToString(), DemoCluster.AdminNamespace, Cluster.AdminKey);
        Assert.Equal("system", cluster.Run("Connect-ShakenFist").Only.Text("Namespace"));
    }

    [Fact]
    public async Task If_no_settings_are_found_the_error_has_advice_and_is_reported_once_for_many_inputs()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        ErrorRecord error = cluster.Run("$raw, $qcow2, $iso | Get-SfBlob").OnlyError;
        Assert.Equal("NotConfigured,ShakenFist.Blobs.Commands.GetSfBlobCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidOperation, error.CategoryInfo.Category);
        Assert.Contains("Connect-ShakenFist", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_of_a_file_is_never_sent_to_another_URL()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        WriteFile($$"""{"apiurl": "https://elsewhere.example/api", "namespace": "banana", "key": "{{DemoCluster.UserKey}}"}""");
        ErrorRecord error = cluster.Run("Connect-ShakenFist $url").OnlyError;
        Assert.Equal("KeyForOtherUrl,ShakenFist.Blobs.Commands.ConnectShakenFistCommand", error.FullyQualifiedErrorId);
        Assert.Contains("the parameters", error.ToString(), StringComparison.Ordinal);
        Assert.Contains(".shakenfist", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task A_malformed_file_is_reported_without_its_content()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        WriteFile("{\"key\": \"canary-KEY\", oops");
        EngineResult result = cluster.Run("Get-SfBlob $raw");
        Assert.Equal("ConfigurationInvalid,ShakenFist.Blobs.Commands.GetSfBlobCommand", result.OnlyError.FullyQualifiedErrorId);
        Assert.Contains(Path.Combine(_home, ".shakenfist"), result.OnlyError.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("canary-KEY", result.Everything, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/auth")]
    public async Task The_time_limit_of_a_command_applies_to_its_connection(string path)
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        Set(cluster.Emulator.Url.ToString(), DemoCluster.UserNamespace, DemoCluster.UserKey);
        cluster.Emulator.Faults.Add(new Fault { Path = path, Method = path == "/" ? "GET" : "POST", Kind = FaultKind.Delay, Delay = TimeSpan.FromHours(1), Times = int.MaxValue });
        Stopwatch watch = Stopwatch.StartNew();
        EngineResult result = cluster.Run("Save-SfBlobData $raw $dir -TimeoutSeconds 1");
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.9, 5);
        Assert.Equal("TimeLimitReached,ShakenFist.Blobs.Commands.SaveSfBlobDataCommand", result.OnlyError.FullyQualifiedErrorId);
        Assert.Empty(cluster.Files);
    }

    private static void Set(string url, string name, string key)
    {
        Environment.SetEnvironmentVariable("SHAKENFIST_API_URL", url);
        Environment.SetEnvironmentVariable("SHAKENFIST_NAMESPACE", name);
        Environment.SetEnvironmentVariable("SHAKENFIST_KEY", key);
    }

    private void WriteFile(string json) => File.WriteAllText(Path.Combine(_home, ".shakenfist"), json);
}
