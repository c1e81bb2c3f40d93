using System.Collections.Specialized;
using System.Globalization;

namespace ShakenFist.Blobs.Images;

/// <summary>Collects what the reader of a format has found. A truncated or invalid image is described as far as it can be read.</summary>
internal sealed class ImageFindings
{
    private const int MaxWarnings = 32;

    private readonly List<string> _warnings = [];

    public string FileFormat { get; set; } = "raw";

    public string? Version { get; set; }

    public long? VirtualSize { get; set; }

    public long? ClusterSize { get; set; }

    public string? BackingFile { get; set; }

    public string? BackingFileFormat { get; set; }

    public string? CompressionType { get; set; }

    public string? Encryption { get; set; }

    public long? SnapshotCount { get; set; }

    public string? Label { get; set; }

    public List<SfImagePartition> Partitions { get; } = [];

    public List<string> Features { get; } = [];

    public OrderedDictionary Details { get; } = new(StringComparer.OrdinalIgnoreCase);

    public void Warn(string warning)
    {
        if (_warnings.Count < MaxWarnings)
        {
            _warnings.Add(warning);
        }
    }

    /// <summary>Adds a property of this format only. An empty text is not added.</summary>
    public void AddDetail(string name, object? value)
    {
        if (value is not (null or ""))
        {
            Details[name] = value;
        }
    }

    /// <summary>Returns whether there are enough bytes for a structure of the format, and adds a warning if not.</summary>
    public bool IsWhole(ImageBytes bytes, int needed, string what)
    {
        if (bytes.Length >= needed)
        {
            return true;
        }

        Warn($"The {what} has {needed} bytes, but the image ends after {bytes.Length} of them.");
        return false;
    }

    /// <summary>Converts a size in the unit of the image to bytes. Returns null, with a warning, if no disk can be that large.</summary>
    public long? Bytes(ulong count, ulong unit, string what)
    {
        UInt128 bytes = (UInt128)count * unit;
        if (bytes <= long.MaxValue)
        {
            return (long)bytes;
        }

        Warn($"The {what} of {bytes.ToString(CultureInfo.InvariantCulture)} bytes is more than the maximum disk size.");
        return null;
    }

    /// <summary>Checks an allocation unit, which must be a power of two within limits.</summary>
    public long? PowerOfTwo(ulong bytes, long min, long max, string what)
    {
        if (bytes >= (ulong)min && bytes <= (ulong)max && ulong.IsPow2(bytes))
        {
            return (long)bytes;
        }

        Warn($"The {what} of {bytes} bytes is not a power of two from {min} to {max}.");
        return null;
    }

    public SfImageInfo ToInfo(long length) => new()
    {
        Size = length,
        FileFormat = FileFormat,
        Version = Version,
        VirtualSize = VirtualSize,
        ClusterSize = ClusterSize,
        BackingFile = BackingFile,
        BackingFileFormat = BackingFileFormat,
        CompressionType = CompressionType,
        Encryption = Encryption,
        SnapshotCount = SnapshotCount,
        Label = Label,
        Partitions = [.. Partitions],
        Features = [.. Features],
        Details = Details,
        Warnings = [.. _warnings],
    };
}
