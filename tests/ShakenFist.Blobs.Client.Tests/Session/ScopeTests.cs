using ShakenFist.Blobs.Client.Tests.Trust;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests keys with scopes, which newer servers support.</summary>
public sealed class ScopeTests
{
    public static TheoryData<string, string> Needed
    {
        get
        {
            TheoryData<string, string> rows = [];
            // The scope of agent operations is not known, so no scope is named for them.
            foreach (string call in Calls.OnSession.Select(row => row.Data).Where(call => call != "agent operation"))
            {
                rows.Add(call, call switch
                {
                    "metadata put" or "metadata post" => "blob.write",
                    "metadata delete" => "blob.delete",
                    "list" => "blob.read and cluster-admin",
                    "artifact delete" => "artifact.delete",
                    "max versions" => "artifact.write",
                    "snapshot" => "instance.write",
                    _ when call.StartsWith("artifact", StringComparison.Ordinal) => "artifact.read",
                    _ when call.StartsWith("instance", StringComparison.Ordinal) => "instance.read",
                    _ => "blob.read",
                });
            }

            return rows;
        }
    }

    private static Task<Cluster> StartAsync(ServerGeneration generation, params string[] scopes) => StartAsync(generation, "", scopes);

    private static async Task<Cluster> StartAsync(ServerGeneration generation, string basePath, string[] scopes)
    {
        Cluster cluster = await Cluster.StartAsync(generation, o => o with { BasePath = basePath });
        cluster.State.SetKey("system", Cluster.Key, scopes: scopes);
        return cluster;
    }

    [Theory]
    [MemberData(nameof(Needed))]
    public async Task A_403_names_the_required_scope_and_causes_no_other_authentication(string call, string scope)
    {
        await using Cluster cluster = await StartAsync(ServerGeneration.D, "/api", ["upload.write"]);
        using TempFolder folder = new();
        SfSession session = await cluster.ConnectAsync(resilient: true);
        cluster.Emulator.ClearRequests();
        SfException e = await SfAssert.ThrowsAsync(SfErrors.AccessForbidden, () => Calls.MakeAsync(call, session, folder));
        Assert.Contains($"the key does not have the required scope {scope}: token is not scoped for this operation (status 403", e.Message, StringComparison.Ordinal);
        Assert.Single(cluster.Emulator.Requests);
        Assert.False(File.Exists(folder.Target));
    }

    [Theory]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task A_key_can_do_what_its_scopes_permit(ServerGeneration generation)
    {
        await using Cluster cluster = await StartAsync(generation, "blob.read", "blob.write");
        EmulatedBlob blob = cluster.State.AddBlob(EmulatedBlob.FromBytes([1]));
        SfSession session = await cluster.ConnectAsync(resilient: true);
        await session.SetBlobMetadataAsync(blob.Uuid, "k", 1, create: true, cluster.Log, Limit.Token);
        Assert.Single(await session.GetBlobMetadataAsync(blob.Uuid, cluster.Log, Limit.Token));
        await SfAssert.ThrowsAsync(SfErrors.AccessForbidden, () => session.RemoveBlobMetadataAsync(blob.Uuid, "k", cluster.Log, Limit.Token));
        SfException list = await SfAssert.ThrowsAsync(SfErrors.AccessForbidden, async () => await session.ListBlobsAsync(cluster.Log, Limit.Token).ToListAsync(Limit.Token));
        Assert.Contains("scope blob.read and cluster-admin: token is not scoped for administrative operations", list.Message, StringComparison.Ordinal);
        Assert.Equal(1, cluster.Count("POST", "/auth"));

        cluster.State.SetKey("system", Cluster.Key, scopes: ["*"]);
        Assert.Single(await session.ListBlobsAsync(cluster.Log, Limit.Token).ToListAsync(Limit.Token));
        await session.RemoveBlobMetadataAsync(blob.Uuid, "k", cluster.Log, Limit.Token);
        Assert.Empty(await session.GetBlobMetadataAsync(blob.Uuid, cluster.Log, Limit.Token));
    }

    [Fact]
    public async Task A_403_that_is_not_about_scopes_names_none()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        SfSession session = await cluster.ConnectAsync();
        cluster.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 403, Body = "<html>Forbidden</html>", ContentType = "text/html" });
        SfException e = await SfAssert.ThrowsAsync(SfErrors.AccessForbidden, () => session.GetBlobAsync(Guid.NewGuid(), cluster.Log, Limit.Token));
        Assert.DoesNotContain("blob.read", e.Message, StringComparison.Ordinal);
    }
}
