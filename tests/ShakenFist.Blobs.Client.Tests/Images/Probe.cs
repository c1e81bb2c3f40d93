using ShakenFist.Blobs.Images;

namespace ShakenFist.Blobs.Client.Tests.Images;

/// <summary>Runs the reader of image heads in tests.</summary>
internal static class Probe
{
    /// <summary>Describes an image.</summary>
    public static Task<SfImageInfo> Of(IImageSource image) => ImageProbe.ProbeAsync(image, Limit.Token);

    /// <summary>Describes an image that has nothing to warn of.</summary>
    public static async Task<SfImageInfo> Good(IImageSource image)
    {
        SfImageInfo info = await Of(image);
        Assert.Empty(info.Warnings);
        return info;
    }

    /// <summary>Describes an image that has one thing to warn of, and checks the format.</summary>
    public static async Task<string> OnlyWarning(IImageSource image, string format)
    {
        SfImageInfo info = await Of(image);
        Assert.Equal(format, info.FileFormat);
        return Assert.Single(info.Warnings);
    }
}
