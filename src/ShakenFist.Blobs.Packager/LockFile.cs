using System.Text.Json;
using System.Xml.Linq;

namespace ShakenFist.Blobs.Packager;

/// <summary>A package that came with the module.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="IsDirect">Whether the module asks for it itself.</param>
/// <param name="Dependencies">The names of the packages it needs.</param>
internal sealed record LockedPackage(string Id, string Version, bool IsDirect, IReadOnlyList<string> Dependencies)
{
    /// <summary>The licence by its SPDX expression.</summary>
    /// <exception cref="FormatException">The package does not say it so.</exception>
    public string License => Cached($"{Lower(Id)}.nuspec", path => XDocument.Load(path).Descendants().SingleOrDefault(e => e.Name.LocalName == "license" && (string?)e.Attribute("type") == "expression")?.Value)
        ?? throw new FormatException($"Package {Id} {Version} does not specify its license as an SPDX expression.");

    /// <summary>SHA-512 of the package's file, in hex.</summary>
    public string Sha512 => Convert.ToHexStringLower(Convert.FromBase64String(Cached($"{Lower(Id)}.{Version}.nupkg.sha512", File.ReadAllText).Trim()));

    /// <summary>Where it was restored to: it was compiled against there.</summary>
    private T Cached<T>(string file, Func<string, T> read) => read(Path.Combine(Repository.PackageCache, Lower(Id), Version, file));

#pragma warning disable CA1308 // NuGet's folders are in lower case.
    private static string Lower(string text) => text.ToLowerInvariant();
#pragma warning restore CA1308
}

/// <summary>The packages that a project was restored with, by its packages.lock.json.</summary>
internal static class LockFile
{
    /// <summary>The packages of its one target framework, in the order of their names.</summary>
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
