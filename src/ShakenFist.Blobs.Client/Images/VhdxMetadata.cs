namespace ShakenFist.Blobs.Images;

/// <summary>The metadata region of a VHDX image: a table of 64 KiB, followed by the items. Only items soon after the table are read.</summary>
internal static class VhdxMetadata
{
    /// <summary>The number of bytes that are read of the region.</summary>
    public const int ReadLength = 128 * 1024;

    private const int TableLength = 64 * 1024;
    private const int EntryLength = 32;
    private const int MaxEntries = 2047;
    private const int LongestText = 1024;

    private static readonly Guid FileParameters = new("caa16737-fa36-4d43-b3b6-33f0aa44e76b");
    private static readonly Guid VirtualDiskSize = new("2fa54224-cd1b-4876-b211-5dbed83bf4b8");
    private static readonly Guid VirtualDiskId = new("beca12ab-b2e6-4523-93ef-c309e000c746");
    private static readonly Guid LogicalSectorSize = new("8141bf1d-a96f-4709-ba47-f233a8faab5f");
    private static readonly Guid PhysicalSectorSize = new("cda348c7-445d-4471-9cc9-e9885251c556");
    private static readonly Guid ParentLocator = new("a8d35f2d-b30b-454d-abf7-d3d84834ab0c");

    // In the order in which a parent is searched for.
    private static readonly string[] ParentPaths = ["relative_path", "volume_path", "absolute_win32_path"];

    public static void Describe(ImageBytes region, ImageFindings found)
    {
        if (!region.Has(0, "metadata"u8))
        {
            found.Warn("The metadata is not at the offset that the region table specifies.");
            return;
        }

        Dictionary<Guid, ImageBytes> items = Items(region, found);
        if (Item(items, FileParameters, 8, "file parameters", found) is { } parameters)
        {
            found.ClusterSize = found.PowerOfTwo(parameters.U32Le(0), 1L << 20, 256L << 20, "block size");
            if ((parameters.U32Le(4) & 1) != 0)
            {
                found.Features.Add("fixed");
            }

            if ((parameters.U32Le(4) & 2) != 0)
            {
                ReadParent(items, found);
            }
        }

        if (Item(items, VirtualDiskSize, sizeof(ulong), "virtual disk size", found) is { } size)
        {
            found.VirtualSize = found.Bytes(size.U64Le(0), 1, "virtual disk size");
        }

        if (Item(items, LogicalSectorSize, sizeof(uint), "logical sector size", found) is { } sector)
        {
            found.AddDetail("LogicalSectorSize", found.PowerOfTwo(sector.U32Le(0), 512, 4096, "logical sector size"));
        }

        if (items.TryGetValue(PhysicalSectorSize, out ImageBytes physical))
        {
            found.AddDetail("PhysicalSectorSize", found.PowerOfTwo(physical.U32Le(0), 512, 4096, "physical sector size"));
        }

        if (items.TryGetValue(VirtualDiskId, out ImageBytes id))
        {
            found.AddDetail("Uuid", id.Guid(0));
        }
    }

    private static Dictionary<Guid, ImageBytes> Items(ImageBytes region, ImageFindings found)
    {
        Dictionary<Guid, ImageBytes> items = [];
        int count = region.U16Le(10);
        if (count > MaxEntries)
        {
            found.Warn($"The metadata table specifies {count} items. The maximum is {MaxEntries}.");
            return items;
        }

        for (int i = 0; i < count; i++)
        {
            int entry = (i + 1) * EntryLength;
            uint offset = region.U32Le(entry + 16);
            if (offset >= TableLength)
            {
                items.TryAdd(region.Guid(entry), region.Part(offset, region.U32Le(entry + 20)));
            }
        }

        return items;
    }

    private static ImageBytes? Item(Dictionary<Guid, ImageBytes> items, Guid id, int length, string what, ImageFindings found)
    {
        if (items.TryGetValue(id, out ImageBytes item) && item.Length >= length)
        {
            return item;
        }

        found.Warn($"The metadata does not contain the {what} at the expected offset.");
        return null;
    }

    /// <summary>The parent is described by pairs of keys and values, whose offsets are relative to the start of the locator.</summary>
    private static void ReadParent(Dictionary<Guid, ImageBytes> items, ImageFindings found)
    {
        found.Features.Add("parent");
        if (Item(items, ParentLocator, 20, "parent", found) is not { } locator)
        {
            return;
        }

        Dictionary<string, string> pairs = new(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < locator.U16Le(18) && 20 + (i + 1) * 12 <= locator.Length; i++)
        {
            int entry = 20 + i * 12;
            string key = locator.Utf16Le(locator.U32Le(entry), Math.Min(locator.U16Le(entry + 8), (ushort)LongestText));
            pairs.TryAdd(key, locator.Utf16Le(locator.U32Le(entry + 4), Math.Min(locator.U16Le(entry + 10), (ushort)LongestText)));
        }

        found.BackingFileFormat = "vhdx";
        found.BackingFile = ParentPaths.Select(pairs.GetValueOrDefault).FirstOrDefault(path => path is not null);
        found.AddDetail("ParentLinkage", pairs.GetValueOrDefault("parent_linkage"));
    }
}
