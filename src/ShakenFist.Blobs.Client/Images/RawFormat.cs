namespace ShakenFist.Blobs.Images;

/// <summary>A raw disk, which can be followed by the footer of a VHD.</summary>
internal static class RawFormat
{
    private const int SectorSize = 512;

    public static async ValueTask DescribeAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        found.VirtualSize = reader.Length <= long.MaxValue - SectorSize ? (reader.Length + SectorSize - 1) / SectorSize * SectorSize : reader.Length;
        ImageBytes end = await reader.ReadEndAsync(VhdFormat.FooterLength, cancellationToken).ConfigureAwait(false);
        if (VhdFormat.IsFooter(end))
        {
            VhdFormat.DescribeFooter(end, found);
            if (found.VirtualSize != reader.Length - VhdFormat.FooterLength)
            {
                found.Warn($"The footer specifies a disk of {found.VirtualSize} bytes, but {reader.Length - VhdFormat.FooterLength} bytes precede it.");
            }
        }

        await PartitionTable.DescribeAsync(reader, found, cancellationToken).ConfigureAwait(false);
    }
}
