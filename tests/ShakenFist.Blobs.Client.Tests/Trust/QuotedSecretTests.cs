using System.Text;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests.Trust;

/// <summary>Tests servers and front ends that quote the request, including key and token, anywhere in a response.</summary>
public sealed class QuotedSecretTests : IDisposable
{
    // Contains characters that are encoded in JSON, URLs, and Base64.
    private const string Key = "canary\"Key+/=ü-0123456789";
    private const string Token = "canary.T0k3n+/=\"<>~0123456789";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The responses that quote TOKEN, by name. Text instead of a whole response is sent unchanged.</summary>
    public static TheoryData<string> Quoting =>
    [
        "HTTP/1.1 400 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"error\": \"in: Authorization: Bearer JSONTOKEN\"}",
        "HTTP/1.1 500 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"message\": \"JSONTOKEN\"}",
        "HTTP/1.1 400 X\r\nX-Request-ID: TOKEN\r\nServer: TOKEN\r\nRetry-After: TOKEN\r\nDate: TOKEN\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 X\r\nX-Request-ID: a TOKEN b\r\nContent-Encoding: TOKEN\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        "HTTP/1.1 302 X\r\nLocation: /login?next=URLTOKEN\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 302 X\r\nLocation: /URLTOKEN\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 302 X\r\nLocation: https://example.com/URLTOKEN\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 X\r\nAuthorization TOKEN\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 X\r\n(TOKEN): x\r\nContent-Length: 0\r\n\r\n",
        "TOKEN\r\n\r\n",
        "HTTP/1.1 TOKEN\r\n\r\n",
        "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nTOKEN\r\n",
        "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\nTOKEN",
        "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"error\": \"JSONTOKEN\"}",
        "HTTP/1.1 401 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"error\": \"no such token: JSONTOKEN\"}",
        "HTTP/1.1 400 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"error\": \"PADDINGJSONTOKEN\"}",
    ];

    [Theory]
    [MemberData(nameof(Quoting))]
    public async Task A_quoted_token_is_not_repeated(string answer)
    {
        string quoting = answer.Replace("PADDING", new string('.', ServerText.DefaultLength - 10), StringComparison.Ordinal)
            .Replace("JSONTOKEN", System.Text.Json.JsonEncodedText.Encode(Token).ToString(), StringComparison.Ordinal)
            .Replace("URLTOKEN", Uri.EscapeDataString(Token), StringComparison.Ordinal).Replace("TOKEN", Token, StringComparison.Ordinal);
        await using RawServer server = Start(x => x.WriteAsync(quoting));
        foreach (bool resilient in (bool[])[false, true])
        {
            RecordingLog log = new();
            using SfSession session = await Cluster.ConnectAsync(server.Url, null, "system", resilient, Key, log);
            SfBlob blob = new() { Uuid = Guid.NewGuid(), Size = 1000, State = "created" };
            SfException[] errors =
            [
                await Assert.ThrowsAsync<SfException>(() => session.GetBlobAsync(blob.Uuid, log, Limit.Token)),
                await Assert.ThrowsAsync<SfException>(() => session.SaveBlobDataAsync(blob, _folder.Target, Cluster.Save, log, Limit.Token)),
            ];
            AssertSilent([log.Everything, .. errors.Select(Told)]);
            Assert.All(errors, e => Assert.DoesNotContain(Told(e), c => char.IsControl(c) && c is not ('\n' or '\r')));
        }
    }

    [Theory]
    [InlineData("{\"error\": \"unknown argument in {\\\"namespace\\\": \\\"system\\\", \\\"key\\\": \\\"ESCAPED\\\"}\"}")]
    [InlineData("{\"error\": \"JSONKEY\"}")]
    public async Task A_quoted_key_is_not_repeated(string body)
    {
        string inJson = System.Text.Json.JsonEncodedText.Encode(Key).ToString();
        string quoting = body.Replace("JSONKEY", inJson, StringComparison.Ordinal).Replace("ESCAPED", System.Text.Json.JsonEncodedText.Encode(inJson).ToString(), StringComparison.Ordinal);
        await using RawServer server = RawServer.Start(x => x.Path == "/" ? x.SendAsync("", "text/html") : x.SendAsync(quoting, status: 400));
        RecordingLog log = new();
        SfException e = await Assert.ThrowsAsync<SfException>(() => Cluster.ConnectAsync(server.Url, null, "system", false, Key, log));
        Assert.Contains("[secret]", e.Message, StringComparison.Ordinal);
        AssertSilent([log.Everything, Told(e)]);
    }

