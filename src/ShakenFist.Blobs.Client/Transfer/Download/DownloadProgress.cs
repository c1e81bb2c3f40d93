namespace ShakenFist.Blobs.Transfer;

/// <summary>How far a transfer is: written by it, sampled by whoever shows it.</summary>
internal sealed class DownloadProgress
{
    private long _position;
    private long _received;

    /// <summary>Length of the blob in bytes.</summary>
    public long Total { get; set; }

    /// <summary>Bytes in place.</summary>
    public long Position
    {
        get => Interlocked.Read(ref _position);
        set => Interlocked.Exchange(ref _position, value);
    }

    /// <summary>Bytes received, those that had to be dropped included.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>What is being done, in words.</summary>
    public string Activity { get; set; } = "Connecting";

    /// <summary>More bytes are in place, or fewer.</summary>
    public void Advance(long bytes) => Interlocked.Add(ref _position, bytes);

    /// <summary>Bytes have come.</summary>
    public void AddReceived(long bytes) => Interlocked.Add(ref _received, bytes);
}
