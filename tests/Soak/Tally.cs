namespace ShakenFist.Blobs.Soak;

/// <summary>What has happened so far, counted.</summary>
internal sealed class Tally
{
    /// <summary>The schedule under way, in words.</summary>
    public string Last { get; set; } = string.Empty;

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

    public static void Count(Dictionary<string, int> counts, string what) => counts[what] = counts.GetValueOrDefault(what) + 1;

    /// <summary>The counts of each kind, in words.</summary>
    public static string List(Dictionary<string, int> counts) => counts.Count == 0 ? "none" : string.Join(", ", counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Value} {c.Key}"));
}
