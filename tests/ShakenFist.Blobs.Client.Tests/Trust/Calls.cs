namespace ShakenFist.Blobs.Client.Tests.Trust;

/// <summary>All calls to a cluster, by name. The root page and authentication are called by connecting, the others with a session.</summary>
internal static class Calls
{
    public const string Root = "root";
    public const string Auth = "auth";

    private static readonly Guid Blob = Guid.Parse("d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004");

    private static readonly Dictionary<string, Func<SfSession, TempFolder, Task>> Table = new()
    {
        ["blob"] = (s, _) => s.GetBlobAsync(Blob, NullLog.Instance, Limit.Token),
        ["list"] = async (s, _) =>
        {
            await foreach (SfBlob blob in s.ListBlobsAsync(NullLog.Instance, Limit.Token))
            {
                Assert.NotNull(blob);
            }
        },
        ["artifacts"] = async (s, _) => Assert.NotEmpty(await s.ListArtifactsAsync(NullLog.Instance, Limit.Token).ToListAsync(Limit.Token)),
        ["artifact"] = (s, _) => s.GetArtifactAsync(Blob, NullLog.Instance, Limit.Token),
        ["artifact name"] = (s, _) => s.FindArtifactByNameAsync("debian", NullLog.Instance, Limit.Token),
        ["instances"] = async (s, _) => Assert.NotEmpty(await s.ListInstancesAsync(NullLog.Instance, Limit.Token).ToListAsync(Limit.Token)),
        ["instance"] = (s, _) => s.GetInstanceAsync(Blob, NullLog.Instance, Limit.Token),
        ["artifact delete"] = (s, _) => s.RemoveArtifactAsync(Blob, NullLog.Instance, Limit.Token),
        ["max versions"] = (s, _) => s.SetArtifactMaxVersionsAsync(Blob, 2, NullLog.Instance, Limit.Token),
        ["snapshot"] = async (s, _) => Assert.NotEmpty(await s.TakeSnapshotAsync(Blob, "vda", thin: false, maxVersions: null, NullLog.Instance, Limit.Token)),
        ["agent operation"] = async (s, _) => Assert.NotEmpty(await s.GetAgentOutputAsync(Blob, NullLog.Instance, Limit.Token)),
        ["events"] = (s, _) => s.GetBlobEventsAsync(Blob, "audit", 1, NullLog.Instance, Limit.Token),
        ["checksum"] = (s, _) => s.GetBlobChecksumAsync(Blob, SfHashAlgorithm.SHA512, NullLog.Instance, Limit.Token),
        ["find"] = (s, _) => s.FindBlobByHashAsync(SfHashAlgorithm.SHA1, new string('a', 40), NullLog.Instance, Limit.Token),
        ["metadata"] = (s, _) => s.GetBlobMetadataAsync(Blob, NullLog.Instance, Limit.Token),
        ["metadata put"] = (s, _) => s.SetBlobMetadataAsync(Blob, "k", "v", create: false, NullLog.Instance, Limit.Token),
        ["metadata post"] = (s, _) => s.SetBlobMetadataAsync(Blob, "k", "v", create: true, NullLog.Instance, Limit.Token),
        ["metadata delete"] = (s, _) => s.RemoveBlobMetadataAsync(Blob, "k", NullLog.Instance, Limit.Token),
        ["data"] = (s, folder) => s.SaveBlobDataAsync(new SfBlob { Uuid = Blob, Size = 1000, State = "created" }, folder.Target, Cluster.Save, NullLog.Instance, Limit.Token),
    };

    public static TheoryData<string> Names => [Root, Auth, .. Table.Keys];

    public static TheoryData<string> OnSession => [.. Table.Keys];

    /// <summary>Makes the call. It can fail while connecting.</summary>
    public static async Task MakeAsync(string call, Uri url, TempFolder folder, SfTransportOptions? options = null, ISfLog? log = null)
    {
        using SfSession session = await Cluster.ConnectAsync(url, options, "system", false, Cluster.Key, log ?? NullLog.Instance);
        await MakeAsync(call, session, folder);
    }

    /// <summary>Makes the call on a session.</summary>
    public static Task MakeAsync(string call, SfSession session, TempFolder folder)
    {
        if (call is Root or Auth)
        {
            Assert.Fail("The session was made.");
        }

        return Table[call](session, folder);
    }

    /// <summary>Responds to all requests of a call, and lets earlier requests succeed.</summary>
    public static Task AnswerAsync(string call, RawExchange exchange, Func<RawExchange, Task> answer) => exchange.Path switch
    {
        "/" when call != Root => exchange.SendAsync("<ul><li>blobs: blob-data-limit</ul>", "text/html"),
        "/auth" when call != Auth => exchange.SendAsync("""{"access_token": "t0k3n-that-is-a-canary", "token_type": "Bearer", "expires_in": 900}"""),
        _ => answer(exchange),
    };
}
