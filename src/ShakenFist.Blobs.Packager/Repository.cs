using System.Reflection;

namespace ShakenFist.Blobs.Packager;

/// <summary>Where this program was built, and with what.</summary>
internal static class Repository
{
    public static string Root { get; } = Metadata("RepositoryRoot");

    /// <summary>Where NuGet keeps the packages that were restored.</summary>
    public static string PackageCache { get; } = Metadata("NuGetPackageRoot");

    /// <summary>The .NET SDK: another one may compile the same sources to other bytes.</summary>
    public static string SdkVersion { get; } = Metadata("SdkVersion");

    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string Metadata(string key) => typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
