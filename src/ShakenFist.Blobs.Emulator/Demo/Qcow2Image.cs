using System.Buffers.Binary;
using System.Text;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Builds small valid qcow2 v3 images: header, reference counts, one L1 table and one L2 table, and the clusters that contain data.</summary>
internal static class Qcow2Image
{
    private const int ClusterBits = 16;
    private const int Cluster = 1 << ClusterBits;
    private const int HeaderLength = 104;
    private const ulong Copied = 1UL << 63;
    private const uint BackingFormatExtension = 0xE2792ACA;

    private const int RefcountTable = 1;
    private const int RefcountBlock = 2;
    private const int L1Table = 3;
    private const int L2Table = 4;
    private const int FirstData = 5;

    /// <param name="virtualSize">At most 512 MiB, the maximum for one L2 table.</param>
    /// <param name="clusters">The number of clusters with data, from the start of the disk.</param>
    /// <param name="seed">The seed of the data.</param>
    /// <param name="backingFile">The name of the backing file.</param>
    public static byte[] Build(long virtualSize, int clusters, int seed, string? backingFile = null)
    {
        byte[] image = new byte[(FirstData + clusters) * Cluster];
        WriteHeader(image, virtualSize, backingFile);
        Write(image, RefcountTable, 0, (ulong)RefcountBlock * Cluster);
        for (int cluster = 0; cluster < FirstData + clusters; cluster++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(image.AsSpan(RefcountBlock * Cluster + cluster * sizeof(ushort)), 1);
        }

        Write(image, L1Table, 0, (ulong)L2Table * Cluster | Copied);
        for (int i = 0; i < clusters; i++)
        {
            Write(image, L2Table, i, (ulong)(FirstData + i) * Cluster | Copied);
        }

        new GeneratedContent((long)clusters * Cluster, seed).Read(0, image.AsSpan(FirstData * Cluster));
        return image;
    }

    private static void WriteHeader(Span<byte> image, long virtualSize, string? backingFile)
    {
        "QFI"u8.CopyTo(image);
        image[3] = 0xfb;
        Write(image, 4, 3u);
        Write(image, 20, (uint)ClusterBits);
        Write(image, 24, (ulong)virtualSize);
        Write(image, 36, 1u);
        Write(image, 40, (ulong)L1Table * Cluster);
        Write(image, 48, (ulong)RefcountTable * Cluster);
        Write(image, 56, 1u);
        Write(image, 96, 4u);
        Write(image, 100, (uint)HeaderLength);
        if (backingFile is not null)
        {
            // The extensions come first and end with a type of zero. The name can be anywhere in the first cluster.
            ReadOnlySpan<byte> format = "qcow2"u8;
            Write(image, HeaderLength, BackingFormatExtension);
            Write(image, HeaderLength + 4, (uint)format.Length);
            format.CopyTo(image[(HeaderLength + 8)..]);
            int nameOffset = HeaderLength + 32;
            Write(image, 8, (ulong)nameOffset);
            Write(image, 16, (uint)Encoding.UTF8.GetBytes(backingFile, image[nameOffset..]));
        }
    }

    private static void Write(Span<byte> image, int offset, uint value) => BinaryPrimitives.WriteUInt32BigEndian(image[offset..], value);

    private static void Write(Span<byte> image, int offset, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(image[offset..], value);

    private static void Write(Span<byte> image, int cluster, int index, ulong value) =>
        Write(image, cluster * Cluster + index * sizeof(ulong), value);
}
