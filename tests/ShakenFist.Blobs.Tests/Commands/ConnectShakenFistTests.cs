using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

public sealed class ConnectShakenFistTests
{
    [Fact]
    public async Task Url_and_credential_by_position_create_the_default_session()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        PSObject session = cluster.Run("Connect-ShakenFist $url $admin").Only;
        Assert.Equal(cluster.Emulator.Url.ToString(), session.Text("ApiUrl"));
        Assert.Equal("system", session.Text("Namespace"));
        Assert.Equal("the parameters", session.Text("Source"));
        Assert.True(session.Get<bool>("IsConnected"));
        Assert.Equal(DateTimeKind.Local, session.Get<DateTime>("ConnectedAt").Kind);
        Assert.Equal(DateTimeKind.Local, session.Get<DateTime>("TokenExpiresAt").Kind);
        Assert.True(cluster.Run("(Get-SfSession) -eq $args[0] -or (Get-SfSession).IsConnected").Only.BaseObject is true);
    }

    [Fact]
    public async Task Connect_reads_the_capabilities_and_authenticates_once()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        EngineResult result = cluster.Run("(Connect-ShakenFist $url $admin).Capabilities.Has('blob-data-limit')");
        Assert.True((bool)result.Only.BaseObject);
        Assert.Equal(["GET /", "POST /auth"], cluster.Emulator.Requests.Select(r => $"{r.Method} {r.Path}"));
    }

    [Theory]
    [InlineData("Connect-ShakenFist $url -Credential $admin -Namespace x", "AmbiguousParameterSet")]
    [InlineData("Connect-ShakenFist $url -Key $admin.Password", "MissingMandatoryParameter")]
    [InlineData("Connect-ShakenFist $null", "ParameterArgumentValidationError")]
    [InlineData("Connect-ShakenFist $url $admin -ConnectionTimeoutSeconds 0", "ParameterArgumentValidationError")]
    [InlineData("Connect-ShakenFist $url $admin -OperationTimeoutSeconds 3601", "ParameterArgumentValidationError")]
    public async Task Contradictory_or_invalid_parameters_are_rejected(string script, string id)
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        EngineResult result = cluster.Run(script);
        Assert.Equal(id + ",ShakenFist.Blobs.Commands.ConnectShakenFistCommand", result.OnlyError.FullyQualifiedErrorId);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Theory]
    [InlineData("banana", "wrong", "AuthenticationFailed", ErrorCategory.AuthenticationError)]
    [InlineData("no-such-namespace", "x", "NamespaceNotFound", ErrorCategory.AuthenticationError)]
    public async Task A_rejected_namespace_or_key_ends_the_command_without_a_session(string name, string key, string id, ErrorCategory category)
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        cluster.Engine["wrong"] = Cluster.Credential(name, key);
        EngineResult result = cluster.Run("Connect-ShakenFist $url $wrong; Get-SfSession");
        ErrorRecord error = result.OnlyError;
        Assert.Equal(id + ",ShakenFist.Blobs.Commands.ConnectShakenFistCommand", error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Empty(result.Output);
        Assert.Single(cluster.Emulator.Requests, r => r.Path == "/auth");
    }

    [Theory]
    [InlineData("[pscredential]::new('system', [securestring]::new())", "NotConfigured", "the key of namespace 'system' is empty (from the parameters)")]
    [InlineData("[pscredential]::new('日本', $admin.Password)", "NamespaceNotFound", "U+65E5")]
    public async Task A_credential_that_no_cluster_accepts_is_reported_before_a_request(string credential, string id, string reason)
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        ErrorRecord error = cluster.Run($"Connect-ShakenFist $url ({credential})").OnlyError;
        Assert.Equal(id + ",ShakenFist.Blobs.Commands.ConnectShakenFistCommand", error.FullyQualifiedErrorId);
        Assert.Contains(reason, error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("not a url", "not a url")]
    [InlineData("ftp://sf.example.com", "ftp://sf.example.com")]
    [InlineData("sf.example.com", "sf.example.com")]
    [InlineData("http://sf.example.com/?a=b", "http://sf.example.com/?a=b")]
    [InlineData("http://me@sf.example.com", null)]
    public async Task A_url_that_is_not_valid_is_the_target_of_the_error_unless_it_may_have_a_password(string given, string? target)
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        cluster.Engine["given"] = given;
        ErrorRecord error = cluster.Run("Connect-ShakenFist $given $admin").OnlyError;
        Assert.Equal("ApiUrlInvalid,ShakenFist.Blobs.Commands.ConnectShakenFistCommand", error.FullyQualifiedErrorId);
        Assert.Equal(target, error.TargetObject);
    }

    [Fact]
    public async Task A_refused_connection_is_reported_in_a_few_seconds()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        await using (SfEmulator gone = await SfEmulator.StartAsync(ct: TestContext.Current.CancellationToken))
        {
            cluster.Engine["url"] = gone.Url.ToString();
        }

        ErrorRecord error = cluster.Run("Connect-ShakenFist $url $admin", TimeSpan.FromSeconds(10)).OnlyError;
        Assert.Equal("ConnectionFailed,ShakenFist.Blobs.Commands.ConnectShakenFistCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ConnectionError, error.CategoryInfo.Category);

        // No session exists, so the message itself contains the address.
        Assert.Contains(cluster.Engine["url"]!.ToString()!.TrimEnd('/'), error.ToString(), StringComparison.Ordinal);
        Assert.Contains("in the message", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.DoesNotContain("Get-SfSession", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_base_path_is_kept_with_and_without_a_trailing_slash()
    {
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { BasePath = "/api", KeepAlive = true }, connect: false);
        Assert.Equal(5 << 20, cluster.Run("$null = Connect-ShakenFist $url $admin; (Get-SfBlob $raw).Size").Only.BaseObject as long?);
        Assert.Equal(5 << 20, cluster.Run("$null = Connect-ShakenFist ($url.TrimEnd('/') + '/') $admin; (Get-SfBlob $raw).Size").Only.BaseObject as long?);
    }

    [Fact]
    public async Task No_proxy_is_used_or_shown_for_a_cluster_on_this_computer()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        PSObject session = cluster.Run("Connect-ShakenFist $url $admin -Proxy http://127.0.0.1:9 -ProxyCredential $user").Only;
        Assert.Null(session.Get<string?>("Proxy"));
        _ = cluster.Run("Connect-ShakenFist $url $admin -NoProxy").Only;
    }

    [Theory]
    [InlineData("Get-SfBlob $raw -Verbose -Debug")]
    [InlineData("Save-SfBlobData $raw $dir -Verbose -Debug -PassThru")]
    [InlineData("Connect-ShakenFist $url $wrong -Verbose -Debug")]
    [InlineData("Connect-ShakenFist $url $admin -Verbose -Debug | Out-Default")]
    public async Task No_key_and_no_token_is_in_any_stream(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        cluster.Emulator.State.AddNamespace("canary", "canary-KEY-0123456789");
        cluster.Engine["admin"] = Cluster.Credential("canary", "canary-KEY-0123456789");
        cluster.Engine["wrong"] = Cluster.Credential("canary", "canary-KEY-wrong");
        EngineResult result = cluster.Run("$ErrorActionPreference = 'Continue'; $null = Connect-ShakenFist $url $admin -Verbose -Debug\n" + script);
        Assert.NotEmpty(result.Verbose);
        Assert.NotEmpty(result.Debug);
        Assert.DoesNotContain("canary-KEY", result.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", result.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain("Bearer ", result.Everything, StringComparison.Ordinal);
    }
}
