using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests calls to servers that validate their input (generation D) and do not announce it.</summary>
public sealed class InputValidationTests
{
    private const string Key = "a/b";

    private static async Task<(Cluster Cluster, SfSession Session, EmulatedBlob Blob)> StartAsync(ServerGeneration generation = ServerGeneration.D, bool resilient = false)
    {
        Cluster cluster = await Cluster.StartAsync(generation, o => o with { LockTimeout = TimeSpan.Zero });
        EmulatedBlob blob = cluster.State.AddBlob(EmulatedBlob.FromBytes([1, 2, 3]));
        return (cluster, await cluster.ConnectAsync(@namespace: "banana", resilient: resilient), blob);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a\0")]
    public async Task The_refusal_to_delete_a_key_is_recognized_and_the_session_remembers_it(string key)
    {
        (Cluster cluster, SfSession session, EmulatedBlob blob) = await StartAsync(resilient: true);
        await using (cluster)
        {
            Assert.False(session.IsKnownNotDeletable(key));
            await session.SetBlobMetadataAsync(blob.Uuid, key, 1, create: true, cluster.Log, Limit.Token);
            SfException e = await SfAssert.ThrowsAsync(SfErrors.MetadataKeyNotDeletable, () => session.RemoveBlobMetadataAsync(blob.Uuid, key, cluster.Log, Limit.Token));
            Assert.Contains("this cluster can store such a key, but cannot delete it", e.Message, StringComparison.Ordinal);
            Assert.Contains("overwrote the URL path parameter", e.Message, StringComparison.Ordinal);
            Assert.Equal(1, cluster.Emulator.Requests.Count(r => r.Method == "DELETE"));
            Assert.True(session.IsKnownNotDeletable(key));
            Assert.True(session.IsKnownNotDeletable("other/key"));
            Assert.False(session.IsKnownNotDeletable("plain"));

            await session.SetBlobMetadataAsync(blob.Uuid, key, 2, create: false, cluster.Log, Limit.Token);
            Assert.Equal(2L, (await session.GetBlobMetadataAsync(blob.Uuid, cluster.Log, Limit.Token))[key]);
            SfSession other = await cluster.ConnectAsync();
            Assert.False(other.IsKnownNotDeletable(key));
        }
    }

    [Fact]
    public async Task A_later_success_clears_what_the_session_remembers()
    {
        (Cluster cluster, SfSession session, EmulatedBlob blob) = await StartAsync(ServerGeneration.C);
        await using (cluster)
        {
            cluster.Faults.Add(new Fault { Method = "DELETE", Kind = FaultKind.Status, Status = 400, Body = """{"error": "key: not declared by this endpoint", "status": 400}""", ContentType = "application/json" });
            await SfAssert.ThrowsAsync(SfErrors.MetadataKeyNotDeletable, () => session.RemoveBlobMetadataAsync(blob.Uuid, Key, cluster.Log, Limit.Token));
            Assert.True(session.IsKnownNotDeletable(Key));
            await session.RemoveBlobMetadataAsync(blob.Uuid, "plain", cluster.Log, Limit.Token);
            Assert.True(session.IsKnownNotDeletable(Key));
            await session.RemoveBlobMetadataAsync(blob.Uuid, Key, cluster.Log, Limit.Token);
            Assert.False(session.IsKnownNotDeletable(Key));
        }
    }

    [Fact]
    public async Task Other_refusals_are_not_mistaken_for_it()
    {
        (Cluster cluster, SfSession session, EmulatedBlob blob) = await StartAsync();
        await using (cluster)
        {
            cluster.Faults.Add(new Fault { Method = "DELETE", Kind = FaultKind.Status, Status = 400, Body = "<html>Bad request</html>", ContentType = "text/html" });
            await SfAssert.ThrowsAsync(SfErrors.RequestRefused, () => session.RemoveBlobMetadataAsync(blob.Uuid, Key, cluster.Log, Limit.Token));
            cluster.Faults.Add(new Fault { Method = "DELETE", Kind = FaultKind.Status, Status = 400, Body = """{"error": "no"}""", ContentType = "application/json" });
            await SfAssert.ThrowsAsync(SfErrors.RequestRefused, () => session.RemoveBlobMetadataAsync(blob.Uuid, "plain", cluster.Log, Limit.Token));
            Assert.False(session.IsKnownNotDeletable(Key));
        }
    }

    [Fact]
    public async Task Every_call_with_valid_input_reports_an_unknown_blob_as_not_found()
    {
        (Cluster cluster, SfSession session, _) = await StartAsync();
        await using (cluster)
        {
            Guid unknown = Guid.NewGuid();
            foreach (Func<Task> call in new Func<Task>[]
            {
                () => session.GetBlobAsync(unknown, cluster.Log, Limit.Token),
                () => session.GetBlobMetadataAsync(unknown, cluster.Log, Limit.Token),
                () => session.SetBlobMetadataAsync(unknown, "k", 1, create: false, cluster.Log, Limit.Token),
                () => session.SetBlobMetadataAsync(unknown, Key, 1, create: false, cluster.Log, Limit.Token),
                () => session.SetBlobMetadataAsync(unknown, "k", 1, create: true, cluster.Log, Limit.Token),
                () => session.RemoveBlobMetadataAsync(unknown, "k", cluster.Log, Limit.Token),
                () => session.GetBlobEventsAsync(unknown, null, null, cluster.Log, Limit.Token),
                () => session.GetBlobEventsAsync(unknown, "audit", 1000, cluster.Log, Limit.Token),
                () => session.GetBlobChecksumAsync(unknown, SfHashAlgorithm.SHA1, cluster.Log, Limit.Token),
            })
            {
                await SfAssert.ThrowsAsync(SfErrors.BlobNotFound, call);
            }

            ApiRequest data = new(HttpMethod.Get, session.Routes.BlobData(unknown, 0, 1)) { NotFound = SfErrors.BlobDataMissing };
            await SfAssert.ThrowsAsync(SfErrors.BlobDataMissing, () => session.SendAsync(data, cluster.Log, Limit.Token));
        }
    }

    [Theory]
    [InlineData("x", "x: not declared by this endpoint")]
    [InlineData("blob_uuid", "blob_uuid: a body key of this name overwrote the URL path parameter")]
    [InlineData("value", "value: declared required but not supplied")]
    public async Task A_member_that_is_refused_is_reported_without_a_repetition(string member, string error)
    {
        (Cluster cluster, SfSession session, EmulatedBlob blob) = await StartAsync(resilient: true);
        await using (cluster)
        {
            Dictionary<string, object?> body = new() { ["key"] = "k", ["value"] = 1, [member] = member == "value" ? null : "x" };
            ApiRequest request = new(HttpMethod.Post, session.Routes.BlobMetadata(blob.Uuid)) { Body = Json.JsonWriter.Write(body), Repeatable = true };
            SfException e = await SfAssert.ThrowsAsync(SfErrors.RequestRefused, () => session.ReadAsync(request, _ => true, cluster.Log, Limit.Token));
            Assert.Contains(error, e.Message, StringComparison.Ordinal);
            Assert.Equal(1, cluster.Count("POST", "/metadata"));
        }
    }

    [Theory]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task A_refused_offset_is_reported_without_a_repetition(ServerGeneration generation)
    {
        (Cluster cluster, SfSession session, EmulatedBlob blob) = await StartAsync(generation, resilient: true);
        await using (cluster)
        {
            ApiRequest request = new(HttpMethod.Get, new Uri(session.Routes.Blob(blob.Uuid) + "/data?offset=-1"));
            SfException e = await SfAssert.ThrowsAsync(SfErrors.RequestRefused, () => session.SendAsync(request, cluster.Log, Limit.Token));
            Assert.Contains("offset", e.Message, StringComparison.Ordinal);
            Assert.Equal(1, cluster.DataRequests);
        }
    }

    [Theory]
    [InlineData(null, null, 100)]
    [InlineData(null, 1000, 150)]
    [InlineData("audit", 1, 1)]
    public async Task Events_are_limited_by_the_body(string? type, int? limit, int count)
    {
        (Cluster cluster, SfSession session, EmulatedBlob blob) = await StartAsync();
        await using (cluster)
        {
            for (int i = 0; i < 150; i++)
            {
                blob.Events.Add(new JsonObject { ["type"] = "audit" });
            }

            Assert.Equal(count, (await session.GetBlobEventsAsync(blob.Uuid, type, limit, cluster.Log, Limit.Token)).Count);
        }
    }

    [Fact]
    public async Task Without_the_text_of_an_exception_the_status_and_the_request_id_are_reported()
    {
        (Cluster cluster, SfSession session, EmulatedBlob blob) = await StartAsync();
        await using (cluster)
        {
            using IDisposable held = cluster.State.HoldMetadataLock(blob.Uuid);
            SfException json = await SfAssert.ThrowsAsync(SfErrors.ServerError, () => session.SetBlobMetadataAsync(blob.Uuid, "k", 1, create: true, cluster.Log, Limit.Token));
            Assert.EndsWith($": the cluster returned an error: server error (status 500, request id {json.RequestId}).", json.Message, StringComparison.Ordinal);

            foreach (string type in new[] { "text/plain", "application/json", "text/html" })
            {
                cluster.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 500, Body = "server error", ContentType = type });
                SfException text = await SfAssert.ThrowsAsync(SfErrors.ServerError, () => session.GetBlobAsync(blob.Uuid, cluster.Log, Limit.Token));
                Assert.EndsWith($": the cluster returned an error (status 500, request id {text.RequestId}).", text.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_search_can_return_nothing_although_another_blob_has_the_data()
    {
        (Cluster cluster, SfSession session, EmulatedBlob blob) = await StartAsync();
        await using (cluster)
        {
            cluster.State.AddBlob(EmulatedBlob.FromBytes([1, 2, 3]));
            Assert.Equal(blob.Uuid, (await session.FindBlobByHashAsync(SfHashAlgorithm.SHA512, blob.Sha512!, cluster.Log, Limit.Token))?.Uuid);
            blob.State = "error";
            Assert.Null(await session.FindBlobByHashAsync(SfHashAlgorithm.SHA512, blob.Sha512!, cluster.Log, Limit.Token));
        }
    }
}
