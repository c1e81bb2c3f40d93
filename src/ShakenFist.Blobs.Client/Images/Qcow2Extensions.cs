namespace ShakenFist.Blobs.Images;

/// <summary>The header extensions of a qcow2 image that are reported.</summary>
internal sealed class Qcow2Extensions
{
    private const uint End = 0;
    private const uint BackingFormatType = 0xe2792aca;
    private const uint FeatureNamesType = 0x6803f857;
    private const uint BitmapsType = 0x23852875;
    private const uint DataFileType = 0x44415441;

    private const int LongestName = 1023;
    private const int FeatureNameLength = 48;

    public string? BackingFileFormat { get; private set; }

    public string? DataFile { get; private set; }

    public long? BitmapCount { get; private set; }

    /// <summary>Gets the names in the image for feature bits, by type (0 incompatible, 1 compatible, 2 autoclear) and bit.</summary>
    public Dictionary<(byte Type, byte Bit), string> FeatureNames { get; } = [];

    /// <summary>Reads extensions from <paramref name="start"/> to <paramref name="end"/> or the end of the data. Each has at least 8 bytes, which limits their number.</summary>
    public static Qcow2Extensions Read(ImageBytes head, int start, int end, ImageFindings found)
    {
        Qcow2Extensions extensions = new();
        long offset = start;
        long last = Math.Min(end, head.Length);
        while (offset + 8 <= last && head.U32Be(offset) != End)
        {
            uint length = head.U32Be(offset + 4);
            if (length > last - offset - 8)
            {
                found.Warn($"The header extension at {offset} specifies {length} bytes. At most {last - offset - 8} are available.");
                break;
            }

            extensions.Take(head.U32Be(offset), head.Part(offset + 8, length));
            offset += 8 + ((long)length + 7) / 8 * 8;
        }

        return extensions;
    }

    private void Take(uint type, ImageBytes body)
    {
        switch (type)
        {
            case BackingFormatType:
                BackingFileFormat = body.Utf8(0, LongestName);
                break;
            case DataFileType:
                DataFile = body.Utf8(0, LongestName);
                break;
            case BitmapsType:
                BitmapCount = body.U32Be(0);
                break;
            case FeatureNamesType:
                for (int entry = 0; entry + FeatureNameLength <= body.Length; entry += FeatureNameLength)
                {
                    FeatureNames.TryAdd((body[entry], body[entry + 1]), body.Utf8(entry + 2, FeatureNameLength - 2));
                }

                break;
        }
    }
}
