using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace ShakenFist.Blobs.Emulator;

/// <summary>A namespace and its keys. Tokens contain the nonce of their key, so they become invalid when the key is replaced.</summary>
internal sealed class EmulatedNamespace(bool admin)
{
    private const string NonceLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private readonly ConcurrentDictionary<string, Key> _keys = new();
    private readonly ConcurrentDictionary<string, bool> _trusted = new();

    public bool IsAdmin { get; } = admin;

    public void Put(string keyName, string secret, DateTimeOffset? expires, string[]? scopes = null) =>
        _keys[keyName] = new Key(Significant(secret), RandomNumberGenerator.GetString(NonceLetters, 16), expires, scopes);

    /// <summary>Returns the name and the nonce of the valid key with this secret.</summary>
    public (string Name, string Nonce)? Match(string secret, DateTimeOffset now)
    {
        string significant = Significant(secret);
        foreach ((string name, Key key) in _keys)
        {
            if (key.Secret == significant && (key.Expires is null || key.Expires > now))
            {
                return (name, key.Nonce);
            }
        }

        return null;
    }

    public void Trust(string name) => _trusted[name] = true;

    public bool Trusts(string name) => _trusted.ContainsKey(name);

    public string? NonceOf(string keyName) => _keys.GetValueOrDefault(keyName)?.Nonce;

    public IReadOnlyCollection<string>? ScopesOf(string keyName) => _keys.GetValueOrDefault(keyName)?.Scopes;

    // bcrypt uses at most 72 bytes.
    private static string Significant(string secret)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(secret);
        return Convert.ToBase64String(bytes.AsSpan(0, Math.Min(bytes.Length, 72)));
    }

    private sealed record Key(string Secret, string Nonce, DateTimeOffset? Expires, string[]? Scopes);
}
