namespace ShakenFist.Blobs.Transfer;

/// <summary>The progress of a transfer. The transfer writes it, and the progress display reads it.</summary>
internal sealed class DownloadProgress
{
    private long _position;
    private long _received;

    /// <summary>Length of the blob in bytes.</summary>
    public long Total { get; set; }

    /// <summary>Number of valid bytes in the file.</summary>
    public long Position
    {
        get => Interlocked.Read(ref _position);
        set => Interlocked.Exchange(ref _position, value);
    }

    /// <summary>Number of bytes received, including those that were discarded.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>The current activity, as text for the progress bar.</summary>
    public string Activity { get; set; } = "Connecting";

    /// <summary>Adds to <see cref="Position"/>. The number can be negative.</summary>
    public void Advance(long bytes) => Interlocked.Add(ref _position, bytes);

    /// <summary>Adds to <see cref="Received"/>.</summary>
    public void AddReceived(long bytes) => Interlocked.Add(ref _received, bytes);
}
