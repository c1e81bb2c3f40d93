using System.Globalization;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Servers whose responses to uploads are made to harm: nothing is published, memory and time are limited, and no secret is sent elsewhere.</summary>
public sealed class HostileUploadTests : IDisposable
{
    private const string Upload = "11111111-2222-4333-8444-555555555555";
    private static readonly string Created = $$"""{"uuid": "{{Upload}}", "state": "created"}""";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("9223372036854775808")]
    [InlineData("1e308")]
    [InlineData("-1")]
    [InlineData("[]")]
    [InlineData("{\"size\": 10}")]
    public async Task A_size_that_is_not_possible_is_never_accepted(string size) => await FailsAsync(
        SfErrors.TransferInterrupted,
        x => x.SendAsync(size));

    [Fact]
    public async Task An_endless_response_is_given_up() => await FailsAsync(
        SfErrors.TransferInterrupted,
        async x =>
        {
            await x.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n");
            byte[] more = new byte[1 << 20];
            Array.Fill(more, (byte)' ');
            while (true)
            {
                await x.WriteAsync(more);
            }
        });

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using RawServer other = RawServer.Start(x => x.SendAsync("10"));

        await FailsAsync(SfErrors.UnexpectedRedirect, x => x.SendAsync("", status: 307, headers: $"Location: {other.Url}upload/{Upload}\r\n"));

        Assert.Empty(other.Heads);
    }

    [Fact]
    public async Task A_server_that_claims_to_have_published_something_else_is_not_believed()
    {
        byte[] content = Download.Random(1000);
        string blob = "22222222-2222-4333-8444-555555555555";
        string artifact = $$$"""{"uuid": "33333333-2222-4333-8444-555555555555", "state": "created", "artifact_type": "other", "blob_uuid": "{{{blob}}}", "index": 1, "blobs": {"1": {"uuid": "{{{blob}}}", "size": 1000} } }""";
        List<string> published = [];
        await using RawServer server = RawServer.StartCluster(x => x.Path switch
        {
            "/artifacts" => x.SendAsync("[]"),
            "/upload" => x.SendAsync(Created),
            $"/upload/{Upload}" => x.SendAsync("1000"),
            "/blobs/22222222-2222-4333-8444-555555555555" => x.SendAsync($$"""{"uuid": "{{blob}}", "state": "created", "size": 1000, "sha512": "{{new string('a', 128)}}"} """),
            _ when x.Path.StartsWith("/artifacts/upload/", StringComparison.Ordinal) => Publish(x),
            _ => x.SendAsync("null"),
        });

        await SfAssert.ThrowsAsync(SfErrors.HashMismatch, () => PublishAsync(server, content));

        Assert.Equal(["/artifacts/upload/sf-staging-"], published.Select(path => path[..29]));

        Task Publish(RawExchange x)
        {
            published.Add(x.Path);
            return x.SendAsync(artifact);
        }
    }

    private async Task FailsAsync(SfError error, Func<RawExchange, Task> answerAppend)
    {
        List<string> published = [];
        await using RawServer server = RawServer.StartCluster(x => x.Path switch
        {
            "/artifacts" => x.SendAsync("[]"),
            "/upload" => x.SendAsync(Created),
            _ when x.Path.StartsWith("/artifacts/upload/", StringComparison.Ordinal) => Publish(x),
            _ when x.Path.StartsWith("/upload/", StringComparison.Ordinal) => answerAppend(x),
            _ => x.SendAsync("null"),
        });

        await SfAssert.ThrowsAsync(error, () => PublishAsync(server, Download.Random(1000)));

        Assert.Empty(published);

        Task Publish(RawExchange x)
        {
            published.Add(x.Path);
            return x.SendAsync("null");
        }
    }

    private async Task PublishAsync(RawServer server, byte[] content)
    {
        SfTransportOptions options = Cluster.Quick with { IdleTimeout = TimeSpan.FromSeconds(2), ServerTimeLimit = TimeSpan.FromSeconds(1), RetryDelay = TimeSpan.FromMilliseconds(50) };
        using SfSession session = await Cluster.ConnectAsync(server.Url, options, "banana", resilient: false, Cluster.Key, NullLog.Instance);
        SfArtifactPublishOptions publish = new() { Name = "x", RetryTimeout = TimeSpan.FromSeconds(1), StateDirectory = _folder.At("state") };
        await session.PublishFileAsync(_folder.Write(string.Create(CultureInfo.InvariantCulture, $"file{content.Length}"), content), publish, null, NullLog.Instance, Limit.Token);
    }
}
