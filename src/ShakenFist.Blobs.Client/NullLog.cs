namespace ShakenFist.Blobs;

/// <summary>A log that discards all messages.</summary>
public sealed class NullLog : ISfLog
{
    private NullLog()
    {
    }

    /// <summary>Gets the only instance.</summary>
    public static NullLog Instance { get; } = new();

    /// <inheritdoc/>
    public void Verbose(string message)
    {
    }

    /// <inheritdoc/>
    public void Debug(string message)
    {
    }

    /// <inheritdoc/>
    public void Warning(string message)
    {
    }
}
