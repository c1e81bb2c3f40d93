using System.Globalization;

namespace ShakenFist.Blobs.Images;

/// <summary>The descriptor of a VMDK: lines of <c>key=value</c>, and one for each extent, such as <c>RW 4192256 SPARSE "disk-s001.vmdk"</c>.</summary>
internal sealed class VmdkDescription
{
    private const int SectorSize = 512;
    private const int MaxExtents = 256;
    private const string NoParent = "ffffffff";

    private static readonly string[] Accesses = ["RW", "RDONLY", "NOACCESS"];

    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _extents = [];
    private UInt128 _sectors;

    /// <summary>
    /// Returns whether a text is a descriptor: as for qemu-img, if its first line that is neither empty nor a comment specifies version 1, 2, or 3. Also if a
    /// comment before it is the usual title.
    /// </summary>
    public static bool IsOne(ImageBytes bytes)
    {
        foreach (string line in bytes.Utf8(0, SectorSize).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string text = line.Replace(" ", "", StringComparison.Ordinal);
            if (line[0] != '#')
            {
                return text is "version=1" or "version=2" or "version=3";
            }

            if (text.Equals("#DiskDescriptorFile", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    public static VmdkDescription Of(ImageBytes bytes)
    {
        VmdkDescription description = new();
        foreach (string line in bytes.Utf8(0, bytes.Length).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            description.Take(line);
        }

        return description;
    }

    /// <summary>Adds the information of the descriptor. A descriptor without an extent around it also determines the size of the disk.</summary>
    public void Describe(ImageFindings found, bool isAlone)
    {
        found.AddDetail("CreateType", _values.GetValueOrDefault("createType"));
        found.AddDetail("Cid", _values.GetValueOrDefault("CID"));
        found.AddDetail("AdapterType", _values.GetValueOrDefault("ddb.adapterType"));
        found.AddDetail("HardwareVersion", _values.GetValueOrDefault("ddb.virtualHWVersion"));
        found.AddDetail("Extents", _extents.Count == 0 ? null : _extents.ToArray());
        found.BackingFile = _values.GetValueOrDefault("parentFileNameHint");
        string parent = _values.GetValueOrDefault("parentCID") ?? NoParent;
        if (!parent.Equals(NoParent, StringComparison.OrdinalIgnoreCase))
        {
            found.BackingFileFormat = "vmdk";
            found.AddDetail("ParentCid", parent);
            if (found.BackingFile is null)
            {
                found.Warn("The image has a parent, but the descriptor does not contain its name.");
            }
        }

        if (_values.GetValueOrDefault("createType") is null)
        {
            found.Warn("The descriptor does not contain the type of the disk.");
        }

        if (isAlone)
        {
            found.Version = _values.GetValueOrDefault("version");
            found.Features.Add("data in other files");
            found.VirtualSize = _sectors <= ulong.MaxValue ? found.Bytes((ulong)_sectors, SectorSize, "sum of the extents") : null;
        }
        else if (found.VirtualSize is { } size && _sectors * SectorSize != (ulong)size)
        {
            found.Warn($"The extents in the descriptor contain {(_sectors * SectorSize).ToString(CultureInfo.InvariantCulture)} bytes, but the header specifies {size}.");
        }
    }

    private void Take(string line)
    {
        string[] words = line.Split([' ', '\t'], 4, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length >= 3 && Accesses.Contains(words[0]) && ulong.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong sectors))
        {
            _sectors += sectors;
            if (_extents.Count < MaxExtents)
            {
                _extents.Add(line);
            }

            return;
        }

        int equals = line.IndexOf('=', StringComparison.Ordinal);
        if (equals > 0 && line[0] != '#')
        {
            _values.TryAdd(line[..equals].Trim(), line[(equals + 1)..].Trim().Trim('"'));
        }
    }
}
