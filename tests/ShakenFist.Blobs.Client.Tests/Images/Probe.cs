using ShakenFist.Blobs.Images;

namespace ShakenFist.Blobs.Client.Tests.Images;

/// <summary>Runs the image probe in tests.</summary>
internal static class Probe
{
    /// <summary>Describes an image.</summary>
    public static Task<SfImageInfo> Of(IImageSource image) => ImageProbe.ProbeAsync(image, Limit.Token);

    /// <summary>Describes an image and checks that there are no warnings.</summary>
    public static async Task<SfImageInfo> Good(IImageSource image)
    {
        SfImageInfo info = await Of(image);
        Assert.Empty(info.Warnings);
        return info;
    }

    /// <summary>Describes an image and checks that there is one warning, and the format.</summary>
    public static async Task<string> OnlyWarning(IImageSource image, string format)
    {
        SfImageInfo info = await Of(image);
        Assert.Equal(format, info.FileFormat);
        return Assert.Single(info.Warnings);
    }
}
