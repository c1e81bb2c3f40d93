using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Client.Tests.Properties;

/// <summary>Tests any response to a call: the result is an object or an error with displayable text that contains no secret.</summary>
public sealed class AnswerProperties
{
    private static readonly Guid Uuid = Guid.Parse("5f000001-0000-4000-8000-000000000001");

    private static readonly string[] Loggable =
        ["Accept", "Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding", "Connection", "Date", "Server", "User-Agent", "Retry-After", "X-Request-ID"];

    private static Gen<byte[]> Body => Gen.OneOf(
        Given.Bytes.Generator,
        WrittenJsonProperties.Text.Select(t => Encoding.UTF8.GetBytes(new string([.. t.Select(c => char.IsSurrogate(c) ? '?' : c)]))),
        from member in Gen.Elements("error", "message", "status", "Error")
        from value in Gen.Elements("\"no\"", "\"\\u001b[31mred\\u0007\"", "7", "null", "{}", "[[[]]]", "NaN", "true", "\"" + new string('x', 5000) + "\"")
        from tail in Gen.Elements("}", "", ", \"status\": 404}", "}}", "} junk")
        select Encoding.UTF8.GetBytes($"{{\"{member}\": {value}{tail}"),
        Gen.Elements("", " ", "<html><h1>Bad gateway</h1>", " <!DOCTYPE", "null", "[]", "\ufeff{}", new string('[', 5000)).Select(Encoding.UTF8.GetBytes));

    private static Gen<int> Status => Gen.OneOf(Gen.Choose(200, 599), Gen.Elements(400, 401, 403, 404, 500, 502, 503, 507));

    private static Gen<string?> Type => Gen.Elements(null, "application/json", "text/html", "text/plain; charset=utf-8", "application/problem+json", "nonsense", "application/json; charset=klingon");

    private static Gen<string> Token => Gen.OneOf(
        Gen.Elements("\"a.b.c\"", "\"\"", "null", "7", "[]", "{}", "true", "\"a b\"", "\"a\\r\\nX-Injected: 1\"", "\"t\\u00e9\"", "\"\\ud800\"", "NaN", "\" \""),
        WrittenJsonProperties.Text.Select(t => Encoding.ASCII.GetString(JsonWriter.Write(t))));

    private static Gen<string> Lifetime => Gen.Elements("900", "0", "-1", "\"900\"", "\"soon\"", "null", "NaN", "Infinity", "1e308", "1e-308", "99999999999999999999999", "{}", "[]", "true", "0.001");

    [Cases(1500)]
    public Property Any_error_response_is_reported_as_one_error_with_a_short_and_harmless_message() =>
        Prop.ForAll(Status.Where(s => s != 200).ToArbitrary(), Body.ToArbitrary(), Type.ToArbitrary(), (status, body, type) =>
        {
            SfException e = Asked(_ => ScriptedCluster.Bytes(body, status, type));
            return SfErrors.All.Contains(e.Error) && e.StatusCode == status && IsFit(e) && e.Message.Length < 1000;
        });

    [Cases(1000)]
    public Property Any_body_with_status_200_is_this_blob_or_an_error_of_the_protocol() =>
        Prop.ForAll(Body.ToArbitrary(), Type.ToArbitrary(), (body, type) =>
        {
            SfException e = Asked(_ => ScriptedCluster.Bytes(body, 200, type));
            return (e.Error == SfErrors.InvalidResponse || e.Error == SfErrors.UnexpectedContent) && IsFit(e);
        });

    [Cases(1000)]
    public Property The_text_of_an_error_is_found_in_any_surrounding_fields() =>
        Prop.ForAll(Body.ToArbitrary(), body => AnswerErrors.ReasonIn(body) is not { } text || (text.Length <= ServerText.DefaultLength + 1 && !text.Any(char.IsControl)));

    [Cases(1000)]
    public Property An_answer_to_the_authentication_is_a_token_that_can_be_sent_or_an_error() =>
        Prop.ForAll(Token.ToArbitrary(), Lifetime.ToArbitrary(), Body.ToArbitrary(), (token, lifetime, other) =>
        {
            string? sent = null;
            byte[] answer = token.Length % 5 == 0 ? other : Encoding.UTF8.GetBytes($$"""{"access_token": {{token}}, "token_type": "Bearer", "expires_in": {{lifetime}}}""");
            Task<SfSession> connecting = ScriptedCluster.ConnectAsync(
                request =>
                {
                    sent ??= request.Headers.Authorization?.Parameter;
                    return request.RequestUri!.AbsolutePath == "/auth" ? ScriptedCluster.Bytes(answer) : ScriptedCluster.Text("<ul></ul>", request.RequestUri.AbsolutePath == "/" ? 200 : 403);
                },
                Cluster.Quick,
                log: null);
            try
            {
                using SfSession session = connecting.GetAwaiter().GetResult();
                SfAssert.Throws(SfErrors.AccessForbidden, () => session.GetBlobAsync(Uuid, NullLog.Instance, Limit.Token).GetAwaiter().GetResult());
                Assert.Equal((JsonTree.Parse(answer) as Dictionary<string, object?>)!["access_token"], sent);
                return sent!.Length > 0 && sent.All(c => c is >= '!' and <= '~') && (session.TokenExpiresAt is null || session.TokenExpiresAt > session.ConnectedAt);
            }
            catch (SfException e)
            {
                return sent is null && (e.Error == SfErrors.InvalidResponse || e.Error == SfErrors.UnexpectedContent) && IsFit(e);
            }
        });

    [Cases(500)]
    public Property Only_permitted_headers_are_logged() =>
        Prop.ForAll(
            Given.List(Gen.OneOf(Gen.Elements(Loggable), Gen.Elements("Set-Cookie", "Authorization", "Proxy-Authorization", "WWW-Authenticate", "Location", "X-Api-Key", "Cookie", "X-Auth-Token", "server2", "Via"))),
            names =>
            {
                RecordingLog log = new();
                _ = Asked(
                    request =>
                    {
                        HttpResponseMessage answer = ScriptedCluster.Text("{}", 403);
                        foreach ((string name, int i) in names.Select((name, i) => (name, i)))
                        {
                            _ = answer.Headers.TryAddWithoutValidation(name, $"marker{i}m") || answer.Content.Headers.TryAddWithoutValidation(name, $"marker{i}m");
                        }

                        return answer;
                    },
                    log);
                string reported = string.Join('\n', log.Debugs);
                Assert.DoesNotContain("t0k3n", log.Everything, StringComparison.Ordinal);
                Assert.DoesNotContain(Cluster.Key, log.Everything, StringComparison.Ordinal);
                return names.Select((name, i) => (name, i)).All(h => !reported.Contains($"marker{h.i}m", StringComparison.Ordinal) || Loggable.Contains(h.name, StringComparer.OrdinalIgnoreCase));
            });

    private static SfException Asked(Func<HttpRequestMessage, HttpResponseMessage> answer, ISfLog? log = null)
    {
        using SfSession session = ScriptedCluster.ConnectAsync(answer, log: log).GetAwaiter().GetResult();
        return Assert.Throws<SfException>(() => session.GetBlobAsync(Uuid, log ?? NullLog.Instance, Limit.Token).GetAwaiter().GetResult());
    }

    private static bool IsFit(SfException e) =>
        !e.Message.EnumerateRunes().Any(r => Rune.GetUnicodeCategory(r) is UnicodeCategory.Control or UnicodeCategory.Format) && !e.ToString().Contains(Cluster.Key, StringComparison.Ordinal)
        && !e.ToString().Contains("t0k3n", StringComparison.Ordinal);
}
