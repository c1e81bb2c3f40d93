using System.Management.Automation;
using ShakenFist.Blobs.Parameters;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>Returns and changes the metadata of one blob for a cmdlet, key by key, with ShouldProcess and verbose messages.</summary>
internal sealed class MetadataEditor(SfSession session, Guid uuid, IDictionary<string, object?> current, PipelineSink sink, CancellationToken stop)
{
    /// <summary>Gets the metadata, including the changes made by this object.</summary>
    public IReadOnlyDictionary<string, object?> Current => (IReadOnlyDictionary<string, object?>)current;

    /// <summary>Gets the keys that are specified. A pattern can match several or none. A key without wildcards, or a literal key, must exist.</summary>
    public IReadOnlyList<string> Select(string[]? patterns, string[]? literal)
    {
        IEnumerable<string> named = literal ?? (patterns ?? []).Where(p => !WildcardPattern.ContainsWildcardCharacters(p)).Select(Wildcards.Literal);
        string[] exact = [.. named.Distinct(StringComparer.Ordinal)];
        foreach (string key in exact.Where(key => !current.ContainsKey(key)))
        {
            sink.Error(new SfException(SfErrors.MetadataKeyNotFound, $"The metadata of blob {uuid:D} does not contain the key '{ServerText.Clean(key, 80)}'."), key);
        }

        if (literal is not null)
        {
            return [.. exact.Where(current.ContainsKey)];
        }

        // Keys are case-sensitive, and so are their patterns.
        Wildcards wild = new(patterns?.Where(WildcardPattern.ContainsWildcardCharacters).ToArray(), caseSensitive: true);
        return [.. current.Keys.Where(key => wild.Match(key) || exact.Contains(key, StringComparer.Ordinal))];
    }

    /// <summary>Returns a key with its value.</summary>
    public Task WriteAsync(string key) => sink.WriteObjectAsync(new SfBlobMetadata { BlobUuid = uuid, Key = key, Value = current[key] });

    /// <summary>Reports a failure with one key as an error, so that the other keys are processed.</summary>
    public void Report(SfException exception, string key) => sink.Error(exception, key);

    /// <summary>Sets a key, unless it already has the value.</summary>
    /// <exception cref="SfException">The server does not accept the key or the value.</exception>
    public async Task SetAsync(string key, object? given, bool create, bool passThru)
    {
        object? value = MetadataValue.Of(given);
        if (BlobMetadataApi.GetRefusalReason(key, value) is { } reason)
        {
            throw new SfException(SfErrors.MetadataValueRefused, $"Cannot set the metadata of blob {uuid:D}: {reason}");
        }

        bool exists = current.TryGetValue(key, out object? old);
        string shown = MetadataValue.Show(value);
        if (exists && MetadataValue.Same(old, value))
        {
            sink.Verbose($"{Describe(key)} is already {shown} and was not changed.");
        }
        else if (await sink.ShouldProcessAsync(Describe(key), exists ? $"Change the value from {MetadataValue.Show(old)} to {shown}" : $"Add the value {shown}").ConfigureAwait(false))
        {
            await session.SetBlobMetadataAsync(uuid, key, value, create, sink, stop).ConfigureAwait(false);
            current[key] = value;
            sink.Verbose(exists ? $"{Describe(key)} was changed from {MetadataValue.Show(old)} to {shown}." : $"{Describe(key)} was added with the value {shown}.");
        }
        else
        {
            return;
        }

        if (passThru)
        {
            await WriteAsync(key).ConfigureAwait(false);
        }
    }

    /// <summary>Removes a key that exists.</summary>
    public async Task RemoveAsync(string key)
    {
        string old = MetadataValue.Show(current[key]);
        if (await sink.ShouldProcessAsync(Describe(key), $"Remove the value {old}").ConfigureAwait(false))
        {
            await session.RemoveBlobMetadataAsync(uuid, key, sink, stop).ConfigureAwait(false);
            current.Remove(key);
            sink.Verbose($"{Describe(key)} was removed. Its value was {old}.");
        }
    }

    /// <summary>Describes the key for a prompt or a message.</summary>
    public string Describe(string key) => $"Key '{ServerText.Clean(key, 80)}' of blob {uuid:D}";
}
