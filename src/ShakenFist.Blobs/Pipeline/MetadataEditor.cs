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
        IEnumerable<string> named = literal ?? (patterns ?? []).Where(p => !Wildcards.IsPattern(p)).Select(Wildcards.Literal);
        string[] exact = [.. named.Distinct(StringComparer.Ordinal)];
        foreach (string key in exact.Where(key => !current.ContainsKey(key)))
        {
            Report(new SfException(SfErrors.MetadataKeyNotFound, $"The metadata of blob {uuid:D} does not contain the key '{ServerText.Clean(key, 80)}'."));
        }

        if (literal is not null)
        {
            return [.. exact.Where(current.ContainsKey)];
        }

        // Keys are case-sensitive, and so are their patterns.
        Wildcards wild = new(patterns?.Where(Wildcards.IsPattern).ToArray(), caseSensitive: true);
        return [.. current.Keys.Where(key => wild.Match(key) || exact.Contains(key, StringComparer.Ordinal))];
    }

    /// <summary>Returns a key with its value.</summary>
    public Task WriteAsync(string key) => sink.WriteObjectAsync(new SfBlobMetadata { BlobUuid = uuid, Key = key, Value = current[key] });

    /// <summary>Reports a failure with one key as an error, so that the other keys are processed.</summary>
    public void Report(SfException exception) => sink.Error(exception, uuid);

    /// <summary>Sets a key, unless it already has the value.</summary>
    /// <exception cref="SfException">The server does not accept the key or the value, or could not delete the key later and the change is not forced.</exception>
    public async Task SetAsync(string key, object? given, bool create, bool force, bool passThru)
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
        else if (!force && session.IsKnownNotDeletable(key))
        {
            throw new SfException(SfErrors.MetadataKeyNotDeletable, $"{Describe(key)} was not written, because this cluster could not delete it again.");
        }
        else if (await sink.ShouldProcessAsync(Describe(key), exists ? $"Change the value from {MetadataValue.Show(old)} to {shown}" : $"Add the value {shown}").ConfigureAwait(false))
        {
            await session.SetBlobMetadataAsync(uuid, key, value, create, sink, stop).ConfigureAwait(false);
            current[key] = value;
            session.Seen.Change(uuid, current);
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

    /// <summary>Removes a key that exists. If the server cannot delete it, reports an error.</summary>
    public async Task RemoveAsync(string key)
    {
        if (await sink.ShouldProcessAsync(Describe(key), $"Remove the value {MetadataValue.Show(current[key])}").ConfigureAwait(false))
        {
            await RemoveConfirmedAsync(key).ConfigureAwait(false);
        }
    }

    /// <summary>Removes all keys.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.ForceRequired"/> if there are keys and the removal is not forced.</exception>
    public async Task RemoveAllAsync(bool force)
    {
        string[] keys = [.. current.Keys];
        if (keys.Length == 0)
        {
            return;
        }

        string shown = $"{(keys.Length == 1 ? "the only key" : $"all {keys.Length} keys")}: {ServerText.Clean(string.Join(", ", keys), 200)}";
        if (!force)
        {
            throw new SfException(SfErrors.ForceRequired, $"No metadata of blob {uuid:D} was removed. The pattern matches {shown}.");
        }

        if (await sink.ShouldProcessAsync($"Metadata of blob {uuid:D}", $"Remove {shown}").ConfigureAwait(false))
        {
            foreach (string key in keys)
            {
                await RemoveConfirmedAsync(key).ConfigureAwait(false);
            }
        }
    }

    private async Task RemoveConfirmedAsync(string key)
    {
        string old = MetadataValue.Show(current[key]);
        try
        {
            await session.RemoveBlobMetadataAsync(uuid, key, sink, stop).ConfigureAwait(false);
        }
        catch (SfException e) when (e.Error == SfErrors.MetadataKeyNotDeletable)
        {
            Report(e);
            return;
        }

        current.Remove(key);
        session.Seen.Change(uuid, current);
        sink.Verbose($"{Describe(key)} was removed. Its value was {old}.");
    }

    /// <summary>Describes the key for a prompt or a message.</summary>
    public string Describe(string key) => $"Key '{ServerText.Clean(key, 80)}' of blob {uuid:D}";
}
