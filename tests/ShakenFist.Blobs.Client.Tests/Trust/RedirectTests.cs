using System.Globalization;

namespace ShakenFist.Blobs.Client.Tests.Trust;

/// <summary>Tests that redirects are not followed. The only exception, an API that has moved, has separate tests.</summary>
public sealed class RedirectTests : IDisposable
{
    private static readonly int[] Statuses = [301, 302, 303, 307, 308, 300];

    private readonly TempFolder _folder = new();
    private readonly OtherServer _bystander = new();

    public void Dispose()
    {
        _folder.Dispose();
        _bystander.Dispose();
    }

    [Theory]
    [MemberData(nameof(Calls.Names), MemberType = typeof(Calls))]
    public async Task No_call_follows_a_redirect_to_anywhere_else(string call)
    {
        string location = "";
        int status = 0;
        await using RawServer server = RawServer.Start(x => Calls.AnswerAsync(call, x, y => y.SendAsync("<html>", "text/html", status, $"Location: {location}\r\n")));
        int turn = 0;
        foreach (string target in Targets(server.Port))
        {
            // Each target is used with two statuses, and each status with many targets.
            foreach (int offset in (int[])[0, 3])
            {
                (location, status) = (target, Statuses[(turn + offset) % Statuses.Length]);
                SfException e = await SfAssert.ThrowsAsync(SfErrors.UnexpectedRedirect, () => Calls.MakeAsync(call, server.Url, _folder));
                Assert.DoesNotContain("pa55word", e.ToString(), StringComparison.Ordinal);
            }

            turn++;
        }

        _bystander.HasSeenNobody();
        _folder.ContainsNothingOrResumableTransfers();
        Assert.All(server.Heads, head => Assert.Contains($"Host: 127.0.0.1:{server.Port}", head, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Calls.Names), MemberType = typeof(Calls))]
    public async Task No_call_follows_a_redirect_from_https_to_http(string call)
    {
        using Certificates certificates = new();
        SfTransportOptions options = Cluster.Quick with { CertificateAuthorityPath = _folder.Write("ca.pem", System.Text.Encoding.ASCII.GetBytes(certificates.Pem)) };
        await using RawServer server = RawServer.Start(x => Calls.AnswerAsync(call, x, y => y.SendAsync("", "text/html", 302, $"Location: http://127.0.0.1:{_bystander.Port}/\r\n")));
        await using RawServer front = TlsFront.Start(server, certificates.Issue("127.0.0.1"));
        await SfAssert.ThrowsAsync(SfErrors.UnexpectedRedirect, () => Calls.MakeAsync(call, front.Url, _folder, options));
        _bystander.HasSeenNobody();
    }

    [Fact]
    public async Task If_the_API_has_moved_on_its_host_the_key_is_sent_only_to_the_new_address()
    {
        await using RawServer moved = RawServer.StartCluster(x => x.SendAsync("{}"));
        await using RawServer old = RawServer.Start(x => x.SendAsync("", "text/html", 301, $"Location: http://127.0.0.1:{moved.Port}/\r\n"));
        using SfSession session = await Cluster.ConnectAsync(old.Url, null, "system", false, Cluster.Key, NullLog.Instance);
        Assert.Equal(moved.Url, session.ApiUrl);
        Assert.StartsWith("GET / ", Assert.Single(old.Heads), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_one_redirect_of_the_base_URL_is_followed()
    {
        await using RawServer second = RawServer.Start(x => x.SendAsync("", "text/html", 301, $"Location: http://127.0.0.1:{_bystander.Port}/\r\n"));
        await using RawServer first = RawServer.Start(x => x.SendAsync("", "text/html", 301, $"Location: http://127.0.0.1:{second.Port}/\r\n"));
        await SfAssert.ThrowsAsync(SfErrors.UnexpectedRedirect, () => Cluster.ConnectAsync(first.Url, null, "system", false, Cluster.Key, NullLog.Instance));
        _bystander.HasSeenNobody();
    }

    [Theory]
    [InlineData("%1B%5B2J")]
    [InlineData("%E2%80%AEgnp")]
    [InlineData("%C2%9B31m")]
    [InlineData("a%0Ab")]
    [InlineData("\u001b[2J")]
    public async Task A_new_address_that_could_control_a_terminal_is_rejected_or_escaped(string path)
    {
        string location = "";
        await using RawServer server = RawServer.Start(x => x.Path == "/" ? x.SendAsync("", "text/html", 301, $"Location: {location}\r\n")
            : x.Path.EndsWith("/auth", StringComparison.Ordinal) ? x.SendAsync("""{"access_token": "t0k3n-that-is-a-canary"}""") : x.SendAsync("<ul>", "text/html"));
        location = $"{server.Url}{path}";
        RecordingLog log = new();
        string shown;
        try
        {
            using SfSession session = await Cluster.ConnectAsync(server.Url, null, "system", false, Cluster.Key, log);
            shown = $"{session}{session.ApiUrl}{log.Everything}";
        }
        catch (SfException e)
        {
            Assert.Equal(SfErrors.UnexpectedRedirect, e.Error);
            shown = e.Message + log.Everything;
        }

        Assert.DoesNotContain(shown.Replace("\n", "", StringComparison.Ordinal), c => char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format);
    }

    /// <summary>Another host on this computer, and URLs that could be misinterpreted.</summary>
    private IEnumerable<string> Targets(int port)
    {
        int other = _bystander.Port;
        return
        [
            $"http://localhost:{other}/", $"https://localhost:{other}/api", $"//localhost:{other}/", $"///localhost:{other}/",
            $"http://127.0.0.1:{port}@localhost:{other}/", $"http://user:pa55word@127.0.0.1:{other}/", $"http://user:pa55word@127.0.0.1:{port}/x",
            $"http:\\\\localhost:{other}\\", $"\\\\localhost:{other}\\x", $"http:/\\localhost:{other}/", $"http://localhost:{other}\\@127.0.0.1:{port}/",
            $"http://[::1]:{other}/", $"http://localhost.:{other}/", $"http://127.0.0.1.:{other}/", $"ws://127.0.0.1:{other}/", $"ftp://127.0.0.1:{other}/",
            "file:///etc/passwd", "javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "about:blank", "mailto:a@example.com", "http:", "http://[", "http://%00/", "",
        ];
    }
}
