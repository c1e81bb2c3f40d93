using System.IO.Compression;
using System.Text;

namespace ShakenFist.Blobs.Client.Tests.Trust;

/// <summary>Tests bodies that require more memory than their length: unrequested compression, and unlimited nesting.</summary>
public sealed class HostileBodyTests : IDisposable
{
    private const int Levels = 100_000;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Calls.Names), MemberType = typeof(Calls))]
    public async Task No_body_is_decompressed(string call)
    {
        string encoding = "";
        byte[] bomb = Bomb();
        await using RawServer server = RawServer.Start(x => Calls.AnswerAsync(call, x, async y =>
        {
            await y.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {encoding}\r\nContent-Length: {bomb.Length}\r\nConnection: close\r\n\r\n");
            await y.WriteAsync(bomb);
        }));
        foreach (string name in (string[])["gzip", "br", "deflate", "zstd", "GZIP", "identity, gzip", "gzip, gzip", "\u001b[2J"])
        {
            encoding = name;
            SfException e = await Assert.ThrowsAsync<SfException>(() => Calls.MakeAsync(call, server.Url, _folder));
            Assert.Equal(SfErrors.UnexpectedContent, Cause(e));
            Assert.DoesNotContain(e.ToString().Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal), char.IsControl);
        }
    }

    /// <summary>A transfer is retried until its timeout, and reports why the last request failed. A change reports that its outcome is unknown.</summary>
    private static SfError Cause(SfException e) => e.Error == SfErrors.TransferInterrupted || e.Error == SfErrors.OutcomeUnknown ? Assert.IsType<SfException>(e.InnerException).Error : e.Error;

    [Fact]
    public async Task A_compressed_error_keeps_its_status_and_has_no_text()
    {
        byte[] bomb = Bomb();
        await using RawServer server = RawServer.StartCluster(async x =>
        {
            await x.WriteAsync($"HTTP/1.1 400 X\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {bomb.Length}\r\nConnection: close\r\n\r\n");
            await x.WriteAsync(bomb);
        });
        SfException e = await SfAssert.ThrowsAsync(SfErrors.RequestRefused, () => Calls.MakeAsync("blob", server.Url, _folder));
        Assert.Contains("the cluster returned an error (status 400,", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Calls.OnSession), MemberType = typeof(Calls))]
    public async Task Unlimited_nesting_is_an_invalid_response(string call)
    {
        string body = "";
        await using RawServer server = RawServer.StartCluster(x => x.SendAsync(body));
        foreach (string open in (string[])["[", "{\"a\":", "[{\"a\":", "[[NaN,"])
        {
            body = string.Concat(Enumerable.Repeat(open, Levels));
            SfException e = await Assert.ThrowsAsync<SfException>(() => Calls.MakeAsync(call, server.Url, _folder));
            Assert.Contains(Cause(e), new[] { call == "data" ? SfErrors.UnexpectedContent : SfErrors.InvalidResponse, call == "data" ? SfErrors.DataLengthMismatch : SfErrors.InvalidResponse });
        }
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"error\":")]
    public async Task An_error_with_deep_nesting_keeps_its_status(string open)
    {
        string body = string.Concat(Enumerable.Repeat(open, Levels));
        await using RawServer server = RawServer.StartCluster(x => x.SendAsync(body, status: 409));
        await SfAssert.ThrowsAsync(SfErrors.StateConflict, () => Calls.MakeAsync("blob", server.Url, _folder));
    }

    [Fact]
    public async Task A_token_that_no_server_would_accept_is_rejected()
    {
        await using RawServer server = RawServer.Start(x => x.Path == "/" ? x.SendAsync("", "text/html") : x.SendAsync($$"""{"access_token": "{{new string('a', 16 * 1024 + 1)}}"}"""));
        await SfAssert.ThrowsAsync(SfErrors.InvalidResponse, () => Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, NullLog.Instance));
    }

    /// <summary>
    /// A few kilobytes that decompress to ten megabytes. They are created faster than a megabyte that decompresses to a gigabyte, and have the same effect.
    /// </summary>
    private static byte[] Bomb()
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.ASCII.GetBytes(new string(' ', 10 * 1024 * 1024)));
        }

        return packed.ToArray();
    }
}
