using System.Globalization;

namespace ShakenFist.Blobs.Images;

/// <summary>VMware VMDK: a sparse extent, which can have an embedded descriptor, or a text descriptor whose data is in other files.</summary>
internal static class VmdkFormat
{
    private const int SectorSize = 512;
    private const int HeaderLength = 512;
    private const int ServerHeaderLength = 2048;
    private const ulong AtEnd = ulong.MaxValue;
    private const int LongestDescription = 64 * 1024;

    // The footer and the end-of-stream marker are the last two sectors of a stream-optimized image.
    private const int TailLength = 1024;

    // The descriptor of a split disk is in a separate file.
    private const string NoDescriptor = "no descriptor";

    private const uint NewlineTest = 1;
    private const uint Compressed = 1 << 16;
    private const uint Markers = 1 << 17;

    public static bool Matches(ImageBytes head) => IsSparse(head) || IsServerSparse(head) || VmdkDescription.IsOne(head);

    public static async ValueTask DescribeAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        found.FileFormat = "vmdk";
        if (IsSparse(reader.Head))
        {
            await DescribeSparseAsync(reader, found, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (IsServerSparse(reader.Head))
        {
            DescribeServerSparse(reader, found);
            return;
        }

        VmdkDescription.Of(reader.Head).Describe(found, isAlone: true);
        if (reader.Length > reader.Head.Length)
        {
            found.Warn($"The file has {reader.Length} bytes, which is too long for a text descriptor.");
        }
    }

    private static bool IsSparse(ImageBytes head) => head.Has(0, "KDMV"u8);

    private static bool IsServerSparse(ImageBytes head) => head.Has(0, "COWD"u8);

    /// <summary>Reads the header of a sparse extent of VMware ESX. Its descriptor is in another file.</summary>
    private static void DescribeServerSparse(ImageReader reader, ImageFindings found)
    {
        ImageBytes head = reader.Head;
        uint version = head.U32Le(4);
        found.Version = version.ToString(CultureInfo.InvariantCulture);
        found.AddDetail("CreateType", "vmfsSparse");
        found.Features.Add(NoDescriptor);
        if (version != 1)
        {
            found.Warn($"Sparse extent version {version} is not supported.");
        }

        if (!found.IsWhole(head, ServerHeaderLength, "header"))
        {
            return;
        }

        found.VirtualSize = found.Bytes(head.U32Le(12), SectorSize, "capacity");
        found.ClusterSize = found.PowerOfTwo(ImageReader.Offset(head.U32Le(16), SectorSize), SectorSize, 1L << 30, "grain");
        if (!reader.Holds(ImageReader.Offset(head.U32Le(20), SectorSize), head.U32Le(24) * (ulong)sizeof(uint)))
        {
            found.Warn($"The grain directory in sector {head.U32Le(20)} is beyond the end of the image at {reader.Length}.");
        }
    }

    private static async ValueTask DescribeSparseAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        ImageBytes head = reader.Head;
        uint version = head.U32Le(4);
        found.Version = version.ToString(CultureInfo.InvariantCulture);
        if (version is 0 or > 3)
        {
            found.Warn($"Sparse extent version {version} is not supported.");
        }

        if (!found.IsWhole(head, HeaderLength, "header"))
        {
            return;
        }

        if ((head.U32Le(8) & NewlineTest) != 0 && !head.Has(73, "\n \r\n"u8))
        {
            found.Warn("The line endings in the header were changed. The image was probably copied as text.");
        }

        await DescribeExtentAsync(reader, found, cancellationToken).ConfigureAwait(false);
        if (head[72] != 0)
        {
            found.Features.Add("dirty");
        }

        if ((head.U32Le(8) & Markers) != 0)
        {
            found.Features.Add("markers");
        }

        if ((head.U32Le(8) & Compressed) != 0)
        {
            ushort algorithm = head.U16Le(77);
            found.CompressionType = algorithm switch { 0 => null, 1 => "deflate", _ => $"algorithm {algorithm}" };
        }

        await DescribeInsideAsync(reader, found, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads capacity and grain. If the header specifies that the tables are at the end, the values of the footer are used.</summary>
    private static async ValueTask DescribeExtentAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        ImageBytes header = reader.Head;
        if (header.U64Le(56) == AtEnd)
        {
            ImageBytes footer = await reader.ReadEndAsync(TailLength, cancellationToken).ConfigureAwait(false);
            if (IsSparse(footer))
            {
                header = footer;
            }
            else
            {
                found.Warn("The tables are at the end of the image, but there is no footer. The image is truncated.");
            }
        }
        else if (!reader.Holds(ImageReader.Offset(header.U64Le(56), SectorSize), 0))
        {
            found.Warn($"The grain directory in sector {header.U64Le(56)} is beyond the end of the image at {reader.Length}.");
        }

        found.VirtualSize = found.Bytes(header.U64Le(12), SectorSize, "capacity");
        found.ClusterSize = found.PowerOfTwo(ImageReader.Offset(header.U64Le(20), SectorSize), SectorSize, 1L << 30, "grain");
    }

    private static async ValueTask DescribeInsideAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        ulong sector = reader.Head.U64Le(28);
        if (sector == 0)
        {
            found.Features.Add(NoDescriptor);
            return;
        }

        int count = (int)Math.Min(ImageReader.Offset(reader.Head.U64Le(36), SectorSize), LongestDescription);
        ImageBytes text = await reader.ReadAsync(ImageReader.Offset(sector, SectorSize), count, cancellationToken).ConfigureAwait(false);
        if (VmdkDescription.IsOne(text))
        {
            VmdkDescription.Of(text).Describe(found, isAlone: false);
        }
        else if (text.Length > 0 && !text.Span.ContainsAnyExcept((byte)0))
        {
            // qemu-img reserves the space also in the extents of a split disk.
            found.Features.Add(NoDescriptor);
        }
        else
        {
            found.Warn($"Sector {sector}, which the header specifies, contains no descriptor.");
        }
    }
}
