using System.Reflection;

namespace ShakenFist.Blobs.Packager;

/// <summary>The paths and the SDK version with which this program was built.</summary>
internal static class Repository
{
    public static string Root { get; } = Metadata("RepositoryRoot");

    /// <summary>The folder of restored NuGet packages.</summary>
    public static string PackageCache { get; } = Metadata("NuGetPackageRoot");

    /// <summary>The version of the .NET SDK. A different SDK can compile the same sources to different bytes.</summary>
    public static string SdkVersion { get; } = Metadata("SdkVersion");

    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string Metadata(string key) => typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
