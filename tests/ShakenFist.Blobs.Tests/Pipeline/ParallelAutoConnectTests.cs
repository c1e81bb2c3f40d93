using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Pipeline;

[Collection(Alone.Name)]
public sealed class ParallelAutoConnectTests
{
    [Fact]
    public async Task A_parallel_block_without_a_session_connects_by_itself()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        const string Script = "$raw, $iso | ForEach-Object -Parallel { Import-Module $using:manifest; Get-SfBlob $_ }";
        EngineResult without = cluster.Run(Script);
        Assert.Empty(without.Output);
        Assert.Equal(2, without.Errors.Count);
        Assert.All(without.Errors, e => Assert.Equal("NotConfigured,ShakenFist.Blobs.Commands.GetSfBlobCommand", e.FullyQualifiedErrorId));
        try
        {
            Environment.SetEnvironmentVariable("SHAKENFIST_API_URL", cluster.Emulator.Url.ToString());
            Environment.SetEnvironmentVariable("SHAKENFIST_NAMESPACE", DemoCluster.UserNamespace);
            Environment.SetEnvironmentVariable("SHAKENFIST_KEY", DemoCluster.UserKey);
            Assert.Equal(2, cluster.Run(Script).Good.Output.Count);
            Assert.Equal(2, cluster.Emulator.Requests.Count(r => r.Path == "/auth"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("SHAKENFIST_API_URL", null);
            Environment.SetEnvironmentVariable("SHAKENFIST_NAMESPACE", null);
            Environment.SetEnvironmentVariable("SHAKENFIST_KEY", null);
        }
    }
}
