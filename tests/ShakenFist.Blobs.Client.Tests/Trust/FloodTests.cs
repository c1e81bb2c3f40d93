using System.Text;

namespace ShakenFist.Blobs.Client.Tests.Trust;

/// <summary>Tests endless responses. The server counts the bytes that are read of them, because bytes that are not read cannot fill the memory.</summary>
public sealed class FloodTests : IDisposable
{
    private const int MiB = 1024 * 1024;

    // The maximum size of the socket buffers of both sides.
    private const int InSockets = 64 * MiB;
    private const string Json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
    private const string Page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The call, the start of its response, the endless rest, the error, and the maximum number of MiB and requests.</summary>
    [Theory]
    [InlineData("blob", "HTTP/1.1 400 X\r\nContent-Type: application/json\r\n\r\n{\"error\": \"", "aaaaaaaa", nameof(SfErrors.RequestRefused), 1, 1)]
    [InlineData("auth", "HTTP/1.1 400 X\r\nContent-Type: application/json\r\nContent-Length: 1099511627776\r\n\r\n", "        ", nameof(SfErrors.RequestRefused), 1, 1)]
    [InlineData("list", "HTTP/1.1 404 X\r\nContent-Type: text/html\r\n\r\n<", "<p>aaaaa", nameof(SfErrors.ResourceNotFound), 1, 1)]
    [InlineData("blob", Json + "\r\n{\"uuid\": \"", "aaaaaaaa", nameof(SfErrors.UnexpectedContent), 65, 1)]
    [InlineData("metadata", Json + "\r\n", "        ", nameof(SfErrors.UnexpectedContent), 65, 1)]
    [InlineData("auth", Json + "\r\n{\"access_token\": \"", "aaaaaaaa", nameof(SfErrors.UnexpectedContent), 65, 1)]
    [InlineData("root", Page + "\r\n<ul>", "<li>a:b,", nameof(SfErrors.UnexpectedContent), 2, 1)]
    [InlineData("list", Json + "\r\n[{\"uuid\": \"", "aaaaaaaa", nameof(SfErrors.InvalidResponse), 17, 1)]
    [InlineData("list", Json + "\r\n[", "[[[[[[[[", nameof(SfErrors.InvalidResponse), 17, 1)]
    [InlineData("list", Json + "\r\n[", "  \n\t  \r ", nameof(SfErrors.InvalidResponse), 17, 1)]
    [InlineData("list", Json + "\r\n[]", "        ", nameof(SfErrors.InvalidResponse), 17, 1)]
    [InlineData("blob", "HTTP/1.1 200 OK\r\n", "X-A: b\r\n", nameof(SfErrors.UnexpectedContent), 1, 1)]
    [InlineData("blob", "HTTP/1.1 200 OK\r\nX-A: ", "aaaaaaaa", nameof(SfErrors.UnexpectedContent), 1, 1)]
    [InlineData("root", "", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", nameof(SfErrors.UnexpectedContent), 1, 1)]
    [InlineData("root", "HTTP/1.1 200 ", "aaaaaaaa", nameof(SfErrors.UnexpectedContent), 1, 1)]
    [InlineData("root", "", "aaaaaaaa", nameof(SfErrors.UnexpectedContent), 1, 1)]
    [InlineData("blob", Json + "Transfer-Encoding: chunked\r\n\r\n2;", "aaaaaaaa", nameof(SfErrors.InvalidResponse), 1, 3)]
    [InlineData("blob", Json + "Transfer-Encoding: chunked\r\n\r\n", "00000000", nameof(SfErrors.InvalidResponse), 1, 3)]
    [InlineData("blob", Json + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", "X-A: b\r\n", nameof(SfErrors.InvalidResponse), 1, 3)]
    [InlineData("data", "HTTP/1.1 200 OK\r\n\r\n", "aaaaaaaa", nameof(SfErrors.DataLengthMismatch), 1, 6)]
    public async Task An_endless_response_is_cancelled(string call, string begins, string goesOn, string error, int maxMiB, int requests)
    {
        long sent = 0;
        int floods = 0;
        byte[] block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(goesOn, 8192)));
        await using RawServer server = RawServer.Start(x => Calls.AnswerAsync(call, x, FloodAsync));
        SfException e = await Assert.ThrowsAsync<SfException>(() => Calls.MakeAsync(call, server.Url, _folder));
        Assert.Equal(error, e.Error.Id);
        Assert.InRange(e.Message.Length, 20, 1000);
        Assert.InRange(floods, 1, requests);
        Assert.InRange(Interlocked.Read(ref sent), 0, requests * ((maxMiB * (long)MiB) + InSockets));

        async Task FloodAsync(RawExchange exchange)
        {
            Interlocked.Increment(ref floods);
            await exchange.WriteAsync(begins);
            while (true)
            {
                // Ends when the client disconnects. The server has no limits, because those of the client are tested.
                await exchange.WriteAsync(block);
                Interlocked.Add(ref sent, block.Length);
            }
        }
    }

    [Fact]
    public async Task An_endless_list_is_returned_and_the_stored_blobs_are_limited()
    {
        // Each blob is as large as permitted. Five thousand of them would be 80 GB.
        string filler = new('x', MiB);
        await using RawServer server = RawServer.StartCluster(async exchange =>
        {
            await exchange.WriteAsync(Json + "\r\n[");
            while (true)
            {
                await exchange.WriteAsync($$$"""{"uuid": "{{{Guid.NewGuid()}}}", "metadata": {"k": "{{{filler}}}"}},""");
            }
        });
        using SfSession session = await Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance);
        int seen = 0;
        await foreach (SfBlob _ in session.ListBlobsAsync(NullLog.Instance, Limit.Token))
        {
            if (++seen == 100)
            {
                break;
            }
        }

        Assert.Equal(100, seen);
        Assert.InRange(session.Seen.All.Count(), 1, Session.SeenBlobs.MaxBytes / MiB);
    }

    [Fact]
    public async Task Only_a_limited_number_of_blobs_of_a_list_is_stored()
    {
        string element = $$"""{"uuid": "00000000-0000-4000-8000-""";
        await using RawServer server = RawServer.StartCluster(exchange => exchange.SendAsync(
            "[" + string.Join(',', Enumerable.Range(0, 6000).Select(i => $"{element}{i:x12}\"}}")) + "]"));
        using SfSession session = await Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance);
        int seen = 0;
        await foreach (SfBlob _ in session.ListBlobsAsync(NullLog.Instance, Limit.Token))
        {
            seen++;
        }

        Assert.Equal((6000, 5000), (seen, session.Seen.All.Count()));
    }
}
