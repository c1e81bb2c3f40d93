namespace ShakenFist.Blobs.Images;

/// <summary>
/// Tells what an image says of itself, from its first 64 KiB and at most a few small ranges more, so that an image of any size is described at once.
/// The image may be anyone's: no number in it is used before it is checked, and whatever it holds, a description comes out.
/// </summary>
public static class ImageProbe
{
    private delegate ValueTask Describe(ImageReader reader, ImageFindings found, CancellationToken cancellationToken);

    private static readonly (Func<ImageBytes, bool> Matches, Describe DescribeAsync)[] Formats =
    [
        (Qcow2Format.Matches, Qcow2Format.DescribeAsync),
        (QcowFormat.Matches, QcowFormat.DescribeAsync),
        (VmdkFormat.Matches, VmdkFormat.DescribeAsync),
        (VhdxFormat.Matches, VhdxFormat.DescribeAsync),
        (VhdFormat.Matches, VhdFormat.DescribeAsync),
        (VdiFormat.Matches, VdiFormat.DescribeAsync),
        (LuksFormat.Matches, LuksFormat.DescribeAsync),
        (PackedFormat.Matches, PackedFormat.DescribeAsync),
        (IsoFormat.Matches, IsoFormat.DescribeAsync),
        (_ => true, RawFormat.DescribeAsync),
    ];

    /// <summary>Describes an image. What the source throws comes through; nothing that the image holds makes this throw.</summary>
    public static async Task<SfBlobImageInfo> ProbeAsync(IImageSource source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        ImageReader reader = await ImageReader.OpenAsync(source, cancellationToken).ConfigureAwait(false);
        ImageFindings found = new();
        await Formats.First(f => f.Matches(reader.Head)).DescribeAsync(reader, found, cancellationToken).ConfigureAwait(false);
        return found.ToInfo(reader.Length);
    }
}
