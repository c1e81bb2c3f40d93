using System.Reflection;

namespace ShakenFist.Blobs.Playground;

/// <summary>The module that was laid out when the playground was built.</summary>
internal static class ModuleUnderHand
{
    /// <summary>Full path of its manifest.</summary>
    public static string Manifest { get; } = Path.Combine(
        typeof(ModuleUnderHand).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "ModuleLayoutPath").Value!,
        "ShakenFist.Blobs.psd1");

    /// <summary>Its version, which is the name of the directory it lies in.</summary>
    public static string Version { get; } = Path.GetFileName(Path.GetDirectoryName(Manifest)!);
}