    [Fact]
    public async Task The_files_of_an_interrupted_transfer_contain_no_secret()
    {
        int requests = 0;
        await using RawServer server = Start(async x =>
        {
            // A first block is received, so that there is a journal. Then no more data is sent.
            if (Interlocked.Increment(ref requests) == 1)
            {
                await x.WriteAsync($"HTTP/1.1 200 OK\r\nX-Request-ID: {Token}\r\nContent-Length: {3 << 20}\r\n\r\n");
                await x.WriteAsync(new byte[(2 << 20) + 100_000]);
            }
        });
        RecordingLog log = new();
        using SfSession session = await Cluster.ConnectAsync(server.Url, null, "system", false, Key, log);
        SfBlob blob = new() { Uuid = Guid.NewGuid(), Size = 3 << 20, State = "created", Sha512 = new string('0', 128) };
        await SfAssert.ThrowsAsync(SfErrors.TransferInterrupted, () => session.SaveBlobDataAsync(blob, _folder.Target, Cluster.Save, log, Limit.Token));
        string journal = await File.ReadAllTextAsync(_folder.Target + TransferJournal.Suffix, Limit.Token);
        Assert.Contains(blob.Uuid.ToString(), journal, StringComparison.Ordinal);
        AssertSilent([log.Everything, journal, .. Directory.GetFiles(_folder.Path).Select(Path.GetFileName).OfType<string>()]);
    }

    [Fact]
    public void Settings_options_and_tokens_have_no_secret_in_their_text()
    {
        SfTransportOptions options = new() { Proxy = new Uri($"http://user:{Uri.EscapeDataString(Key)}@proxy"), ProxyCredential = new System.Net.NetworkCredential("user", Key) };
        SfConnectionSettings settings = new(new Uri("https://sf.example.com"), "system", Key, "the test");
        AssertSilent([$"{options}", $"{settings}", $"{new Session.AccessToken(Token, null)}", System.Text.Json.JsonSerializer.Serialize(settings)]);
    }

    [Theory]
    [InlineData("https://user:canary-pa55word@host/", true)]
    [InlineData("user:canary-pa55word@host", true)]
    [InlineData("htps://user:canary-pa55word@host/api?x", true)]
    [InlineData("https://host/?canary", false)]
    public void A_URL_that_can_contain_a_password_is_rejected_without_repeating_it(string address, bool isSilent)
    {
        SfException e = SfAssert.Throws(SfErrors.ApiUrlInvalid, () => Routes.ParseApiUrl(address));
        Assert.Equal(isSilent, !e.ToString().Contains("canary", StringComparison.Ordinal));
    }

