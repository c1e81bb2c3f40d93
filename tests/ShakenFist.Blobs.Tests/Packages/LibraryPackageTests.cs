using System.Diagnostics;
using System.Reflection.Metadata;
using System.Xml.Linq;

namespace ShakenFist.Blobs.Tests.Packages;

/// <summary>Tests the output of dotnet pack: the client library, and the emulator tool.</summary>
[Collection(ReleasedPackages.Collection)]
public sealed class LibraryPackageTests(ReleasedPackages packages)
{
    // The kind of symbol record that contains a source file.
    private static readonly Guid EmbeddedSource = Guid.Parse("0e8a571b-6926-466e-b4ad-8ab04611f5fe");

    [Fact]
    public void The_client_package_has_documentation_a_readme_and_no_dependency()
    {
        IReadOnlyDictionary<string, byte[]> files = ReleasedPackages.FilesOf(packages.Client);
        XElement[] metadata = Metadata(files, "ShakenFist.Blobs.Client");

        Assert.All((string[])["lib/net8.0/ShakenFist.Blobs.Client.dll", "lib/net8.0/ShakenFist.Blobs.Client.xml", "README.md", "icon.png"], name => Assert.Contains(name, files.Keys));
        Assert.Single(files.Keys, name => name.EndsWith(".dll", StringComparison.Ordinal));
        Assert.DoesNotContain(metadata, e => e.Name.LocalName == "dependency");
        Assert.Equal("Apache-2.0", Value(metadata, "license"));
        Assert.Equal("README.md", Value(metadata, "readme"));
        Assert.Equal(packages.Version, Value(metadata, "version"));
    }

    [Fact]
    public void The_clients_symbols_contain_every_source_file()
    {
        byte[] symbols = ReleasedPackages.FilesOf(packages.ClientSymbols)["lib/net8.0/ShakenFist.Blobs.Client.pdb"];
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(symbols));
        MetadataReader reader = provider.GetMetadataReader();

        Assert.NotEmpty(reader.Documents);
        Assert.All(reader.Documents, document =>
        {
            Assert.StartsWith("/_/", reader.GetString(reader.GetDocument(document).Name), StringComparison.Ordinal);
            Assert.Contains(reader.GetCustomDebugInformation(document), info => reader.GetGuid(reader.GetCustomDebugInformation(info).Kind) == EmbeddedSource);
        });
    }

    [Fact]
    public async Task The_emulator_is_installed_as_a_tool_and_starts()
    {
        string tools = Path.Combine(packages.Folder, "tools");
        await Dotnet.RunAsync(
            "tool", "install", "ShakenFist.Blobs.Emulator", "--tool-path", tools, "--source", packages.Folder, "--version", packages.Version);

        using Process emulator = Dotnet.Start(Path.Combine(tools, "sf-blob-emulator"), "--port", "0");
        try
        {
            string? first = await emulator.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()
                .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            Assert.Matches("^SHAKENFIST_API_URL=http://127\\.0\\.0\\.1:[0-9]+/$", first);
        }
        finally
        {
            emulator.Kill(entireProcessTree: true);
            await emulator.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public void The_tools_package_has_a_description()
    {
        IReadOnlyDictionary<string, byte[]> files = ReleasedPackages.FilesOf(packages.Emulator);
        XElement[] metadata = Metadata(files, "ShakenFist.Blobs.Emulator");

        Assert.Equal("DotnetTool", (string?)metadata.Single(e => e.Name.LocalName == "packageType").Attribute("name"));
        Assert.Equal("README.md", Value(metadata, "readme"));
        Assert.All((string[])["README.md", "icon.png"], name => Assert.Contains(name, files.Keys));
    }

    private static XElement[] Metadata(IReadOnlyDictionary<string, byte[]> files, string id) => [.. XDocument.Load(new MemoryStream(files[id + ".nuspec"])).Descendants()];

    private static string Value(XElement[] metadata, string name) => metadata.Single(e => e.Name.LocalName == name).Value;
}
