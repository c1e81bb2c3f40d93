using System.Management.Automation;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>Shows the progress of hashing a local file.</summary>
internal sealed class HashProgress(string path)
{
    private const int ActivityId = 0x5E_0001;
    private readonly long _length = File.Exists(path) ? new FileInfo(path).Length : 0;
    private long _hashed;

    /// <summary>Sets the number of bytes hashed so far. Can be called from any thread.</summary>
    public void Report(long hashed) => Interlocked.Exchange(ref _hashed, hashed);

    /// <summary>Gets the current progress record.</summary>
    public ProgressRecord Sample()
    {
        long hashed = Interlocked.Read(ref _hashed);
        return new ProgressRecord(ActivityId, $"Hashing {ServerText.Clean(Path.GetFileName(path), 80)}", $"{SfFormat.Size(hashed)} of {SfFormat.Size(_length)}")
        {
            PercentComplete = PaceSample.PercentOf(hashed, _length),
        };
    }
}
