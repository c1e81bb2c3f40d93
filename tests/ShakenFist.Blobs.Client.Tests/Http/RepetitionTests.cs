using System.Net;
using System.Net.Sockets;
using System.Text;
using ShakenFist.Blobs.Client.Tests.Trust;
using ShakenFist.Blobs.Http;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>
/// Counts how often each request arrives at the server if it fails. Any layer can send a request again: .NET, the retrying handler, the session, or the caller.
/// </summary>
public sealed class RepetitionTests
{
    private const string Body = "{\"name\": \"value\"}";
    private static readonly Guid Uuid = Guid.Parse("5f000001-0000-4000-8000-000000000001");

    /// <summary>
    /// How often a call that reads one object arrives if the connection is closed before the first byte of the response, if the status is 503, and if the response is cut
    /// off. Without content, .NET sends each of the five attempts four times.
    /// </summary>
    private static readonly (int Closed, int Unavailable, int Truncated) Reading = (20, 5, 3);

    /// <summary>The numbers of the other calls.</summary>
    private static readonly Dictionary<string, (int Closed, int Unavailable, int Truncated)> Others = new()
    {
        [Calls.Root] = (8, 2, 1),
        [Calls.Auth] = (5, 5, 1),

        // Elements of a list have already been returned when it is cut off.
        ["list"] = (20, 5, 1),
        ["artifacts"] = (20, 5, 1),
        ["instances"] = (20, 5, 1),
        ["events"] = (5, 5, 3),

        // The last write of a key wins, so a repeated write or deletion has the same effect as one that arrives later.
        ["metadata put"] = (5, 5, 3),
        ["metadata post"] = (5, 5, 3),
        ["metadata delete"] = (20, 5, 3),
        ["metadata delete in body"] = (5, 5, 3),

        // A change of an artifact is sent once. Then the artifact is requested to see whether the change was made.
        ["artifact delete"] = (21, 6, 4),
        ["max versions"] = (21, 6, 4),
        ["snapshot"] = (1, 1, 1),

        // The transfer retries data requests. Here its retry timeout is 0.
        ["data"] = (4, 1, 1),
    };

    public static TheoryData<string> RepeatableCalls => [.. Calls.Names.Select(row => row.Data).Union(Others.Keys)];

    /// <summary>The methods of requests that change something, with and without a body.</summary>
    public static TheoryData<string, string?> Changes => new()
    {
        { "DELETE", null }, { "DELETE", Body }, { "POST", null }, { "POST", Body }, { "PUT", null }, { "PUT", Body },
    };

    private static Task<SfSession> ConnectAsync(Uri url, SfTransportOptions? options = null) =>
        Cluster.ConnectAsync(url, options, "system", resilient: true, Cluster.Key, NullLog.Instance);

    private static ApiRequest Change(SfSession session, string method, string? body, bool repeatable = false)
    {
        ApiRequest request = new(new HttpMethod(method), session.Routes.Blob(Uuid)) { Body = body is null ? null : Encoding.UTF8.GetBytes(body) };
        return repeatable ? request with { Repeatable = true } : request;
    }

    private static Task ReadAsync(SfSession session, ApiRequest request) => session.ReadAsync(request, _ => true, NullLog.Instance, Limit.Token);

