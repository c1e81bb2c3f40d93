using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class MetadataTests
{
    private static readonly string[] AwkwardKeys =
    [
        "plain", "a b", " ", " lead and trail ", "%", "%41", "%2F", "%252e", "?", "a?b=c", "#", "+", "&=;,:@!$'()*", "[1]", "*", "`", "~", "\"", "\\", "a\\b", "|^{}<>",
        "\0", "a\0b", "\u0001", "\n\t\r", "\u007f", "\u0085", "a/b", "/", "//", "a/", ".", "..", "...", ".a", "a.", "./", "../..", ".%2e", "%2E", "key-in-body",
        "é", "e\u0301", "✓ 😀", "İıŞ", "\u200e\u202eabc", "\ufeff", "\ufffd", "\uffff", "\ufdd0", "\u00ad", "\u2028", "\ue000", "\ud800", "\udc00\ud800", "x\ud83d",
        "A", "a", new string('k', 2000), new string('k', 2001), new string('é', 400), new string('é', 5000), string.Concat(Enumerable.Repeat("😀", 10_000)),
    ];

    private static async Task<(SfSession Session, EmulatedBlob Blob)> StartAsync(Cluster cluster, bool resilient = false)
    {
        EmulatedBlob blob = cluster.State.AddBlob(EmulatedBlob.FromBytes([1]));
        return (await cluster.ConnectAsync(@namespace: "banana", resilient: resilient), blob);
    }

    private static string[] Stored(EmulatedBlob blob)
    {
        lock (blob.Gate)
        {
            return [.. blob.Metadata.Select(m => m.Key).Order(StringComparer.Ordinal)];
        }
    }

    [Theory]
    [InlineData(ServerGeneration.A, "", false)]
    [InlineData(ServerGeneration.B, "", false)]
    [InlineData(ServerGeneration.C, "", true)]
    [InlineData(ServerGeneration.D, "", true)]
    [InlineData(ServerGeneration.C, "/api", false)]
    [InlineData(ServerGeneration.D, "/api", false)]
    public async Task Every_key_is_stored_and_read_unchanged_and_removed_unless_the_server_refuses_it(ServerGeneration generation, string basePath, bool create)
    {
        await using Cluster cluster = await Cluster.StartAsync(generation, o => o with { BasePath = basePath });
        (SfSession session, EmulatedBlob blob) = await StartAsync(cluster);
        foreach (string key in AwkwardKeys)
        {
            await session.SetBlobMetadataAsync(blob.Uuid, key, "the value of " + key, create, cluster.Log, Limit.Token);
        }

        Assert.Equal(AwkwardKeys.Order(StringComparer.Ordinal), Stored(blob));
        IDictionary<string, object?> read = await session.GetBlobMetadataAsync(blob.Uuid, cluster.Log, Limit.Token);
        Assert.All(AwkwardKeys, key => Assert.Equal("the value of " + key, read[key]));
        SfBlob record = await session.GetBlobAsync(blob.Uuid, cluster.Log, Limit.Token);
        Assert.Equal(read.Count, record.Metadata.Count);
        Assert.All(read, m => Assert.Equal(m.Value, record.Metadata[m.Key]));

        HashSet<string> left = [.. AwkwardKeys];
        foreach (string key in AwkwardKeys)
        {
            if (generation >= ServerGeneration.D && !Routes.IsPathKey(key))
            {
                await SfAssert.ThrowsAsync(SfErrors.MetadataKeyNotDeletable, () => session.RemoveBlobMetadataAsync(blob.Uuid, key, cluster.Log, Limit.Token));
            }
            else
            {
                await session.RemoveBlobMetadataAsync(blob.Uuid, key, cluster.Log, Limit.Token);
                left.Remove(key);
            }

            Assert.Equal(left.Order(StringComparer.Ordinal), Stored(blob));
        }
    }

    [Fact]
    public async Task Removing_a_key_that_does_not_exist_succeeds()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (SfSession session, EmulatedBlob blob) = await StartAsync(cluster);
        await session.RemoveBlobMetadataAsync(blob.Uuid, "nothing", cluster.Log, Limit.Token);
        await session.RemoveBlobMetadataAsync(blob.Uuid, "no/thing", cluster.Log, Limit.Token);
        Assert.Empty(await session.GetBlobMetadataAsync(blob.Uuid, cluster.Log, Limit.Token));
    }

    [Fact]
    public async Task Removing_a_key_that_fits_into_the_path_sends_no_body()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (SfSession session, EmulatedBlob blob) = await StartAsync(cluster);
        await session.RemoveBlobMetadataAsync(blob.Uuid, "plain", cluster.Log, Limit.Token);
        await session.RemoveBlobMetadataAsync(blob.Uuid, "a/b", cluster.Log, Limit.Token);
        RequestRecord[] removals = [.. cluster.Emulator.Requests.Where(r => r.Method == "DELETE")];
        Assert.Equal([0, """{"key":"a/b"}""".Length], removals.Select(r => r.Body.Length));
        Assert.EndsWith("/metadata/plain", removals[0].Path, StringComparison.Ordinal);
        Assert.DoesNotContain("a%2Fb", removals[1].Target, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_unknown_blob_is_not_found_by_any_of_the_calls(bool byBody)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        SfSession session = await cluster.ConnectAsync();
        string key = byBody ? "a/b" : "ab";
        Guid unknown = Guid.NewGuid();
        foreach (Func<Task> call in new Func<Task>[]
        {
            () => session.GetBlobMetadataAsync(unknown, cluster.Log, Limit.Token),
            () => session.SetBlobMetadataAsync(unknown, key, 1, create: false, cluster.Log, Limit.Token),
            () => session.RemoveBlobMetadataAsync(unknown, key, cluster.Log, Limit.Token),
        })
        {
            SfException e = await SfAssert.ThrowsAsync(SfErrors.BlobNotFound, call);
            Assert.Contains(unknown.ToString("D"), e.Message, StringComparison.Ordinal);
            Assert.Contains(e.RequestId!, e.Message, StringComparison.Ordinal);
            Assert.Equal(404, e.StatusCode);
        }
    }

    [Theory]
    [InlineData(FaultKind.CutAfter, 2, false)]
    [InlineData(FaultKind.EndShort, 2, false)]
    [InlineData(FaultKind.EndShort, 0, false)]
    [InlineData(FaultKind.CutBeforeHeaders, 0, true)]
    public async Task A_write_whose_response_is_cut_off_is_retried(FaultKind kind, int after, bool resilient)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (SfSession session, EmulatedBlob blob) = await StartAsync(cluster, resilient);
        cluster.Faults.Add(new Fault { Method = "POST", Path = "*/metadata", Kind = kind, AfterBytes = after })
            .Add(new Fault { Method = "PUT", Path = "*/metadata/*", Kind = kind, AfterBytes = after, Times = 2 })
            .Add(new Fault { Method = "DELETE", Path = "*/metadata/*", Kind = kind, AfterBytes = after });
        await session.SetBlobMetadataAsync(blob.Uuid, "made", 1, create: true, cluster.Log, Limit.Token);
        await session.SetBlobMetadataAsync(blob.Uuid, "changed", 2, create: false, cluster.Log, Limit.Token);
        Assert.Equal(["changed", "made"], Stored(blob));
        await session.RemoveBlobMetadataAsync(blob.Uuid, "made", cluster.Log, Limit.Token);
        Assert.Equal(["changed"], Stored(blob));
        Assert.Empty(cluster.Faults.Pending);
        Assert.Equal((2, 3, 2), (cluster.Count("POST", "/metadata"), cluster.Count("PUT", "/changed"), cluster.Count("DELETE", "/made")));
    }

    [Fact]
    public async Task A_write_whose_responses_are_all_cut_off_fails_after_three_attempts()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (SfSession session, EmulatedBlob blob) = await StartAsync(cluster);
        cluster.Faults.Add(new Fault { Method = "PUT", Kind = FaultKind.CutAfter, AfterBytes = 2, Times = int.MaxValue });
        await SfAssert.ThrowsAsync(SfErrors.InvalidResponse, () => session.SetBlobMetadataAsync(blob.Uuid, "k", 1, create: false, cluster.Log, Limit.Token));
        Assert.Equal(3, cluster.Count("PUT", "/k"));
    }

    [Fact]
    public async Task A_lock_timeout_is_reported_with_the_message_of_the_server()
    {
        await using Cluster cluster = await Cluster.StartAsync(change: o => o with { LockTimeout = TimeSpan.FromMilliseconds(20), LockPollInterval = TimeSpan.FromMilliseconds(5) });
        (SfSession session, EmulatedBlob blob) = await StartAsync(cluster);
        using (cluster.State.HoldMetadataLock(blob.Uuid))
        {
            SfException e = await SfAssert.ThrowsAsync(SfErrors.ServerError, () => session.SetBlobMetadataAsync(blob.Uuid, "k", 1, create: true, cluster.Log, Limit.Token));
            Assert.Equal(500, e.StatusCode);
            Assert.Contains("LockException", e.Message, StringComparison.Ordinal);
            Assert.Contains(e.RequestId!, e.Message, StringComparison.Ordinal);
            Assert.Empty(await session.GetBlobMetadataAsync(blob.Uuid, cluster.Log, Limit.Token));

            EmulatedBlob other = cluster.State.AddBlob(EmulatedBlob.FromBytes([2]));
            await session.SetBlobMetadataAsync(other.Uuid, "k", 1, create: true, cluster.Log, Limit.Token);
        }

        await session.SetBlobMetadataAsync(blob.Uuid, "k", 1, create: true, cluster.Log, Limit.Token);
        Assert.Equal(["k"], Stored(blob));
    }

    [Fact]
    public async Task A_write_to_a_locked_blob_succeeds_after_retries()
    {
        await using Cluster cluster = await Cluster.StartAsync(change: o => o with { LockTimeout = TimeSpan.Zero });
        (SfSession session, EmulatedBlob blob) = await StartAsync(cluster, resilient: true);
        IDisposable hold = cluster.State.HoldMetadataLock(blob.Uuid);
        Task write = session.SetBlobMetadataAsync(blob.Uuid, "k", 1, create: true, cluster.Log, Limit.Token);
        await cluster.Log.SeesAsync("status 500");
        hold.Dispose();
        await write;
        Assert.Equal(["k"], Stored(blob));
    }

    [Fact]
    public async Task Parallel_writers_do_not_overwrite_each_other()
    {
        await using Cluster cluster = await Cluster.StartAsync(change: o => o with { LockPollInterval = TimeSpan.FromMilliseconds(1), LockHold = TimeSpan.FromMilliseconds(2) });
        (SfSession session, EmulatedBlob blob) = await StartAsync(cluster);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => session.SetBlobMetadataAsync(blob.Uuid, $"key{i % 6}{(i % 2 == 0 ? "/" : "")}", i + 1, i % 3 == 0, cluster.Log, Limit.Token)));
        Assert.Equal(6, Stored(blob).Length);
    }

    [Fact]
    public async Task Values_of_every_type_are_read_back_unchanged()
    {
        await using Cluster cluster = await Cluster.StartAsync(ServerGeneration.B);
        (SfSession session, EmulatedBlob blob) = await StartAsync(cluster);
        Dictionary<string, object?> values = new()
        {
            ["text"] = "a\0\"\\\n✓😀\ud800",
            ["space"] = " ",
            ["zero"] = "0",
            ["long"] = long.MinValue,
            ["big"] = System.Numerics.BigInteger.Parse("123456789012345678901234567890", null),
            ["real"] = 1.0,
            ["tiny"] = double.Epsilon,
            ["large"] = 1e300,
            ["nan"] = double.NaN,
            ["infinite"] = double.NegativeInfinity,
            ["true"] = true,
            ["list"] = new List<object?> { 0L, false, null, "", new List<object?>(), 0.0 },
            ["map"] = new Dictionary<string, object?> { [""] = null, ["a/b"] = new List<object?> { 1.5 } },
        };
        foreach ((string key, object? value) in values)
        {
            await session.SetBlobMetadataAsync(blob.Uuid, key, value, create: false, cluster.Log, Limit.Token);
        }

        IDictionary<string, object?> read = await session.GetBlobMetadataAsync(blob.Uuid, cluster.Log, Limit.Token);
        Assert.Equal(values.Keys.Order(), read.Keys.Order());
        Assert.All(values, v => Assert.Equivalent(v.Value, read[v.Key], strict: true));
        Assert.All(values, v => Assert.Equal(v.Value!.GetType(), read[v.Key]!.GetType()));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"x\"")]
    [InlineData("7")]
    [InlineData("")]
    [InlineData("{\"a\": 1")]
    [InlineData("{} {}")]
    public async Task Metadata_that_is_not_an_object_is_rejected(string body)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (SfSession session, EmulatedBlob blob) = await StartAsync(cluster);
        cluster.Faults.Add(new Fault { Path = "*/metadata", Kind = FaultKind.Status, Status = 200, Body = body, ContentType = "application/json", Times = int.MaxValue });
        SfException e = await SfAssert.ThrowsAsync(SfErrors.InvalidResponse, () => session.GetBlobMetadataAsync(blob.Uuid, cluster.Log, Limit.Token));
        Assert.Contains(e.RequestId!, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repeated_and_null_members_are_read_like_Python_reads_them()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (SfSession session, EmulatedBlob blob) = await StartAsync(cluster);
        blob.Metadata["n"] = JsonValue.Create((string?)null);
        Assert.Null(Assert.Single(await session.GetBlobMetadataAsync(blob.Uuid, cluster.Log, Limit.Token)).Value);
    }
}
