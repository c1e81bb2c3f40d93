using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class AgentOperationTests
{
    public static TheoryData<ServerGeneration> Generations => [.. Enum.GetValues<ServerGeneration>()];

    private static readonly Guid File = Guid.NewGuid();
    private static readonly Guid Output = Guid.NewGuid();
    private static readonly Guid Errors = Guid.NewGuid();

    private static EmulatedAgentOperation Add(Cluster cluster) => cluster.State.AddAgentOperation(new EmulatedAgentOperation
    {
        Namespace = "banana",
        Results = new JsonObject
        {
            ["10"] = new JsonObject { ["content_blob"] = File.ToString(), ["path"] = "/etc/hosts", ["stat_result"] = new JsonObject { ["mode"] = 33188, ["size"] = 100 } },
            ["2"] = new JsonObject { ["return-code"] = 0, ["stdout_blob"] = Output.ToString(), ["stderr_blob"] = Errors.ToString() },
            ["0"] = new JsonObject { ["path"] = "/tmp/put" },
        },
    });

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task The_blobs_of_all_commands_are_returned_in_the_order_of_the_commands(ServerGeneration generation)
    {
        await using Cluster cluster = await Cluster.StartAsync(generation);
        EmulatedAgentOperation operation = Add(cluster);
        SfSession session = await cluster.ConnectAsync(@namespace: "banana");

        IReadOnlyList<AgentOutput> output = await session.GetAgentOutputAsync(operation.Uuid, cluster.Log, Limit.Token);

        Assert.Equal([new(Output, "stdout", null), new(Errors, "stderr", null), new AgentOutput(File, "/etc/hosts", 100)], output);
    }

    [Theory]
    [InlineData("queued")]
    [InlineData("executing")]
    public async Task An_operation_that_has_not_ended_is_not_ready(string state)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedAgentOperation operation = Add(cluster);
        operation.State = state;
        SfSession session = await cluster.ConnectAsync(@namespace: "banana");

        SfException e = await SfAssert.ThrowsAsync(SfErrors.NotReady, () => session.GetAgentOutputAsync(operation.Uuid, cluster.Log, Limit.Token));

        Assert.Contains($"'{state}'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operation_of_another_namespace_is_not_found()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.State.AddNamespace("other", Cluster.Key);
        EmulatedAgentOperation operation = Add(cluster);
        SfSession session = await cluster.ConnectAsync(@namespace: "other");

        await SfAssert.ThrowsAsync(SfErrors.AgentOperationNotFound, () => session.GetAgentOutputAsync(operation.Uuid, cluster.Log, Limit.Token));
        Assert.Equal(3, (await (await cluster.ConnectAsync()).GetAgentOutputAsync(operation.Uuid, cluster.Log, Limit.Token)).Count);
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(0, false)]
    [InlineData(101, false)]
    public void A_blob_without_the_size_of_the_file_is_incomplete(long size, bool isComplete)
    {
        AgentOutput output = new(File, "/etc/hosts", 100);
        SfBlob blob = new() { Uuid = File, Size = size };
        if (isComplete)
        {
            Assert.Equal("/etc/hosts", output.Checked(blob, Guid.NewGuid()).AgentOutput);
            return;
        }

        SfException e = Assert.Throws<SfException>(() => output.Checked(blob, Guid.NewGuid()));
        Assert.Equal(SfErrors.AgentOutputIncomplete, e.Error);
        Assert.Contains("'/etc/hosts'", e.Message, StringComparison.Ordinal);
    }
}
