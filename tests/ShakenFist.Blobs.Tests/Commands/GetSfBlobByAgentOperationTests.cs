using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

public sealed class GetSfBlobByAgentOperationTests
{
    private const string Command = ",ShakenFist.Blobs.Commands.GetSfBlobCommand";

    private static EmulatedAgentOperation Add(Cluster cluster, long size) => cluster.Emulator.State.AddAgentOperation(new EmulatedAgentOperation
    {
        Namespace = DemoCluster.AdminNamespace,
        Results = new JsonObject
        {
            ["0"] = new JsonObject { ["content_blob"] = DemoCluster.RawDisk.ToString(), ["path"] = "/dev/vda", ["stat_result"] = new JsonObject { ["mode"] = 33188, ["size"] = size } },
            ["1"] = new JsonObject { ["stdout_blob"] = DemoCluster.InstallMedium.ToString() },
        },
    });

    [Fact]
    public async Task The_blobs_of_an_agent_operation_are_output_with_their_source()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedAgentOperation operation = Add(cluster, 5 << 20);
        EngineResult result = cluster.Run($"Get-SfBlob -AgentOperation {operation.Uuid}").Good;
        Assert.Equal([(DemoCluster.RawDisk, "/dev/vda"), (DemoCluster.InstallMedium, "stdout")], result.Output.Select(blob => (blob.Get<Guid>("Uuid"), blob.Text("AgentOutput"))));
    }

    [Fact]
    public async Task A_blob_that_does_not_have_the_size_of_the_file_is_an_error_and_the_others_are_output()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedAgentOperation operation = Add(cluster, (5 << 20) + 1);
        EngineResult result = cluster.Run($"Get-SfBlob -AgentOperation {operation.Uuid}");
        Assert.Equal("AgentOutputIncomplete" + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal(DemoCluster.RawDisk.ToString(), result.OnlyError.TargetObject.ToString());
        Assert.Equal(DemoCluster.InstallMedium, Assert.Single(result.Output).Get<Guid>("Uuid"));
    }

    [Theory]
    [InlineData("executing", "NotReady")]
    [InlineData(null, "AgentOperationNotFound")]
    public async Task An_operation_that_has_not_ended_or_does_not_exist_is_an_error(string? state, string id)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedAgentOperation operation = Add(cluster, 0);
        operation.State = state ?? "complete";
        EngineResult result = cluster.Run($"Get-SfBlob -AgentOperation {(state is null ? Guid.NewGuid() : operation.Uuid)}");
        Assert.Equal(id + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Empty(result.Output);
    }
}
