using System.Collections;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;
using ShakenFist.Blobs.Packager;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Packages;

/// <summary>Tests the module package of the packager.</summary>
[Collection(ReleasedPackages.Collection)]
public sealed class ModulePackageTests(ReleasedPackages packages)
{
    private const int DisableOptimizations = 0x100;

    private static readonly string[] OwnAssemblies = ["ShakenFist.Blobs.Client.dll", "ShakenFist.Blobs.dll", "lib/ShakenFist.Blobs.Resilience.dll"];

    private readonly IReadOnlyDictionary<string, byte[]> _files = ReleasedPackages.FilesOf(packages.Module);

    [Fact]
    public void The_package_contains_the_layout_an_icon_and_the_package_files()
    {
        IEnumerable<string> laidOut = Directory.EnumerateFiles(packages.Layout, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(packages.Layout, f).Replace('\\', '/'));
        string[] expected = [.. laidOut, "icon.png", "ShakenFist.Blobs.nuspec", "[Content_Types].xml", "_rels/.rels"];
        Assert.Equal(expected.Order(StringComparer.Ordinal), _files.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(RelativeNames(ModuleUnderTest.Layout), RelativeNames(packages.Layout));
        Assert.All(OwnAssemblies, name => Assert.Contains(name, _files.Keys));
    }

    [Fact]
    public void It_is_smaller_than_one_and_a_half_megabytes() => Assert.InRange(new FileInfo(packages.Module).Length, 1, 1_500_000);

    [Fact]
    public void The_package_metadata_matches_the_manifest_and_the_changelog()
    {
        using Engine engine = new(import: false);
        Hashtable manifest = (Hashtable)engine.Run("& ([scriptblock]::Create([IO.File]::ReadAllText($manifest)))").Only.BaseObject;
        Hashtable gallery = (Hashtable)((Hashtable)manifest["PrivateData"]!)["PSData"]!;
        XElement metadata = Metadata();
        string Text(string name) => metadata.Elements().Single(e => e.Name.LocalName == name).Value;

        Assert.Equal("ShakenFist.Blobs", Text("id"));
        Assert.Equal(manifest["ModuleVersion"], Text("version"));
        Assert.Equal(manifest["Author"], Text("authors"));
        Assert.Equal(manifest["Description"], Text("description"));
        Assert.Equal(manifest["Copyright"], Text("copyright"));
        Assert.Equal(gallery["ProjectUri"], Text("projectUrl"));
        Assert.Equal(gallery["LicenseUri"], Text("licenseUrl"));
        Assert.Equal(gallery["IconUri"], Text("iconUrl"));
        Assert.StartsWith((string)gallery["ProjectUri"]!, (string)gallery["IconUri"]!, StringComparison.Ordinal);
        Assert.Equal("Apache-2.0", Text("license"));
        Assert.Contains(Text("icon"), _files.Keys);
        string changelog = File.ReadAllText(Path.Combine(ModuleUnderTest.Root, "CHANGELOG.md")).ReplaceLineEndings("\n");
        Assert.Contains(Text("releaseNotes").ReplaceLineEndings("\n"), changelog, StringComparison.Ordinal);
        Assert.Contains("Save-SfBlobData", Text("releaseNotes"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_tags_contain_the_edition_and_every_command()
    {
        string[] tags = Metadata().Elements().Single(e => e.Name.LocalName == "tags").Value.Split(' ');
        string[] commands = [.. ModuleUnderTest.Commands().Select(c => ModuleUnderTest.NameOf(c.Cmdlet)).Order(StringComparer.Ordinal)];
        Assert.All((string[])["PSModule", "PSEdition_Core", "PSIncludes_Cmdlet", "Windows", "Linux", "MacOS"], tag => Assert.Contains(tag, tags));
        Assert.Equal(commands, Tagged("PSCmdlet_"));
        Assert.Equal(commands, Tagged("PSCommand_"));
        Assert.Equal(tags.Distinct(), tags);

        IEnumerable<string> Tagged(string prefix) =>
            tags.Where(tag => tag.StartsWith(prefix, StringComparison.Ordinal)).Select(tag => tag[prefix.Length..]).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Every_assembly_in_it_is_plain_IL_for_any_processor()
    {
        string[] assemblies = [.. _files.Keys.Where(name => name.EndsWith(".dll", StringComparison.Ordinal))];
        Assert.True(assemblies.Length > OwnAssemblies.Length);
        Assert.All(assemblies, name =>
        {
            using PEReader reader = Open(name);
            Assert.Equal(Machine.I386, reader.PEHeaders.CoffHeader.Machine);
            Assert.Equal(CorFlags.ILOnly, reader.PEHeaders.CorHeader!.Flags & (CorFlags.ILOnly | CorFlags.Requires32Bit | CorFlags.Prefers32Bit));
            Assert.Equal(0, reader.PEHeaders.CorHeader.ManagedNativeHeaderDirectory.Size);
        });
    }

    [Fact]
    public void Its_own_assemblies_are_optimized_and_contain_no_build_paths() => Assert.All(OwnAssemblies, name =>
    {
        using PEReader reader = Open(name);
        MetadataReader metadata = reader.GetMetadataReader();
        BlobReader debuggable = metadata.GetBlobReader(metadata.GetAssemblyDefinition().GetCustomAttributes().Select(metadata.GetCustomAttribute).Single(a => IsDebuggable(metadata, a)).Value);
        Assert.Equal(1, debuggable.ReadUInt16());
        Assert.Equal(0, debuggable.ReadInt32() & DisableOptimizations);
        Assert.Equal(-1, _files[name].AsSpan().IndexOf(Encoding.UTF8.GetBytes(Path.TrimEndingDirectorySeparator(ModuleUnderTest.Root))));
        Assert.Contains(reader.ReadDebugDirectory(), entry => entry.Type == DebugDirectoryEntryType.Reproducible);
    });

    [Fact]
    public async Task A_package_from_the_same_files_has_the_same_bytes()
    {
        // Copied in another order, so that the times and possibly the order of the files differ.
        string copy = Path.Combine(packages.Folder, "copy");
        foreach (string file in Directory.GetFiles(packages.Layout, "*", SearchOption.AllDirectories).OrderDescending(StringComparer.Ordinal))
        {
            string target = Path.Combine(copy, Path.GetRelativePath(packages.Layout, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
            File.SetLastWriteTimeUtc(target, new DateTime(2031, 5, 6, 7, 8, 9, DateTimeKind.Utc));
        }

        string again = Path.Combine(packages.Folder, "again");
        await Dotnet.RunAsync(ReleasedPackages.PackagerProgram, "--layout", copy, "--output", again);

        string[] made = [.. Directory.GetFiles(again).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        string name = Path.GetFileNameWithoutExtension(packages.Module);
        Assert.Equal([$"{name}.cdx.json", $"{name}.nupkg", $"{name}.nupkg.sha256"], made);
        Assert.All(made, file => Assert.Equal(File.ReadAllBytes(Path.Combine(packages.Folder, file)), File.ReadAllBytes(Path.Combine(again, file))));
    }

    [Fact]
    public async Task Its_hash_file_is_in_the_format_of_sha256sum() => Assert.Equal(
        $"{ModulePackage.Sha256(await File.ReadAllBytesAsync(packages.Module, TestContext.Current.CancellationToken))}  {Path.GetFileName(packages.Module)}\n",
        await File.ReadAllTextAsync(packages.Module + ".sha256", TestContext.Current.CancellationToken));

    private static IEnumerable<string> RelativeNames(string layout) =>
        Directory.EnumerateFiles(layout, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(layout, f)).Order(StringComparer.Ordinal);

    private static bool IsDebuggable(MetadataReader metadata, CustomAttribute attribute) =>
        attribute.Constructor.Kind == HandleKind.MemberReference
        && metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is { Kind: HandleKind.TypeReference } parent
        && metadata.StringComparer.Equals(metadata.GetTypeReference((TypeReferenceHandle)parent).Name, "DebuggableAttribute");

    private XElement Metadata() => XDocument.Load(new MemoryStream(_files["ShakenFist.Blobs.nuspec"])).Root!.Elements().Single();

    private PEReader Open(string name) => new(new MemoryStream(_files[name]));
}