    /// <summary>The ways in which programs write a text into another one.</summary>
    private static readonly Dictionary<string, Func<string, string>> Encodings = new(StringComparer.Ordinal)
    {
        ["as it is"] = text => text,
        ["HTML"] = text => System.Net.WebUtility.HtmlEncode(text),
        ["HTML with apostrophes"] = text => Replace(text, "&", "&amp;", "\"", "&quot;", "'", "&#x27;", "<", "&lt;", ">", "&gt;"),
        ["HTML in numbers"] = text => string.Concat(text.EnumerateRunes().Select(rune => $"&#{rune.Value};")),
        ["JSON of .NET"] = text => System.Text.Json.JsonEncodedText.Encode(text).ToString(),
        ["JSON of Python"] = text => string.Concat(text.Select(c => c is '"' or '\\' ? $"\\{c}" : c is >= ' ' and <= '~' ? c.ToString() : $"\\u{(int)c:x4}")),
        ["JSON with UTF-8"] = text => Replace(text, "\\", "\\\\", "\"", "\\\"", "/", "\\/", "\n", "\\n"),
        ["repr of Python"] = text => Replace(text, "\\", "\\\\", "'", "\\'", "\n", "\\n"),
        ["repr of Python in ASCII"] = text => string.Concat(text.EnumerateRunes().Select(rune => rune.Value switch { '\\' or '\'' => $"\\{rune}", >= ' ' and <= '~' => rune.ToString(), <= 0xff => $"\\x{rune.Value:x2}", <= 0xffff => $"\\u{rune.Value:x4}", _ => $"\\U{rune.Value:x8}" })),
        ["repr of bytes"] = text => string.Concat(Encoding.UTF8.GetBytes(text).Select(b => b is (byte)'\\' or (byte)'\'' ? $"\\{(char)b}" : b is >= 32 and <= 126 ? ((char)b).ToString() : $"\\x{b:x2}")),
        ["URL"] = Uri.EscapeDataString,
        ["URL in lower case"] = text => System.Text.RegularExpressions.Regex.Replace(Uri.EscapeDataString(text), "%[0-9A-F]{2}", escape => $"%{Convert.ToInt32(escape.Value[1..], 16):x2}"),
        ["URL, all bytes"] = text => string.Concat(Encoding.UTF8.GetBytes(text).Select(b => $"%{b:x2}")),
        ["form"] = text => System.Net.WebUtility.UrlEncode(text),
        ["Latin-1"] = text => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text)),
        ["Base64"] = text => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)),
        ["Base64 for URLs"] = text => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).Replace('+', '-').Replace('/', '_').TrimEnd('='),
        ["Base64 of a user and a password"] = text => Convert.ToBase64String(Encoding.UTF8.GetBytes("me:" + text)),
        ["Base64 of a form"] = text => Convert.ToBase64String(Encoding.UTF8.GetBytes("key=" + text + "&namespace=x")),
        ["Base64 of JSON"] = text => Convert.ToBase64String(Encoding.UTF8.GetBytes("{\"key\":\"" + System.Text.Json.JsonEncodedText.Encode(text) + "\"}")),
    };

    public static TheoryData<string, string> Pairs => [.. Encodings.Keys.SelectMany(_ => Encodings.Keys, (inner, outer) => (inner, outer))
        .Where(pair => pair.inner == "as it is" || !(pair.inner == "Latin-1" || pair.outer.StartsWith("Base64", StringComparison.Ordinal)))];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_secret_is_not_repeated_in_any_encoding(string inner, string outer)
    {
        foreach (string secret in (string[])[Key, Token, "it's \"quoted\" & <b>", "C:\\new\\table\n50%25", "Schlüssel 🔑 mit+plus ~ &amp; %41"])
        {
            Secrets secrets = new();
            secrets.Add(secret);
            string quoted = Encodings[outer](Encodings[inner](secret));
            string shown = secrets.Show($"before {quoted} after", int.MaxValue);
            Assert.StartsWith("before ", shown, StringComparison.Ordinal);
            Assert.EndsWith(" after", shown, StringComparison.Ordinal);
            Assert.Contains("[secret]", shown, StringComparison.Ordinal);

            // A part of another text can remain before and after it, such as the user name in Base64.
            Assert.InRange(shown.Length, "before [secret] after".Length, "before [secret] after".Length + (outer.StartsWith("Base64", StringComparison.Ordinal) || inner.StartsWith("Base64", StringComparison.Ordinal) ? 300 : 0));
        }
    }

    [Theory]
    [InlineData("C:\\new 50%25 &amp; &nothing; \\x4 %4 & % \\")]
    [InlineData("\\ud83d \\U00110000 %ff &#xd83d; &#99999999; &;")]
    public void Escapes_without_a_secret_are_shown_unchanged(string text)
    {
        Secrets secrets = new();
        secrets.Add(Key);
        Assert.Equal(text, secrets.Show(text));
    }

    [Fact]
    public void Text_of_escapes_is_searched_in_a_short_time()
    {
        Secrets secrets = new();
        secrets.Add(Key);
        string text = string.Concat(Enumerable.Repeat("\\\\%2525&amp;amp;", 2000));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(text, secrets.Show(text, int.MaxValue));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
    }

    [Fact]
    public void A_short_key_is_not_masked_inside_a_word()
    {
        Secrets secrets = new();
        secrets.Add("key");
        secrets.Add(null);
        secrets.Add("a-longer-key");
        Assert.Equal("no key but [secret]", secrets.Show("no key but a-longer-key"));
    }

    [Fact]
    public void Earlier_tokens_are_also_masked()
    {
        Secrets secrets = new();
        string[] tokens = [.. Enumerable.Range(0, 20).Select(i => $"canary-token-{i:00}")];
        Array.ForEach(tokens, secrets.AddToken);
        Assert.Equal("[secret] [secret]", secrets.Show($"{tokens[^1]} {tokens[^2]}"));
    }

    private static RawServer Start(Func<RawExchange, Task> answer) => RawServer.Start(x => x.Path switch
    {
        "/" => x.SendAsync("<ul><li>blobs: blob-data-limit</ul>", "text/html"),
        "/auth" => x.SendAsync($$"""{"access_token": "{{System.Text.Json.JsonEncodedText.Encode(Token)}}"}"""),
        _ => answer(x),
    });

    private static string Replace(string text, params string[] pairs) =>
        pairs.Chunk(2).Aggregate(text, (changed, pair) => changed.Replace(pair[0], pair[1], StringComparison.Ordinal));

    private static string Told(SfException e) => $"{e}\n{e.RequestId}\n{e.InnerException}\n{string.Join('\n', e.Data.Values.Cast<object>())}";

    private static void AssertSilent(IEnumerable<string> texts)
    {
        string[] forms = [.. ((string[])[Key, Token]).SelectMany(secret => new[]
        {
            secret, Uri.EscapeDataString(secret), Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)), System.Text.Json.JsonEncodedText.Encode(secret).ToString(), secret[..12], secret[^12..],
        })];
        Assert.All(texts, text => Assert.All(forms, form => Assert.DoesNotContain(form, text, StringComparison.Ordinal)));
    }
}
