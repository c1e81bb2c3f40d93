using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;
using System.Xml.Linq;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>Checks the dependency rules between the projects, in the built files and the project files.</summary>
public sealed class DependencyRuleConventions
{
    private static readonly string[] OwnAssemblies = ["ShakenFist.Blobs.dll", "ShakenFist.Blobs.Client.dll", "lib/ShakenFist.Blobs.Resilience.dll"];

    [Fact]
    public void The_client_references_only_the_framework() => Assert.All(
        References("ShakenFist.Blobs.Client.dll"),
        name => Assert.True(IsOfFramework(name), name));

    [Fact]
    public void The_cmdlet_assembly_references_the_client_the_resilience_assembly_and_PowerShell() => Assert.Equal(
        ["ShakenFist.Blobs.Client", "ShakenFist.Blobs.Resilience", "System.Management.Automation"],
        References("ShakenFist.Blobs.dll").Where(name => !IsOfFramework(name) || name == "System.Management.Automation").Order(StringComparer.Ordinal));

    [Fact]
    public void The_resilience_assembly_references_neither_the_client_nor_PowerShell() => Assert.DoesNotContain(
        References("lib/ShakenFist.Blobs.Resilience.dll"),
        name => name.StartsWith("ShakenFist", StringComparison.Ordinal) || name == "System.Management.Automation");

    [Fact]
    public void The_layout_contains_exactly_the_expected_files()
    {
        string[] root = [.. Directory.EnumerateFiles(ModuleUnderTest.Layout).Select(f => Path.GetFileName(f)).Where(f => Path.GetExtension(f) != ".ps1xml").Order(StringComparer.Ordinal)];
        Assert.Equal(["LICENSE", "ShakenFist.Blobs.Client.dll", "ShakenFist.Blobs.dll", "ShakenFist.Blobs.psd1", "THIRD-PARTY-NOTICES.txt"], root);
        Assert.True(File.Exists(Path.Combine(ModuleUnderTest.Layout, "ShakenFist.Blobs.format.ps1xml")));
        string[] library = [.. Directory.EnumerateFiles(Path.Combine(ModuleUnderTest.Layout, "lib")).Select(f => Path.GetFileName(f))];
        Assert.DoesNotContain("ShakenFist.Blobs.dll", library);
        Assert.DoesNotContain("ShakenFist.Blobs.Client.dll", library);
        Assert.DoesNotContain(library, f => f.StartsWith("System.Management.Automation", StringComparison.Ordinal));
        Assert.All(library, f => Assert.EndsWith(".dll", f, StringComparison.Ordinal));
        Assert.All(Directory.EnumerateDirectories(ModuleUnderTest.Layout).Select(d => Path.GetFileName(d)), d => Assert.Contains(d, (string[])["lib", "en-US"]));
    }

    [Fact]
    public void The_assemblies_are_plain_IL_for_any_processor() => Assert.All(OwnAssemblies, file =>
    {
        using PEReader reader = Open(file);
        Assert.Equal(Machine.I386, reader.PEHeaders.CoffHeader.Machine);
        Assert.Equal(CorFlags.ILOnly, reader.PEHeaders.CorHeader!.Flags & (CorFlags.ILOnly | CorFlags.Requires32Bit | CorFlags.Prefers32Bit));
        Assert.Equal(0, reader.PEHeaders.CorHeader.ManagedNativeHeaderDirectory.Size);
    });

    [Fact]
    public void The_assemblies_run_on_the_oldest_PowerShell_that_the_manifest_allows() => Assert.All(OwnAssemblies, file =>
    {
        using PEReader reader = Open(file);
        MetadataReader metadata = reader.GetMetadataReader();
        Version runtime = metadata.AssemblyReferences.Select(metadata.GetAssemblyReference).Single(r => metadata.GetString(r.Name) == "System.Runtime").Version;
        Assert.Equal(8, runtime.Major);
    });

    [Fact]
    public void The_assemblies_have_the_version_of_the_manifest()
    {
        Version version = Version.Parse(Path.GetFileName(ModuleUnderTest.Layout.TrimEnd('/', '\\')));
        Assert.All(OwnAssemblies, file => Assert.Equal(version, new Version(AssemblyName.GetAssemblyName(Path.Combine(ModuleUnderTest.Layout, file)).Version!.ToString(3))));
    }

    [Fact]
    public void Public_types_are_in_the_default_load_context()
    {
        using Engine engine = new();
        foreach (Type type in ModuleUnderTest.ClientAssembly.GetExportedTypes().Concat(ModuleUnderTest.CmdletAssembly.GetExportedTypes()))
        {
            Assert.Same(AssemblyLoadContext.Default, AssemblyLoadContext.GetLoadContext(type.Assembly));
        }

        Assert.Same(ModuleUnderTest.ClientAssembly, ((Type)engine.Run("[ShakenFist.Blobs.SfBlob]").Only.BaseObject).Assembly);
    }

    [Fact]
    public void Only_the_resilience_project_uses_Polly_or_Microsoft_Extensions()
    {
        Assert.All(SourceProjects().Where(p => p.Name != "ShakenFist.Blobs.Resilience"), project => Assert.All(
            project.Packages, package => Assert.DoesNotMatch("^(Polly|Microsoft[.]Extensions)", package)));
        Assert.Empty(SourceProjects().Single(p => p.Name == "ShakenFist.Blobs.Client").Packages);
        Assert.Empty(SourceProjects().Single(p => p.Name == "ShakenFist.Blobs.Client").Projects);
    }

    [Fact]
    public void Only_the_playground_in_src_references_the_emulator() => Assert.All(
        SourceProjects().Where(p => p.Name != "ShakenFist.Blobs.Playground"),
        project => Assert.DoesNotContain("ShakenFist.Blobs.Emulator", project.Projects));

    [Fact]
    public void The_tests_of_the_module_reference_none_of_its_assemblies() => Assert.DoesNotContain(
        typeof(DependencyRuleConventions).Assembly.GetReferencedAssemblies(),
        name => name.Name is "ShakenFist.Blobs" or "ShakenFist.Blobs.Client" or "ShakenFist.Blobs.Resilience");

    private static IEnumerable<(string Name, string[] Packages, string[] Projects)> SourceProjects()
    {
        string[] files = Directory.GetFiles(Path.Combine(ModuleUnderTest.Root, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.True(files.Length >= 5);
        return files.Select(file =>
        {
            XDocument project = XDocument.Load(file);
            string[] Includes(string element) => [.. project.Descendants(element).Select(e => (string)e.Attribute("Include")!)];
            return (Path.GetFileNameWithoutExtension(file), Includes("PackageReference"), Includes("ProjectReference").Select(p => Path.GetFileNameWithoutExtension(p)).ToArray());
        });
    }

    private static IEnumerable<string> References(string file)
    {
        using PEReader reader = Open(file);
        MetadataReader metadata = reader.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    private static bool IsOfFramework(string name) =>
        name != "System.Management.Automation"
        && (name is "netstandard" or "mscorlib" || name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.Win32.", StringComparison.Ordinal))
        && File.Exists(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, name + ".dll"));

    private static PEReader Open(string file) => new(File.OpenRead(Path.Combine(ModuleUnderTest.Layout, file)));
}