    private static Task TruncateAsync(RawExchange exchange) => exchange.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[");

    [Theory]
    [MemberData(nameof(RepeatableCalls))]
    public async Task A_call_that_can_be_repeated_arrives_as_often_as_stated(string call)
    {
        (int closed, int unavailable, int truncated) = Others.GetValueOrDefault(call, Reading);
        Assert.Equal(closed, await CountAsync(call, _ => Task.CompletedTask));
        Assert.Equal(unavailable, await CountAsync(call, x => x.SendAsync("", status: 503)));
        Assert.Equal(truncated, await CountAsync(call, TruncateAsync));
    }

    private static async Task<int> CountAsync(string call, Func<RawExchange, Task> answer)
    {
        int arrivals = 0;
        await using RawServer server = RawServer.Start(x => Calls.AnswerAsync(call, x, y =>
        {
            Interlocked.Increment(ref arrivals);
            return answer(y);
        }));
        using TempFolder folder = new();
        await Assert.ThrowsAsync<SfException>(async () =>
        {
            using SfSession session = await ConnectAsync(server.Url);
            await (call switch
            {
                "metadata delete in body" => session.RemoveBlobMetadataAsync(Uuid, "a/b", NullLog.Instance, Limit.Token),
                "data" => session.SaveBlobDataAsync(
                    new SfBlob { Uuid = Uuid, Size = 1000, State = "created" }, folder.Target, Cluster.Save with { RetryTimeout = TimeSpan.Zero }, NullLog.Instance, Limit.Token),
                _ => Calls.MakeAsync(call, session, folder),
            });
        });
        return arrivals;
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_change_that_is_not_marked_as_repeatable_is_sent_once(string method, string? body)
    {
        foreach ((Func<RawExchange, Task> answer, SfError error) in new (Func<RawExchange, Task>, SfError)[]
        {
            (_ => Task.CompletedTask, SfErrors.ConnectionFailed),
            (x => x.ResetAsync(), SfErrors.ConnectionFailed),
            (x => x.WriteAsync("HTTP/1.1 200"), SfErrors.ConnectionFailed),
            (x => x.SendAsync("", status: 408), SfErrors.RequestTimeout),
            (x => x.SendAsync("", status: 500), SfErrors.ServerError),
            (x => x.SendAsync("", status: 503, headers: "Retry-After: 0\r\n"), SfErrors.ServerUnavailable),
            (x => x.SendAsync("<html>", "text/html"), SfErrors.UnexpectedContent),
            (TruncateAsync, SfErrors.InvalidResponse),
        })
        {
            await using RawServer server = RawServer.StartCluster(answer);
            using SfSession session = await ConnectAsync(server.Url);
            SfException e = await SfAssert.ThrowsAsync(error, () => ReadAsync(session, Change(session, method, body)));
            Assert.True(e.OutcomeUnknown, e.Message);
            Assert.Single(server.Heads, head => head.StartsWith(method + " /blobs/", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_change_without_a_response_is_sent_once()
    {
        await using RawServer server = RawServer.StartCluster(x => x.HangAsync());
        using SfSession session = await ConnectAsync(server.Url, Cluster.Quick with { AttemptTimeout = TimeSpan.FromSeconds(3) });
        SfException e = await SfAssert.ThrowsAsync(SfErrors.RequestTimeout, () => ReadAsync(session, Change(session, "DELETE", null)));
        Assert.True(e.OutcomeUnknown);
        Assert.Single(server.Heads, head => head.StartsWith("DELETE", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_change_that_is_marked_as_repeatable_is_sent_again(string method, string? body)
    {
        await using RawServer server = RawServer.StartCluster(x => x.SendAsync("", status: 503));
        using SfSession session = await ConnectAsync(server.Url);
        await SfAssert.ThrowsAsync(SfErrors.ServerUnavailable, () => ReadAsync(session, Change(session, method, body, repeatable: true)));
        Assert.Equal(5, server.Heads.Count(head => head.StartsWith(method + " /blobs/", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_change_on_a_connection_that_was_used_before_is_sent_once(string method, string? body)
    {
        int arrivals = 0;
        int connections = 0;
        await using RawServer server = RawServer.StartCluster(async x =>
        {
            Interlocked.Increment(ref connections);
            await x.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nnull");
            if (await x.ReadAsync())
            {
                Interlocked.Increment(ref arrivals);
            }
        });
        using SfSession session = await ConnectAsync(server.Url);
        await ReadAsync(session, new ApiRequest(HttpMethod.Get, session.Routes.Blobs));
        await SfAssert.ThrowsAsync(SfErrors.ConnectionFailed, () => ReadAsync(session, Change(session, method, body)));
        Assert.Equal((1, 1), (connections, arrivals));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_change_that_was_not_sent_because_the_connection_was_refused_is_sent_later(string method, string? body)
    {
        int dialed = 0;
        await using RawServer server = RawServer.StartCluster(x => x.SendAsync("null"));
        SfTransportOptions options = Cluster.Quick with
        {
            AddressRace = new AddressRace(Dns.GetHostAddressesAsync, (address, token) => Interlocked.Increment(ref dialed) is > 2 and < 7
                ? throw new SocketException((int)SocketError.ConnectionRefused)
                : AddressRace.ConnectSocketAsync(address, token), TimeProvider.System),
        };
        using SfSession session = await ConnectAsync(server.Url, options);
        await ReadAsync(session, Change(session, method, body));
        Assert.Equal(7, dialed);
        Assert.Single(server.Heads, head => head.StartsWith(method + " /blobs/", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_change_whose_token_is_rejected_is_sent_with_a_new_token_and_then_not_again(string method, string? body)
    {
        await using RawServer server = RawServer.StartCluster(x => x.SendAsync("{\"error\": \"Signature has expired\", \"status\": 401}", status: 401));
        using SfSession session = await ConnectAsync(server.Url);
        SfException e = await SfAssert.ThrowsAsync(SfErrors.TokenRejected, () => ReadAsync(session, Change(session, method, body)));
        Assert.False(e.OutcomeUnknown);
        Assert.Equal(2, server.Heads.Count(head => head.StartsWith(method + " /blobs/", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(429)]
    [InlineData(302)]
    public async Task A_change_that_is_rejected_had_no_effect(int status)
    {
        await using RawServer server = RawServer.StartCluster(x => x.SendAsync("{}", status: status));
        using SfSession session = await ConnectAsync(server.Url);
        SfException e = await Assert.ThrowsAsync<SfException>(() => ReadAsync(session, Change(session, "DELETE", null)));
        Assert.False(e.OutcomeUnknown);
        Assert.Single(server.Heads, head => head.StartsWith("DELETE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_that_could_not_be_sent_had_no_effect()
    {
        await using UnreliableCluster cluster = await UnreliableCluster.StartAsync();
        await cluster.OpenCircuitAsync(isRefused: true);
        SfException open = await SfAssert.ThrowsAsync(SfErrors.ClusterUnreachable, () => ReadAsync(cluster.Session, Change(cluster.Session, "DELETE", null)));
        Assert.False(open.OutcomeUnknown);
        cluster.Session.BeginCommand();
        SfException refused = await SfAssert.ThrowsAsync(SfErrors.ConnectionFailed, () => ReadAsync(cluster.Session, Change(cluster.Session, "DELETE", null)));
        Assert.False(refused.OutcomeUnknown);
        cluster.Session.Dispose();
        SfException closed = await SfAssert.ThrowsAsync(SfErrors.SessionClosed, () => ReadAsync(cluster.Session, Change(cluster.Session, "DELETE", null)));
        Assert.False(closed.OutcomeUnknown);
    }

    [Fact]
    public async Task A_content_of_length_0_is_sent_only_with_a_change_that_must_not_be_repeated()
    {
        await using RawServer server = RawServer.StartCluster(x => x.SendAsync("null"));
        using SfSession session = await ConnectAsync(server.Url);
        await ReadAsync(session, Change(session, "DELETE", null));
        await ReadAsync(session, Change(session, "DELETE", null, repeatable: true));
        await ReadAsync(session, new ApiRequest(HttpMethod.Get, session.Routes.Blobs));
        Assert.Equal([true, false, false], server.Heads.Where(head => head.Contains(" /blobs", StringComparison.Ordinal))
            .Select(head => head.Contains("Content-Length: 0\r\n", StringComparison.Ordinal)));
        Assert.DoesNotContain(server.Heads, head => head.Contains("chunked", StringComparison.OrdinalIgnoreCase));
    }
}
