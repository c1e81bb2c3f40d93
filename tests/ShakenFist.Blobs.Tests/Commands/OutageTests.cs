using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests commands during an outage of the cluster, and immediately after it.</summary>
public sealed class OutageTests
{
    private const string ThreeBlobs = "$raw, $iso, $qcow2 | Get-SfBlob";

    [Theory]
    [InlineData("")]
    [InlineData(" -Session $quick")]
    public async Task The_first_command_after_an_outage_works_and_one_during_it_fails_quickly_with_the_real_failure(string session)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Engine["isDefault"] = session.Length == 0;
        using IDisposable quick = (IDisposable)await QuickSession.ConnectAsync(cluster.Emulator.Url, DemoCluster.AdminNamespace, Cluster.AdminKey);
        cluster.Engine["quick"] = quick;
        const string SetDefault = "[ShakenFist.Blobs.Commands.GetSfBlobCommand].Assembly.GetType('ShakenFist.Blobs.Sessions.RunspaceSessions').GetProperty('Current').SetValue($null, $(if ($isDefault) { $quick } else { $session }))";
        _ = cluster.Run(SetDefault).Good;
        string command = ThreeBlobs + session;
        Assert.Equal(3, cluster.Run(command).Good.Output.Count);
        await cluster.Emulator.DisposeAsync();

        // The first request opens the circuit.
        string[] ids = [];
        for (int i = 0; i < 3; i++)
        {
            EngineResult result = cluster.Run(command);
            ids = [.. result.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0])];
            Assert.All(result.Errors, e => Assert.DoesNotContain("circuit", e.ToString(), StringComparison.OrdinalIgnoreCase));
        }

        Assert.Equal(["ClusterUnreachable", "ClusterUnreachable", "ConnectionFailed"], ids.Order());
        await using SfEmulator again = await SfEmulator.StartAsync(new EmulatorOptions { Port = cluster.Emulator.Url.Port }, TestContext.Current.CancellationToken);
        again.State.AddNamespace(DemoCluster.AdminNamespace, Cluster.AdminKey, admin: true);
        DemoCluster.AddTo(again.State);
        Assert.Equal(3, cluster.Run(command).Good.Output.Count);
    }
}
