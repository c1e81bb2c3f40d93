namespace ShakenFist.Blobs.Images;

/// <summary>The MBR partition table in the first sector of a disk: four entries of sixteen bytes.</summary>
internal static class MbrTable
{
    private const int SectorSize = 512;
    private const int FirstEntry = 446;
    private const int EntryLength = 16;
    private const int Entries = 4;
    private const byte Active = 0x80;

    /// <summary>Returns whether the first sector contains a table. File systems use the same two last bytes, but not four valid entries.</summary>
    public static bool IsOne(ImageBytes head)
    {
        IEnumerable<ImageBytes> entries = Enumerable.Range(0, Entries).Select(i => Entry(head, i));
        return head.Has(510, [0x55, 0xaa]) && entries.All(e => e[0] is 0 or Active) && entries.Any(IsUsed);
    }

    public static void Describe(ImageReader reader, ImageFindings found)
    {
        found.AddDetail("PartitionTable", "mbr");
        if (reader.Head.U32Le(440) is not 0 and uint signature)
        {
            found.AddDetail("DiskId", $"{signature:x8}");
        }

        for (int i = 0; i < Entries; i++)
        {
            ImageBytes entry = Entry(reader.Head, i);
            if (!IsUsed(entry) || PartitionTable.Extent(entry.U32Le(8), entry.U32Le(12), SectorSize, i + 1, reader, found) is not { } extent)
            {
                continue;
            }

            byte type = entry[4];
            found.Partitions.Add(new SfImagePartition
            {
                Number = i + 1,
                Type = PartitionTypes.Name(type) ?? $"0x{type:x2}",
                TypeId = $"0x{type:x2}",
                Offset = extent.Start,
                Size = extent.Size,
                IsBootable = entry[0] == Active,
            });
            if (type is 0x05 or 0x0f or 0x85)
            {
                // Each logical partition would require a separate read anywhere on the disk.
                found.Features.Add("logical partitions, not read");
            }
        }
    }

    private static ImageBytes Entry(ImageBytes head, int index) => head.Part(FirstEntry + index * EntryLength, EntryLength);

    private static bool IsUsed(ImageBytes entry) => entry[4] != 0 && entry.U32Le(12) != 0;
}
