using System.Text;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class AnswerTests
{
    private static readonly Guid Uuid = Guid.NewGuid();

    private static async Task<SfException> AskAsync(Func<RawExchange, Task> answer, SfTransportOptions? options = null)
    {
        await using RawServer server = RawServer.StartCluster(answer);
        using SfSession session = await Cluster.ConnectAsync(server.Url, options, "system", false, Cluster.Key, NullLog.Instance);
        return await Assert.ThrowsAsync<SfException>(() => session.GetBlobAsync(Uuid, NullLog.Instance, Limit.Token));
    }

    [Theory]
    [InlineData(400, nameof(SfErrors.RequestRefused))]
    [InlineData(401, nameof(SfErrors.TokenRejected))]
    [InlineData(403, nameof(SfErrors.AccessForbidden))]
    [InlineData(404, nameof(SfErrors.BlobNotFound))]
    [InlineData(405, nameof(SfErrors.MethodNotSupported))]
    [InlineData(406, nameof(SfErrors.NotReady))]
    [InlineData(407, nameof(SfErrors.ProxyFailed))]
    [InlineData(408, nameof(SfErrors.RequestTimeout))]
    [InlineData(409, nameof(SfErrors.StateConflict))]
    [InlineData(418, nameof(SfErrors.UnexpectedStatus))]
    [InlineData(429, nameof(SfErrors.TooManyRequests))]
    [InlineData(500, nameof(SfErrors.ServerError))]
    [InlineData(501, nameof(SfErrors.MethodNotSupported))]
    [InlineData(502, nameof(SfErrors.ServerUnavailable))]
    [InlineData(503, nameof(SfErrors.ServerUnavailable))]
    [InlineData(504, nameof(SfErrors.RequestTimeout))]
    [InlineData(507, nameof(SfErrors.InsufficientResources))]
    [InlineData(599, nameof(SfErrors.ServerError))]
    [InlineData(206, nameof(SfErrors.UnexpectedStatus))]
    public async Task Each_status_has_an_error_with_the_message_of_the_server(int status, string id)
    {
        SfException e = await AskAsync(x => x.SendAsync("""{"error": "so it is", "status": 1}""", status: status));
        Assert.Equal((id, status), (e.Error.Id, e.StatusCode));

        // The message for a missing blob does not repeat the text of the server.
        Assert.Equal(id != nameof(SfErrors.BlobNotFound), e.Message.Contains("so it is", StringComparison.Ordinal));
        Assert.Contains(e.RequestId!, e.Message, StringComparison.Ordinal);
        Assert.Contains(Uuid.ToString(), e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_404_with_a_page_does_not_mean_that_the_blob_is_missing() =>
        Assert.Equal(SfErrors.ResourceNotFound, (await AskAsync(x => x.SendAsync("<html>", "text/html", 404))).Error);

    [Theory]
    [InlineData("""{"error": "a\u001b[31mb\u0007"}""", "a\uFFFD[31mb\uFFFD")]
    [InlineData("""{"message": "no"}""", "no")]
    [InlineData("""{"error": "", "message": "no"}""", "")]
    [InlineData("""{"error": 7}""", "7")]
    [InlineData("""{"error": NaN}""", "NaN")]
    [InlineData("""{"error": {}}""", "")]
    [InlineData("  <html>", "an HTML page, which is not from the API")]
    [InlineData("", null)]
    [InlineData(" \n", null)]
    [InlineData("[1]", null)]
    [InlineData("{\"error\": \"", null)]
    [InlineData("\0\u0001\u0002", null)]
    public void The_text_of_an_error_body_is_found_in_every_format(string body, string? message) =>
        Assert.Equal(message, AnswerErrors.ReasonIn(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public async Task A_long_reason_is_cut_and_a_huge_body_is_not_read_to_its_end()
    {
        SfException e = await AskAsync(x => x.SendAsync($$"""{"error": "{{new string('x', 10_000)}}"}""", status: 500));
        Assert.InRange(e.Message.Length, 300, 600);
        long sent = 0;
        await AskAsync(async x =>
        {
            await x.WriteAsync("HTTP/1.1 500 X\r\nContent-Type: application/json\r\n\r\n");
            byte[] piece = new byte[65536];
            for (; sent < 1L << 40; sent += piece.Length)
            {
                await x.WriteAsync(piece);
            }
        });
        Assert.InRange(sent, 0, 64 << 20);
    }

    [Fact]
    public async Task An_endless_error_body_does_not_delay_the_error()
    {
        SfException e = await AskAsync(
            async x =>
            {
                await x.WriteAsync("HTTP/1.1 500 X\r\nContent-Length: 1000\r\n\r\n{\"error\": ");
                await x.HangAsync();
            },
            Cluster.Quick with { IdleTimeout = TimeSpan.FromMilliseconds(50) });
        Assert.Equal(SfErrors.ServerError, e.Error);
    }

    [Theory]
    [InlineData("null", nameof(SfErrors.InvalidResponse))]
    [InlineData("[]", nameof(SfErrors.InvalidResponse))]
    [InlineData("{}", nameof(SfErrors.InvalidResponse))]
    [InlineData("", nameof(SfErrors.InvalidResponse))]
    [InlineData("{\"uuid\": ", nameof(SfErrors.InvalidResponse))]
    [InlineData("\u0001\u0002", nameof(SfErrors.InvalidResponse))]
    [InlineData(" \n<html>", nameof(SfErrors.UnexpectedContent))]
    public async Task A_body_that_is_not_a_blob_is_reported(string body, string id)
    {
        SfException e = await AskAsync(x => x.SendAsync(body));
        Assert.Equal((id, 200), (e.Error.Id, e.StatusCode));
        Assert.DoesNotContain(e.Message, char.IsControl);
    }

    [Fact]
    public async Task A_body_with_a_content_encoding_is_reported() =>
        Assert.Equal(SfErrors.UnexpectedContent, (await AskAsync(x => x.SendAsync("{}", headers: "Content-Encoding: gzip\r\n"))).Error);

    [Fact]
    public async Task A_body_above_the_size_limit_is_reported_without_reading_it_all()
    {
        SfException e = await AskAsync(async x =>
        {
            await x.WriteAsync("HTTP/1.1 200 X\r\n\r\n");
            byte[] piece = new byte[1 << 20];
            for (int i = 0; i < 1000; i++)
            {
                await x.WriteAsync(piece);
            }
        });
        Assert.Equal(SfErrors.UnexpectedContent, e.Error);
        Assert.Contains("64 MiB", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_body_is_requested_again()
    {
        int asked = 0;
        await using RawServer server = RawServer.StartCluster(x => ++asked < 3
            ? x.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"uuid\": ")
            : x.SendAsync($$"""{"uuid": "{{Uuid}}"}"""));
        using SfSession session = await Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance);
        Assert.Equal(Uuid, (await session.GetBlobAsync(Uuid, NullLog.Instance, Limit.Token)).Uuid);
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task A_body_that_is_always_truncated_is_an_invalid_response_after_three_attempts()
    {
        int asked = 0;
        SfException e = await AskAsync(x =>
        {
            asked++;
            return x.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"uuid\": ");
        });
        Assert.Equal((SfErrors.InvalidResponse, 3), (e.Error, asked));
    }

    [Fact]
    public async Task A_body_that_stalls_is_reported() => Assert.Equal(SfErrors.ResponseStalled, (await AskAsync(
        async x =>
        {
            await x.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{");
            await x.HangAsync();
        },
        Cluster.Quick with { IdleTimeout = TimeSpan.FromMilliseconds(30) })).Error);

    [Fact]
    public async Task Deeply_nested_metadata_makes_neither_a_blob_nor_a_list_unreadable()
    {
        string deep = new string('[', 5_000) + new string(']', 5_000);
        string record = $$$"""{"uuid": "{{{Uuid}}}", "size": 3, "metadata": {"deep": {{{deep}}}, "plain": 1}}""";
        await using RawServer server = RawServer.StartCluster(x => x.SendAsync(x.Path == "/blobs" ? $"[{record}]" : record));
        using SfSession session = await Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance);
        List<SfBlob> blobs = [await session.GetBlobAsync(Uuid, NullLog.Instance, Limit.Token)];
        await foreach (SfBlob listed in session.ListBlobsAsync(NullLog.Instance, Limit.Token))
        {
            blobs.Add(listed);
        }

        Assert.Equal(2, blobs.Count);
        Assert.All(blobs, blob => Assert.Equal((3L, 1L), (blob.Size, blob.Metadata["plain"])));
    }

    [Theory]
    [InlineData("HTTP/1.1 2000 X\r\n\r\n", nameof(SfErrors.UnexpectedContent))]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n", nameof(SfErrors.UnexpectedContent))]
    [InlineData("", nameof(SfErrors.ConnectionFailed))]
    public async Task A_response_that_is_not_HTTP_is_reported(string bytes, string id) => Assert.Equal(id, (await AskAsync(x => x.WriteAsync(bytes))).Error.Id);

    [Theory]
    [InlineData("[{\"uuid\": \"x\"}]")]
    [InlineData("{}")]
    [InlineData("[")]
    [InlineData("null")]
    public async Task A_list_that_is_not_a_list_is_reported(string body)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        SfSession session = await cluster.ConnectAsync();
        cluster.Faults.Add(new Fault { Path = "/blobs", Kind = FaultKind.WrongBody, Body = body });
        await SfAssert.ThrowsAsync(SfErrors.InvalidResponse, async () => await session.ListBlobsAsync(cluster.Log, Limit.Token).GetAsyncEnumerator(Limit.Token).MoveNextAsync());
    }

    [Fact]
    public async Task A_list_is_read_only_as_far_as_requested()
    {
        await using RawServer server = RawServer.StartCluster(async x =>
        {
            await x.WriteAsync($"HTTP/1.1 200 OK\r\n\r\n[{{\"uuid\": \"{Uuid}\"}},");
            await x.HangAsync();
        });
        using SfSession session = await Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance);
        await using IAsyncEnumerator<SfBlob> blobs = session.ListBlobsAsync(NullLog.Instance, Limit.Token).GetAsyncEnumerator(Limit.Token);
        Assert.True(await blobs.MoveNextAsync());
        Assert.Equal(Uuid, blobs.Current.Uuid);
    }
}
