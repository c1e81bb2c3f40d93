using System.Text.Json;
using System.Xml.Linq;

namespace ShakenFist.Blobs.Packager;

/// <summary>A third-party package of the module.</summary>
/// <param name="Id">The ID of the package.</param>
/// <param name="Version">The version of the package.</param>
/// <param name="IsDirect">Whether the module references the package directly.</param>
/// <param name="Dependencies">The IDs of the packages it depends on.</param>
internal sealed record LockedPackage(string Id, string Version, bool IsDirect, IReadOnlyList<string> Dependencies)
{
    /// <summary>The SPDX expression of the license.</summary>
    /// <exception cref="FormatException">The package does not specify an expression.</exception>
    public string License => Cached($"{Lower(Id)}.nuspec", path => XDocument.Load(path).Descendants().SingleOrDefault(e => e.Name.LocalName == "license" && (string?)e.Attribute("type") == "expression")?.Value)
        ?? throw new FormatException($"Package {Id} {Version} does not specify its license as an SPDX expression.");

    /// <summary>SHA-512 hash of the package file in hexadecimal digits.</summary>
    public string Sha512 => Convert.ToHexStringLower(Convert.FromBase64String(Cached($"{Lower(Id)}.{Version}.nupkg.sha512", File.ReadAllText).Trim()));

    /// <summary>Reads a file of the package from the package cache, to which the package was restored for compilation.</summary>
    private T Cached<T>(string file, Func<string, T> read) => read(Path.Combine(Repository.PackageCache, Lower(Id), Version, file));

#pragma warning disable CA1308 // The folder names of NuGet are in lower case.
    private static string Lower(string text) => text.ToLowerInvariant();
#pragma warning restore CA1308
}

/// <summary>Reads packages.lock.json of a project.</summary>
internal static class LockFile
{
    /// <summary>Returns the packages of its only target framework, ordered by name.</summary>
    public static IReadOnlyList<LockedPackage> Read(string json)
    {
        using JsonDocument file = JsonDocument.Parse(json);
        JsonElement packages = file.RootElement.GetProperty("dependencies").EnumerateObject().Single().Value;
        return
        [
            .. packages.EnumerateObject()
                .Select(package => new LockedPackage(
                    package.Name,
                    package.Value.GetProperty("resolved").GetString()!,
                    package.Value.GetProperty("type").ValueEquals("Direct"),
                    package.Value.TryGetProperty("dependencies", out JsonElement needed) ? [.. needed.EnumerateObject().Select(d => d.Name)] : []))
                .OrderBy(package => package.Id, StringComparer.Ordinal),
        ];
    }
}
