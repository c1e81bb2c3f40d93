using System.Collections.Concurrent;

namespace ShakenFist.Blobs.Soak;

/// <summary>Counts the events so far, and stores the details of the current schedule.</summary>
internal sealed class Tally : ISfLog
{
    private readonly ConcurrentQueue<string> _lines = [];
    private string _last = string.Empty;

    /// <summary>A description of the current schedule, and the messages of the client.</summary>
    public string Last => string.Join('\n', _lines.Prepend(_last));

    /// <summary>Starts a new schedule.</summary>
    public void Begin(string schedule)
    {
        _last = schedule;
        _lines.Clear();
    }

    public void Verbose(string message) => _lines.Enqueue(message);

    public void Debug(string message)
    {
        // Headers are not needed here.
    }

    public void Warning(string message) => _lines.Enqueue(message);

    /// <summary>Number of bytes that transfers have received.</summary>
    public long Bytes { get; set; }

    public int Commands { get; set; }

    /// <summary>Number of killed processes.</summary>
    public int Kills { get; set; }

    /// <summary>Number of transfers whose processes were killed.</summary>
    public int KilledTransfers { get; set; }

    /// <summary>MiB that were fetched again after each kill without a power failure.</summary>
    public List<double> FetchedAgain { get; } = [];

    public Dictionary<string, int> Faults { get; } = [];

    public Dictionary<string, int> Errors { get; } = [];

    public Dictionary<string, int> Losses { get; } = [];

    /// <summary>The operations of other programs.</summary>
    public Dictionary<string, int> Interferences { get; } = [];

    public static void Count(Dictionary<string, int> counts, string what) => counts[what] = counts.GetValueOrDefault(what) + 1;

    /// <summary>Returns the counts as text.</summary>
    public static string List(Dictionary<string, int> counts) => counts.Count == 0 ? "none" : string.Join(", ", counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Value} {c.Key}"));
}
