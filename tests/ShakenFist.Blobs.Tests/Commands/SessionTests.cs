using System.Management.Automation;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

public sealed class SessionTests
{
    [Fact]
    public async Task Without_a_session_Get_SfSession_returns_nothing()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        Assert.Empty(cluster.Run("Get-SfSession").Good.Output);
    }

    [Fact]
    public async Task The_session_that_was_created_last_is_the_default_session()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Equal("True,banana", cluster.Run("$s = Connect-ShakenFist $url $user; \"$([object]::ReferenceEquals($s, (Get-SfSession))),$((Get-SfSession).Namespace)\"").Only.ToString());
    }

    [Fact]
    public async Task An_explicit_session_is_used_instead_of_the_default_session()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run("$null = Connect-ShakenFist $url $user").Good;

        // The default session has no permission to list, but the explicit one has.
        Assert.Equal("AdministratorRequired,ShakenFist.Blobs.Commands.GetSfBlobCommand", cluster.Run("Get-SfBlob").OnlyError.FullyQualifiedErrorId);
        Assert.NotEmpty(cluster.Run("Get-SfBlob -Session $session").Good.Output);
    }

    [Theory]
    [InlineData("Disconnect-ShakenFist")]
    [InlineData("Disconnect-ShakenFist $session")]
    [InlineData("Disconnect-ShakenFist -Session $session")]
    [InlineData("$session | Disconnect-ShakenFist")]
    [InlineData("Get-SfSession | Disconnect-ShakenFist")]
    public async Task After_Disconnect_the_session_cannot_be_used(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run(script + "; Get-SfSession; $session.IsConnected").Good;
        Assert.False((bool)result.Only.BaseObject);
        ErrorRecord error = cluster.Run("Get-SfBlob $raw -Session $session").OnlyError;
        Assert.Equal("SessionClosed,ShakenFist.Blobs.Commands.GetSfBlobCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidOperation, error.CategoryInfo.Category);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task Disconnecting_twice_or_without_a_session_is_not_an_error()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("Disconnect-ShakenFist; Disconnect-ShakenFist -Verbose; Disconnect-ShakenFist $session").Good;
        Assert.Empty(result.Output);
        Assert.Contains("There is no session to close.", result.Verbose);
    }

    [Fact]
    public async Task A_key_replaced_during_a_session_is_tried_once_and_then_reported()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.State.SetKey("system", "another");
        ErrorRecord error = cluster.Run("Get-SfBlob $raw").OnlyError;
        Assert.Equal("AuthenticationFailed,ShakenFist.Blobs.Commands.GetSfBlobCommand", error.FullyQualifiedErrorId);
        Assert.Single(cluster.Emulator.Requests, r => r.Path == "/auth");
    }
}
