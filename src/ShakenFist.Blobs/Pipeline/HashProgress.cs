using System.Management.Automation;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>Shows how far the hashing of a local file is.</summary>
internal sealed class HashProgress(string path)
{
    private const int ActivityId = 0x5E_0001;
    private readonly long _length = File.Exists(path) ? new FileInfo(path).Length : 0;
    private long _hashed;

    /// <summary>Takes the bytes hashed so far; called from any thread.</summary>
    public void Report(long hashed) => Interlocked.Exchange(ref _hashed, hashed);

    /// <summary>A record of the present moment.</summary>
    public ProgressRecord Sample()
    {
        long hashed = Interlocked.Read(ref _hashed);
        return new ProgressRecord(ActivityId, $"Hashing {ServerText.Clean(Path.GetFileName(path), 80)}", $"{SfFormat.Size(hashed)} of {SfFormat.Size(_length)}")
        {
            PercentComplete = PaceSample.PercentOf(hashed, _length),
        };
    }
}
