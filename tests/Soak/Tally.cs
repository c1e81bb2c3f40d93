using System.Collections.Concurrent;

namespace ShakenFist.Blobs.Soak;

/// <summary>What has happened so far, counted, and the particulars of what is under way.</summary>
internal sealed class Tally : ISfLog
{
    private readonly ConcurrentQueue<string> _lines = [];
    private string _last = string.Empty;

    /// <summary>The schedule under way, in words, and what the client has told of it.</summary>
    public string Last => string.Join('\n', _lines.Prepend(_last));

    /// <summary>Another one begins.</summary>
    public void Begin(string schedule)
    {
        _last = schedule;
        _lines.Clear();
    }

    public void Verbose(string message) => _lines.Enqueue(message);

    public void Debug(string message)
    {
        // Headers tell nothing here.
    }

    public void Warning(string message) => _lines.Enqueue(message);

    /// <summary>Bytes that transfers have received.</summary>
    public long Bytes { get; set; }

    public int Commands { get; set; }

    /// <summary>Processes killed.</summary>
    public int Kills { get; set; }

    /// <summary>Transfers whose processes were killed.</summary>
    public int KilledTransfers { get; set; }

    /// <summary>MiB that were fetched again after each kill without a loss of power.</summary>
    public List<double> FetchedAgain { get; } = [];

    public Dictionary<string, int> Faults { get; } = [];

    public Dictionary<string, int> Errors { get; } = [];

    public Dictionary<string, int> Losses { get; } = [];

    /// <summary>What other programs did to the files.</summary>
    public Dictionary<string, int> Interferences { get; } = [];

    public static void Count(Dictionary<string, int> counts, string what) => counts[what] = counts.GetValueOrDefault(what) + 1;

    /// <summary>The counts of each kind, in words.</summary>
    public static string List(Dictionary<string, int> counts) => counts.Count == 0 ? "none" : string.Join(", ", counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Value} {c.Key}"));
}
