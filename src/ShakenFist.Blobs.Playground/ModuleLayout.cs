using System.Reflection;

namespace ShakenFist.Blobs.Playground;

/// <summary>The layout of the module that was built with the playground.</summary>
internal static class ModuleLayout
{
    /// <summary>Full path of the manifest.</summary>
    public static string Manifest { get; } = Path.Combine(Metadata("ModuleLayoutPath"), "ShakenFist.Blobs.psd1");

    /// <summary>Version of the module, from the name of its directory.</summary>
    public static string Version { get; } = Path.GetFileName(Path.GetDirectoryName(Manifest)!);

    /// <summary>The root directory of the repository.</summary>
    public static string RepositoryRoot { get; } = Metadata("RepositoryRoot");

    /// <summary>The folder of NuGet packages from the environment variable, or else the one that the build used.</summary>
    public static string Packages { get; } = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } path ? path : Metadata("NuGetPackages");

    private static string Metadata(string key) =>
        typeof(ModuleLayout).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
