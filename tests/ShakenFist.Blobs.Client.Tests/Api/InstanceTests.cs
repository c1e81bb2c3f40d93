using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class InstanceTests
{
    public static TheoryData<ServerGeneration> Generations => [.. Enum.GetValues<ServerGeneration>()];

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task An_instance_has_its_fields_and_disks(ServerGeneration generation)
    {
        await using Cluster cluster = await Cluster.StartAsync(generation);
        Guid image = Guid.NewGuid();
        EmulatedInstance emulated = cluster.State.AddInstance(new EmulatedInstance
        {
            Namespace = "banana",
            Name = "web-1",
            Node = "sf-2",
            Disks = [new("vda", "virtio", 20, image), new("vdb", "virtio", null, null, SnapshotIgnores: true), new("vdc", "virtio", 5, null)],
            Extra = new() { ["user_data"] = "cGFzc3dvcmQ6IHNlY3JldA==", ["colour"] = "blue" },
        });
        SfSession session = await cluster.ConnectAsync(@namespace: "banana");

        SfInstance one = await session.GetInstanceAsync(emulated.Uuid, cluster.Log, Limit.Token);
        SfInstance listed = Assert.Single(await session.ListInstancesAsync(cluster.Log, Limit.Token).ToListAsync(Limit.Token));

        foreach (SfInstance instance in new[] { one, listed })
        {
            Assert.Equal((emulated.Uuid, "web-1", "created", "banana", "sf-2", "on"), (instance.Uuid, instance.Name, instance.State, instance.Namespace, instance.Node, instance.PowerState));
            Assert.Equal(
                [("vda", "virtio", 20L << 30, image, false), ("vdb", "virtio", null, null, true), ("vdc", "virtio", 5L << 30, (Guid?)null, false)],
                instance.Disks.Select(d => (d.Device!, d.Bus!, d.Size, d.BlobUuid, d.SnapshotIgnores!.Value)));
            Assert.Equal("blue", instance.AdditionalProperties["colour"]);
            Assert.DoesNotContain("user_data", instance.AdditionalProperties.Keys);
        }
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task Only_own_instances_that_are_not_deleted_are_listed(ServerGeneration generation)
    {
        await using Cluster cluster = await Cluster.StartAsync(generation);
        cluster.State.AddNamespace("friend", Cluster.Key);
        cluster.State.Trust("friend", "banana");
        EmulatedInstance own = cluster.State.AddInstance(new EmulatedInstance { Namespace = "banana", Name = "own" });
        EmulatedInstance deleted = cluster.State.AddInstance(new EmulatedInstance { Namespace = "banana", Name = "deleted", State = "deleted" });
        EmulatedInstance foreign = cluster.State.AddInstance(new EmulatedInstance { Namespace = "friend", Name = "foreign" });
        SfSession session = await cluster.ConnectAsync(@namespace: "banana");

        Assert.Equal(own.Uuid, Assert.Single(await session.ListInstancesAsync(cluster.Log, Limit.Token).ToListAsync(Limit.Token)).Uuid);
        Assert.Equal("deleted", (await session.GetInstanceAsync(deleted.Uuid, cluster.Log, Limit.Token)).State);
        await SfAssert.ThrowsAsync(SfErrors.InstanceNotFound, () => session.GetInstanceAsync(foreign.Uuid, cluster.Log, Limit.Token));
        Assert.Equal(2, (await (await cluster.ConnectAsync()).ListInstancesAsync(cluster.Log, Limit.Token).ToListAsync(Limit.Token)).Count);
    }
}
