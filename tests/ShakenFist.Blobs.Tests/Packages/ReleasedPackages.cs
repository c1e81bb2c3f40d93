using System.IO.Compression;
using ShakenFist.Blobs.Packager;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Packages;

/// <summary>All packages, made once by the commands that release them. They share what they build, so one is made after the other.</summary>
public sealed class ReleasedPackages : IAsyncLifetime
{
    public const string Collection = "Released packages";

    /// <summary>Everything that was made is in here.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("sf-packages-").FullName;

    /// <summary>The layout that the module's package was made of.</summary>
    public string Layout { get; } = Path.Combine(ModuleUnderTest.Root, "artifacts", "layout", "ShakenFist.Blobs");

    public string Module => PathOf("ShakenFist.Blobs", ".nupkg");

    public string Client => PathOf("ShakenFist.Blobs.Client", ".nupkg");

    public string ClientSymbols => PathOf("ShakenFist.Blobs.Client", ".snupkg");

    public string Emulator => PathOf("ShakenFist.Blobs.Emulator", ".nupkg");

    /// <summary>The version of them all.</summary>
    public string Version { get; } = Path.GetFileName(Path.TrimEndingDirectorySeparator(ModuleUnderTest.Layout));

    public async ValueTask InitializeAsync()
    {
        await Dotnet.RunAsync(PackagerProgram, "--output", Folder);
        foreach (string project in (string[])["ShakenFist.Blobs.Client", "ShakenFist.Blobs.Emulator"])
        {
            await Dotnet.RunAsync(
                "pack", Path.Combine(ModuleUnderTest.Root, "src", project), "--output", Folder, "--verbosity", "quiet", "-property:UseSharedCompilation=false", "-nodeReuse:false");
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>The files in a package, by name.</summary>
    public static IReadOnlyDictionary<string, byte[]> FilesOf(string package)
    {
        using ZipArchive zip = ZipFile.OpenRead(package);
        return zip.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using Stream stream = entry.Open();
            using MemoryStream content = new();
            stream.CopyTo(content);
            return content.ToArray();
        });
    }

    /// <summary>The packager as it was built beside these tests.</summary>
    internal static string PackagerProgram { get; } = typeof(ModulePackage).Assembly.Location;

    private string PathOf(string name, string extension) => Path.Combine(Folder, $"{name}.{Version}{extension}");
}

/// <summary>Tests of packages share them.</summary>
[CollectionDefinition(ReleasedPackages.Collection)]
public sealed class ReleasedPackagesDefinition : ICollectionFixture<ReleasedPackages>;
