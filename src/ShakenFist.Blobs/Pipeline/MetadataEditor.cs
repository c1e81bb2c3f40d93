using System.Management.Automation;
using ShakenFist.Blobs.Parameters;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>One blob's metadata in the hands of a cmdlet: shows it, and changes it key by key, asking first and telling what changed.</summary>
internal sealed class MetadataEditor(SfSession session, Guid uuid, IDictionary<string, object?> current, PipelineSink sink, CancellationToken stop)
{
    /// <summary>The metadata as it is, our own changes included.</summary>
    public IReadOnlyDictionary<string, object?> Current => (IReadOnlyDictionary<string, object?>)current;

    /// <summary>The keys that the user means: patterns match several or none; a key without wildcards, or taken literally, must be there or is an error.</summary>
    public IReadOnlyList<string> Select(string[]? patterns, string[]? literal)
    {
        IEnumerable<string> named = literal ?? (patterns ?? []).Where(p => !WildcardPattern.ContainsWildcardCharacters(p)).Select(Wildcards.Literal);
        string[] exact = [.. named.Distinct(StringComparer.Ordinal)];
        foreach (string key in exact.Where(key => !current.ContainsKey(key)))
        {
            sink.Error(new SfException(SfErrors.MetadataKeyNotFound, $"The metadata of blob {uuid:D} has no key '{ServerText.Clean(key, 80)}'."), key);
        }

        if (literal is not null)
        {
            return [.. exact.Where(current.ContainsKey)];
        }

        // Keys are told apart by case, and so are the patterns for them.
        Wildcards wild = new(patterns?.Where(WildcardPattern.ContainsWildcardCharacters).ToArray(), caseSensitive: true);
        return [.. current.Keys.Where(key => wild.Match(key) || exact.Contains(key, StringComparer.Ordinal))];
    }

    /// <summary>Outputs a key as it is.</summary>
    public Task WriteAsync(string key) => sink.WriteObjectAsync(new SfBlobMetadata { BlobUuid = uuid, Key = key, Value = current[key] });

    /// <summary>Makes an error of a failure with one key, so that the others still have their turn.</summary>
    public void Report(SfException exception, string key) => sink.Error(exception, key);

    /// <summary>Sets a key unless it has the value already.</summary>
    /// <exception cref="SfException">The server would refuse it, or did.</exception>
    public async Task SetAsync(string key, object? given, bool create, bool passThru)
    {
        object? value = MetadataValue.Of(given);
        if (BlobMetadataApi.RefusalOf(key, value) is { } reason)
        {
            throw new SfException(SfErrors.MetadataValueRefused, $"The metadata of blob {uuid:D}: {reason}");
        }

        bool exists = current.TryGetValue(key, out object? old);
        string shown = MetadataValue.Show(value);
        if (exists && MetadataValue.Same(old, value))
        {
            sink.Verbose($"{Describe(key)} is {shown} already: not changed.");
        }
        else if (await sink.ShouldProcessAsync(Describe(key), exists ? $"Change {MetadataValue.Show(old)} to {shown}" : $"Add {shown}").ConfigureAwait(false))
        {
            await session.SetBlobMetadataAsync(uuid, key, value, create, sink, stop).ConfigureAwait(false);
            current[key] = value;
            sink.Verbose(exists ? $"{Describe(key)} changed from {MetadataValue.Show(old)} to {shown}." : $"{Describe(key)} added: {shown}.");
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
        if (await sink.ShouldProcessAsync(Describe(key), $"Remove {old}").ConfigureAwait(false))
        {
            await session.RemoveBlobMetadataAsync(uuid, key, sink, stop).ConfigureAwait(false);
            current.Remove(key);
            sink.Verbose($"{Describe(key)} removed; it was {old}.");
        }
    }

    /// <summary>The key in the words of a question or an error.</summary>
    public string Describe(string key) => $"Key '{ServerText.Clean(key, 80)}' of blob {uuid:D}";
}
