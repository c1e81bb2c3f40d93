using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Handles POST /auth, which returns a token for a namespace and a key.</summary>
internal static class AuthEndpoint
{
    public static async ValueTask<Reply> Post(Call call)
    {
        if (call.BadCall is { } bad)
        {
            return bad;
        }

        PythonArguments arguments = call.Arguments;
        if (!arguments.Has("namespace"))
        {
            return Reply.Error(400, "missing namespace in request");
        }

        if (!PythonType.IsTruthy(arguments["key"]))
        {
            return Reply.Error(400, "missing key in request");
        }

        if (arguments["key"] is not JsonValue value || !value.TryGetValue(out string? key))
        {
            return Reply.Error(400, "key is not a string");
        }

        string name = arguments.Text("namespace");
        if (WireText.Latin1Error("/sf/namespace/", name) is { } error)
        {
            return Reply.ServerError(error);
        }

        if (call.State.Namespace(name) is not { } space)
        {
            return Reply.Error(404, "namespace not found");
        }

        await Pause.ForAsync(call.Options.AuthDelay, call.Gone);
        return space.Match(key, call.Options.Time.GetUtcNow()) is { } match ? Answer(call, name, match) : Reply.Error(401, "unauthorized");
    }

    private static Reply Answer(Call call, string name, (string Name, string Nonce) key) => Call.Json((ref json) =>
    {
        json.OpenObject();
        json.Name("access_token");
        json.Value(call.Tokens.Issue(name, key.Name, key.Nonce));
        json.Name("token_type");
        json.Value("Bearer");
        json.Name("expires_in");
        json.Value((long)call.Options.TokenLifetime.TotalSeconds);
        json.CloseObject();
    });
}
