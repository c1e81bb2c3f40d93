using System.IO.Compression;
using ShakenFist.Blobs.Packager;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Packages;

/// <summary>All packages, created once by the release commands. They share build output, so they are created sequentially.</summary>
public sealed class ReleasedPackages : IAsyncLifetime
{
    public const string Collection = "Released packages";

    /// <summary>The directory of the created files.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("sf-packages-").FullName;

    /// <summary>The layout of the module package.</summary>
    public string Layout { get; } = Path.Combine(ModuleUnderTest.Root, "artifacts", "layout", "ShakenFist.Blobs");

    public string Module => PathOf("ShakenFist.Blobs", ".nupkg");

    public string Client => PathOf("ShakenFist.Blobs.Client", ".nupkg");

    public string ClientSymbols => PathOf("ShakenFist.Blobs.Client", ".snupkg");

    public string Emulator => PathOf("ShakenFist.Blobs.Emulator", ".nupkg");

    /// <summary>The version of all packages.</summary>
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

    /// <summary>Returns the files in a package, by name.</summary>
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

    /// <summary>The packager that was built with these tests.</summary>
    internal static string PackagerProgram { get; } = typeof(ModulePackage).Assembly.Location;

    private string PathOf(string name, string extension) => Path.Combine(Folder, $"{name}.{Version}{extension}");
}

/// <summary>The test collection that shares the packages.</summary>
[CollectionDefinition(ReleasedPackages.Collection)]
public sealed class ReleasedPackagesDefinition : ICollectionFixture<ReleasedPackages>;
