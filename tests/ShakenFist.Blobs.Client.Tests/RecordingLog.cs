using System.Collections.Concurrent;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Stores all messages, and notifies a waiting caller when a specific one is written.</summary>
internal sealed class RecordingLog : ISfLog
{
    private readonly ConcurrentQueue<(string Level, string Text)> _lines = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _awaited = new();

    public IEnumerable<string> Verboses => Of("verbose");

    public IEnumerable<string> Debugs => Of("debug");

    public IEnumerable<string> Warnings => Of("warning");

    /// <summary>An action that runs for each message, before the writer continues. Null for none.</summary>
    public Action<string>? OnLine { get; set; }

    /// <summary>All messages as one text, to search for secrets.</summary>
    public string Everything => string.Join('\n', _lines.Select(line => line.Text));

    public void Verbose(string message) => Add("verbose", message);

    public void Debug(string message) => Add("debug", message);

    public void Warning(string message) => Add("warning", message);

    /// <summary>Returns the first message that contains this text.</summary>
    public Task<string> SeesAsync(string text)
    {
        TaskCompletionSource<string> seen = _awaited.GetOrAdd(text, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
        if (_lines.Select(line => line.Text).FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } line)
        {
            seen.TrySetResult(line);
        }

        return seen.Task.WaitAsync(Limit.Token);
    }

    private IEnumerable<string> Of(string level) => _lines.Where(line => line.Level == level).Select(line => line.Text);

    private void Add(string level, string text)
    {
        _lines.Enqueue((level, text));
        OnLine?.Invoke(text);
        foreach ((string awaited, TaskCompletionSource<string> seen) in _awaited)
        {
            if (text.Contains(awaited, StringComparison.Ordinal))
            {
                seen.TrySetResult(text);
            }
        }
    }
}
