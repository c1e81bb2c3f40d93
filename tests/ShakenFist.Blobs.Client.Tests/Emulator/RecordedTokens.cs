using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Tests;

/// <summary>Replaces the placeholders of recorded tokens with tokens of the emulator.</summary>
internal static partial class RecordedTokens
{
    public static string Restore(string text, SfEmulator emulator) => Placeholder().Replace(text, match => Token(match.Value, emulator));

    private static string Token(string placeholder, SfEmulator emulator) => placeholder switch
    {
        "<TOKEN:system>" => emulator.ForgeToken("system", "deploy"),
        "<TOKEN:ops>" or "<TOKEN:dev>" or "<TOKEN:team>" => emulator.ForgeToken(placeholder[7..^1]),
        "<TOKEN:banana>" or "JWT-3736c5c0" => emulator.ForgeToken("banana", "guest"),
        "JWT-7944b609" or "JWT-9bd819a3" => Forge(emulator, claims => claims["exp"] = 1_000_000_000),
        "JWT-676f69ff" => WrongSignature(emulator.ForgeToken("banana", "guest")),
        "JWT-98bb1d6e" => emulator.ForgeToken("banana", "guest", algorithm: "none"),
        "JWT-521bcd4c" => emulator.ForgeToken("banana", "guest", algorithm: "HS512"),
        "JWT-305f62fc" => Forge(emulator, claims => claims["nbf"] = 4_000_000_000),
        "JWT-59aab1ca" => Forge(emulator, claims => claims["nonce"] = "another"),
        "JWT-c867462c" => Forge(emulator, claims => claims.Remove("nonce")),
        "JWT-2e6f537f" => emulator.ForgeToken("banana", "no such key"),
        "JWT-7b44c643" => emulator.ForgeToken("nonesuch", "guest"),
        "JWT-331dd23b" => emulator.ForgeToken("gone", "guest"),
        "JWT-83de38db" => Forge(emulator, claims => claims["sub"] = "banana"),
        "JWT-06db8ea5" => Forge(emulator, claims => claims["sub"] = new JsonArray("banana")),
        "JWT-e0ccc65f" => Forge(emulator, claims => claims["type"] = "refresh"),
        "JWT-19cc3adf" => Forge(emulator, claims => claims.Remove("exp")),
        "JWT-3bef0bff" => Forge(emulator, claims => claims["iss"] = "another zone"),
        _ => throw new InvalidOperationException($"What {placeholder} was is not known."),
    };

    private static string Forge(SfEmulator emulator, Action<JsonObject> change) => emulator.ForgeToken("banana", "guest", change);

    private static string WrongSignature(string token) => token[..^43] + new string('A', 43);

    [GeneratedRegex("<TOKEN:[a-z]+>|JWT-[0-9a-f]{8}")]
    private static partial Regex Placeholder();
}
