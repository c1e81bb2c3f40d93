namespace ShakenFist.Blobs.Images;

/// <summary>
/// Gets format information from the first 64 KiB of an image and a few other small ranges, independent of the size of the image.
/// The image can be malicious: each number is checked before it is used, and the result is a description for any content.
/// </summary>
public static class ImageProbe
{
    private delegate ValueTask Describe(ImageReader reader, ImageFindings found, CancellationToken cancellationToken);

    private static readonly (Func<ImageBytes, bool> Matches, Describe DescribeAsync)[] Formats =
    [
        (Qcow2Format.Matches, Qcow2Format.DescribeAsync),
        (QcowFormat.Matches, QcowFormat.DescribeAsync),
        (QedFormat.Matches, QedFormat.DescribeAsync),
        (VmdkFormat.Matches, VmdkFormat.DescribeAsync),
        (VhdxFormat.Matches, VhdxFormat.DescribeAsync),
        (VhdFormat.Matches, VhdFormat.DescribeAsync),
        (VdiFormat.Matches, VdiFormat.DescribeAsync),
        (ParallelsFormat.Matches, ParallelsFormat.DescribeAsync),
        (LuksFormat.Matches, LuksFormat.DescribeAsync),
        (PackedFormat.Matches, PackedFormat.DescribeAsync),
        (IsoFormat.Matches, IsoFormat.DescribeAsync),
        (_ => true, RawFormat.DescribeAsync),
    ];

    /// <summary>Describes an image. Exceptions of the source are not handled. The content of the image causes no exceptions.</summary>
    public static async Task<SfImageInfo> ProbeAsync(IImageSource source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        ImageReader reader = await ImageReader.OpenAsync(source, cancellationToken).ConfigureAwait(false);
        ImageFindings found = new();
        await Formats.First(f => f.Matches(reader.Head)).DescribeAsync(reader, found, cancellationToken).ConfigureAwait(false);
        return found.ToInfo(reader.Length);
    }
}
