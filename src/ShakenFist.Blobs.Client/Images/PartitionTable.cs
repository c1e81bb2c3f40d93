namespace ShakenFist.Blobs.Images;

/// <summary>Reads the partition table of a disk: GPT, else MBR.</summary>
internal static class PartitionTable
{
    public static async ValueTask DescribeAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        if (GptTable.SectorSize(reader.Head) is { } sector)
        {
            await GptTable.DescribeAsync(reader, sector, found, cancellationToken).ConfigureAwait(false);
        }
        else if (MbrTable.IsOne(reader.Head))
        {
            MbrTable.Describe(reader, found);
        }
    }

    /// <summary>Gets the extent of a partition in bytes, with a warning if it is outside the disk.</summary>
    public static (long Start, long Size)? Extent(ulong firstSector, UInt128 sectors, int sectorSize, int number, ImageReader reader, ImageFindings found)
    {
        UInt128 start = (UInt128)firstSector * (uint)sectorSize;
        UInt128 size = sectors * (uint)sectorSize;
        if (start + size > (ulong)Math.Max(0, reader.Length))
        {
            found.Warn($"Partition {number} extends beyond the end of the disk at {reader.Length}.");
        }

        return start + size <= long.MaxValue ? ((long)start, (long)size) : null;
    }
}
