namespace ShakenFist.Blobs.Images;

/// <summary>A raw disk, which can be followed by the footer of a VHD.</summary>
internal static class RawFormat
{
    private const int SectorSize = 512;

    public static async ValueTask DescribeAsync(ImageReader reader, ImageFindings found, CancellationToken cancellationToken)
    {
        found.VirtualSize = reader.Length <= long.MaxValue - SectorSize ? (reader.Length + SectorSize - 1) / SectorSize * SectorSize : reader.Length;
        ImageBytes end = await reader.ReadEndAsync(VhdFormat.FooterLength, cancellationToken).ConfigureAwait(false);
        ImageBytes footer = VhdFormat.FooterIn(end);
        if (footer.Length > 0)
        {
            await VhdFormat.DescribeAsync(reader, end, found, cancellationToken).ConfigureAwait(false);
            if (VhdFormat.IsDynamic(footer))
            {
                return;
            }
        }

        await PartitionTable.DescribeAsync(reader, found, cancellationToken).ConfigureAwait(false);
    }
}
