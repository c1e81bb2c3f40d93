using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Creates the JSON web tokens of the server for the key of a namespace, and checks them in the order of PyJWT.</summary>
internal sealed class Tokens(EmulatorOptions options, EmulatorState state)
{
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, bool> _expiredById = new();

    public void ExpireAll()
    {
        foreach (string id in _expiredById.Keys)
        {
            _expiredById[id] = true;
        }
    }

    public string Issue(string space, string keyName, string nonce)
    {
        string id = Guid.NewGuid().ToString();
        long now = options.Time.GetUtcNow().ToUnixTimeSeconds();
        _expiredById[id] = false;
        return Sign(
            new JsonObject
            {
                ["fresh"] = false,
                ["iat"] = now,
                ["jti"] = id,
                ["type"] = "access",
                ["sub"] = new JsonArray(space, keyName),
                ["nbf"] = now,
                ["csrf"] = Guid.NewGuid().ToString(),
                ["exp"] = now + (long)options.TokenLifetime.TotalSeconds,
                ["iss"] = options.Zone,
                ["nonce"] = nonce,
            },
            "HS256");
    }

    public string Sign(JsonObject claims, string algorithm)
    {
        string head = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"alg":"{{algorithm}}","typ":"JWT"}"""));
        string signed = head + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()));
        return signed + "." + Signature(signed, algorithm);
    }

    /// <summary>Returns the claims of a token without any validation.</summary>
    public static JsonObject? ClaimsOf(string token) => Part(token, 1);

    /// <returns>The namespace of the caller, or the response that rejects the request.</returns>
    public (string Caller, Reply? Refusal) Check(string? authorization, string? accept, string[] scopes)
    {
        if (string.IsNullOrEmpty(authorization))
        {
            return Refuse("Missing Authorization Header");
        }

        string[]? words = authorization.Split(", ").Select(h => h.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(w => w is ["Bearer", ..]);
        return words switch
        {
            null => Refuse("Missing 'Bearer' type in 'Authorization' header. Expected 'Authorization: Bearer <JWT>'"),
            [_, var token] => CheckToken(token, accept, scopes),
            _ => Refuse("Bad Authorization header. Expected 'Authorization: Bearer <JWT>'"),
        };
    }

    /// <summary>Returns the response to an expired token. If the client does not request JSON, it is a redirect to the root page.</summary>
    public Reply Expired(string? accept) => RefusalOrRedirect("Signature has expired", accept);

    private (string Caller, Reply? Refusal) CheckToken(string token, string? accept, string[] scopes)
    {
        if (Part(token, 0) is not { } head || Part(token, 1) is not { } claims)
        {
            return ("", RefusalOrRedirect("invalid JWT in Authorization header", accept));
        }

        if (PythonType.Text(head["alg"]) != "HS256")
        {
            return Refuse("The specified alg value is not allowed");
        }

        int lastDot = token.LastIndexOf('.');
        if (token[(lastDot + 1)..] != Signature(token[..lastDot], "HS256"))
        {
            return ("", RefusalOrRedirect("invalid JWT in Authorization header", accept));
        }

        double now = options.Time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        if (Number(claims["nbf"]) > now)
        {
            return Refuse("The token is not yet valid (nbf)");
        }

        if (Number(claims["exp"]) <= now || _expiredById.GetValueOrDefault(PythonType.Text(claims["jti"])))
        {
            return ("", Expired(accept));
        }

        return PythonType.Text(claims["type"]) == "refresh" ? Refuse("Only non-refresh tokens are allowed") : CheckIdentity(claims, scopes);
    }

    private (string Caller, Reply? Refusal) CheckIdentity(JsonObject claims, string[] scopes)
    {
        // Python iterates over a string by its characters.
        int parts = claims["sub"] is JsonArray list ? list.Count : PythonType.Text(claims["sub"]).Length;
        if (parts != 2)
        {
            string complaint = parts > 2
                ? "too many values to unpack (expected 2)"
                : $"not enough values to unpack (expected 2, got {parts})";
            return ("", Reply.ServerError($"ValueError('{complaint}')"));
        }

        string space = PythonType.Text(claims["sub"]![0]);
        string keyName = PythonType.Text(claims["sub"]![1]);
        EmulatedNamespace? found = state.Namespace(space);
        string? nonce = found?.NonceOf(keyName);
        return nonce is not null && nonce == PythonType.Text(claims["nonce"]) ? (space, Scopes.Check(found!.ScopesOf(keyName), scopes)) : Refuse("");
    }

    private Reply RefusalOrRedirect(string message, string? accept)
    {
        bool wantsHtml = accept is null || accept.Contains("text/html", StringComparison.OrdinalIgnoreCase);
        return options.Generation == ServerGeneration.A || !wantsHtml
            ? Reply.Error(401, message)
            : Reply.Redirect(302, "/") with
            {
                Headers =
                [
                    ("Location", "/"),
                    ("Set-Cookie", "access_token_cookie=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Path=/"),
                    ("Set-Cookie", "csrf_access_token=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/"),
                    ("Set-Cookie", "refresh_token_cookie=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Path=/"),
                    ("Set-Cookie", "csrf_refresh_token=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/"),
                ],
            };
    }

    private static (string Caller, Reply? Refusal) Refuse(string message) => ("", Reply.Error(401, message));

    private static double? Number(JsonNode? claim) => claim is JsonValue value && value.TryGetValue(out double real) ? real
        : claim is JsonValue integer && integer.TryGetValue(out long number) ? number
        : null;

    private static JsonObject? Part(string token, int index)
    {
        string[] parts = token.Split('.');
        if (parts.Length != 3 || !Base64Url.IsValid(parts[index]))
        {
            return null;
        }

        return PythonJsonReader.TryRead(Base64Url.DecodeFromChars(parts[index]), out JsonNode? node) ? node as JsonObject : null;
    }

    private string Signature(string signed, string algorithm)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(signed);
        return algorithm switch
        {
            "HS256" => Base64Url.EncodeToString(HMACSHA256.HashData(_secret, bytes)),
            "HS512" => Base64Url.EncodeToString(HMACSHA512.HashData(_secret, bytes)),
            _ => "",
        };
    }
}
