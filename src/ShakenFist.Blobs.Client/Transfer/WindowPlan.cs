namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// How much to ask for at once. The server allows a request 30 s in all, reading included, so windows are sized to end well inside that at the rate observed.
/// A server that does not know <c>limit</c> is asked for all the rest, and cut off or resumed as need be.
/// </summary>
internal sealed class WindowPlan(bool serverKnowsLimit, long? fixedWindow = null)
{
    private const long Smallest = 1024 * 1024;
    private const long Largest = 64 * 1024 * 1024;
    private const double TargetSeconds = 8;

    private long _window = fixedWindow ?? 32 * 1024 * 1024;

    /// <summary>Whether <c>limit</c> is sent.</summary>
    public bool UsesLimit { get; private set; } = serverKnowsLimit;

    /// <summary>Bytes to ask for where <paramref name="rest"/> bytes are left.</summary>
    public long Next(long rest) => UsesLimit ? Math.Min(_window, rest) : rest;

    /// <summary>A window came whole in this time.</summary>
    public void Completed(long bytes, TimeSpan elapsed)
    {
        double wanted = bytes / Math.Max(elapsed.TotalSeconds, 0.001) * TargetSeconds;
        _window = fixedWindow ?? (long)Math.Clamp(wanted, Smallest, Largest);
    }

    /// <summary>A window came short or not at all: ask for less.</summary>
    public void Failed() => _window = fixedWindow ?? Math.Max(_window / 2, Smallest);

    /// <summary>The server sent more than the limit: it does not honour it.</summary>
    public void LimitIgnored() => UsesLimit = false;
}
