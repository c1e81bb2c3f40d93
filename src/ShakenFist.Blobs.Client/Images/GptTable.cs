namespace ShakenFist.Blobs.Images;

/// <summary>The GUID partition table: a header in the second sector of the disk, and the entries that it refers to.</summary>
internal static class GptTable
{
    private const int HeaderLength = 92;
    private const int MinEntryLength = 128;
    private const int MaxEntryLength = 4096;
    private const int MaxEntriesBytes = 64 * 1024;
    private const int NameLength = 72;
    private const ulong LegacyBootable = 1 << 2;

    private static readonly Guid EfiSystem = new("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");

    /// <summary>Gets the sector size from the position of the header. Null if there is no header.</summary>
    public static int? SectorSize(ImageBytes head) => IsHeader(head, 512) ? 512 : IsHeader(head, 4096) ? 4096 : null;

    public static async ValueTask DescribeAsync(ImageReader reader, int sector, ImageFindings found, CancellationToken cancellationToken)
    {
        found.AddDetail("PartitionTable", "gpt");
        found.AddDetail("SectorSize", sector);
        ImageBytes header = reader.Head.Part(sector, sector);
        if (!found.IsWhole(header, HeaderLength, "header of the partition table"))
        {
            return;
        }

        found.AddDetail("DiskUuid", header.Guid(56));
        CheckHeader(header, reader, sector, found);
        uint count = header.U32Le(80);
        uint length = header.U32Le(84);
        if (length is < MinEntryLength or > MaxEntryLength)
        {
            found.Warn($"The entry length of {length} bytes in the partition table is not valid.");
            return;
        }

        ulong wanted = (ulong)count * length;
        ulong first = ImageReader.Offset(header.U64Le(72), sector);
        if (!reader.Holds(first, wanted))
        {
            found.Warn($"The {count} entries of the partition table at {first} are beyond the end of the image at {reader.Length}.");
            return;
        }

        ImageBytes entries = await reader.ReadAsync(first, (int)Math.Min(wanted, MaxEntriesBytes), cancellationToken).ConfigureAwait(false);
        if ((ulong)entries.Length < wanted)
        {
            found.Warn($"The partition table has {count} entries. Only the first {entries.Length / length} were read.");
        }
        else if (header.U32Le(88) != Checksum32.OfGpt(entries.Span, checksumOffset: entries.Length))
        {
            found.Warn("The checksum of the partition table entries is not correct.");
        }

        for (int i = 0; (i + 1) * length <= entries.Length; i++)
        {
            Take(entries.Part(i * length, length), i + 1, reader, sector, found);
        }
    }

    private static bool IsHeader(ImageBytes head, int sector) => head.Has(sector, "EFI PART"u8);

    private static void CheckHeader(ImageBytes header, ImageReader reader, int sector, ImageFindings found)
    {
        uint length = header.U32Le(12);
        if (length < HeaderLength || length > sector)
        {
            found.Warn($"The header length of {length} bytes in the partition table is not valid.");
        }
        else if (header.U32Le(16) != Checksum32.OfGpt(header.Part(0, length).Span, checksumOffset: 16))
        {
            found.Warn("The checksum of the partition table header is not correct.");
        }

        ulong backup = header.U64Le(32);
        if (!reader.Holds(ImageReader.Offset(backup, sector), (ulong)sector))
        {
            found.Warn($"The backup partition table in sector {backup} is beyond the end of the image at {reader.Length}. The image is truncated.");
        }
    }

    private static void Take(ImageBytes entry, int number, ImageReader reader, int sector, ImageFindings found)
    {
        Guid type = entry.Guid(0);
        if (type == Guid.Empty)
        {
            return;
        }

        ulong first = entry.U64Le(32);
        ulong last = entry.U64Le(40);
        if (last < first)
        {
            found.Warn($"Partition {number} ends before it starts.");
            return;
        }

        if (PartitionTable.Extent(first, (UInt128)last - first + 1, sector, number, reader, found) is not { } extent)
        {
            return;
        }

        found.Partitions.Add(new SfImagePartition
        {
            Number = number,
            Type = PartitionTypes.Name(type) ?? type.ToString("D"),
            TypeId = type.ToString("D"),
            Name = entry.Utf16Le(56, NameLength),
            Uuid = entry.Guid(16),
            Offset = extent.Start,
            Size = extent.Size,
            IsBootable = type == EfiSystem || (entry.U64Le(48) & LegacyBootable) != 0,
        });
    }
}
