using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ShakenFist.Blobs.Packager;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Packages;

/// <summary>Compares the bill of materials with the package.</summary>
[Collection(ReleasedPackages.Collection)]
public sealed class BillOfMaterialsTests(ReleasedPackages packages)
{
    private readonly JsonNode _bill = JsonNode.Parse(File.ReadAllText(Path.ChangeExtension(packages.Module, ".cdx.json")))!;

    [Fact]
    public void The_bill_of_materials_is_CycloneDX_and_describes_this_package()
    {
        Assert.Equal(("CycloneDX", "1.6", 1), ((string?)_bill["bomFormat"], (string?)_bill["specVersion"], (int?)_bill["version"]));
        Assert.Matches("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", (string)_bill["serialNumber"]!);
        JsonNode subject = _bill["metadata"]!["component"]!;
        Assert.Equal(("ShakenFist.Blobs", packages.Version), ((string?)subject["name"], (string?)subject["version"]));
        Assert.Equal(ModulePackage.Sha256(File.ReadAllBytes(packages.Module)), Hash(subject, "SHA-256"));
    }

    [Fact]
    public void It_lists_every_file_of_the_package_once_with_its_hash()
    {
        string[] containers = ["ShakenFist.Blobs.nuspec", "[Content_Types].xml", "_rels/.rels"];
        IEnumerable<(string, string)> packed = ReleasedPackages.FilesOf(packages.Module)
            .Where(file => !containers.Contains(file.Key))
            .Select(file => (file.Key, ModulePackage.Sha256(file.Value)));
        IEnumerable<(string, string)> listed = Components(_bill).Where(c => (string?)c["type"] == "file").Select(c => ((string)c["name"]!, Hash(c, "SHA-256")));
        Assert.Equal(packed.Order(), listed.Order());
    }

    [Fact]
    public void It_lists_each_third_party_package_with_version_license_and_hash()
    {
        JsonNode[] libraries = Libraries();
        Assert.NotEmpty(libraries);
        Assert.All(libraries, library =>
        {
            string name = (string)library["name"]!;
            Assert.Equal($"pkg:nuget/{name}@{library["version"]}", (string?)library["purl"]);
            Assert.Equal((string?)library["purl"], (string?)library["bom-ref"]);
            Assert.Contains((string?)library["licenses"]![0]!["expression"], (string[])["MIT", "BSD-3-Clause"]);
            Assert.Matches("^[0-9a-f]{128}$", Hash(library, "SHA-512"));
            Assert.Equal([$"lib/{name}.dll"], library["components"]!.AsArray().Select(c => (string)c!["name"]!));
        });

        Dictionary<string, string> pinned = XDocument.Load(Path.Combine(ModuleUnderTest.Root, "Directory.Packages.props"))
            .Descendants("PackageVersion").ToDictionary(p => (string)p.Attribute("Include")!, p => (string)p.Attribute("Version")!);
        Assert.All((string[])["Microsoft.Extensions.Http.Polly", "System.IO.Hashing"], name => Assert.Equal(pinned[name], (string?)libraries.Single(l => (string?)l["name"] == name)["version"]));
    }

    [Fact]
    public void It_lists_the_dependencies_starting_from_the_module()
    {
        Dictionary<string, string[]> needs = _bill["dependencies"]!.AsArray()
            .ToDictionary(d => (string)d!["ref"]!, d => d!["dependsOn"]!.AsArray().Select(r => (string)r!).ToArray());
        string root = (string)_bill["metadata"]!["component"]!["bom-ref"]!;
        HashSet<string> reached = [];
        Queue<string> next = new([root]);
        while (next.TryDequeue(out string? reference))
        {
            if (reached.Add(reference))
            {
                foreach (string needed in needs[reference])
                {
                    next.Enqueue(needed);
                }
            }
        }

        Assert.Equal(Libraries().Select(l => (string)l["bom-ref"]!).Append(root).Order(StringComparer.Ordinal), reached.Order(StringComparer.Ordinal));
        Assert.Contains(Libraries(), l => (string?)l["name"] == "Polly");
    }

    [Fact]
    public void The_notices_list_each_package_under_its_license()
    {
        string notices = File.ReadAllText(Path.Combine(packages.Layout, "THIRD-PARTY-NOTICES.txt")).ReplaceLineEndings("\n");
        IEnumerable<(string, string)> noticed = Regex.Matches(notices, @"Licensed under the (?<licence>MIT|BSD 3-Clause) License, below\n-+\n\nCopyright .+\n\n(?:    (?<name>\S+)\n)+")
            .SelectMany(section => section.Groups["name"].Captures.Select(name => (name.Value, section.Groups["licence"].Value.Replace(' ', '-'))));
        Assert.Equal(Libraries().Select(l => ((string)l["name"]!, (string)l["licenses"]![0]!["expression"]!)).Order(), noticed.Order());
    }

    [Theory]
    [InlineData("lib/Stranger.dll", null, "Stranger.dll")]
    [InlineData(null, "Absent", "Absent")]
    public void A_file_without_a_locked_package_and_a_package_without_a_file_are_rejected(string? file, string? package, string named)
    {
        string layout = Directory.CreateTempSubdirectory("sf-bill-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(layout, "lib"));
            File.Copy(Path.Combine(packages.Layout, "ShakenFist.Blobs.psd1"), Path.Combine(layout, "ShakenFist.Blobs.psd1"));
            if (file is not null)
            {
                File.WriteAllText(Path.Combine(layout, file), string.Empty);
            }

            ModulePackage packed = ModulePackage.Of(layout, $"## {packages.Version}\n\nSomething.\n", Path.Combine(ModuleUnderTest.Root, "docs", "images", "icon.png"));
            LockedPackage[] locked = package is null ? [] : [new LockedPackage(package, "1.0.0", IsDirect: true, [])];
            Assert.Contains(named, Assert.Throws<FormatException>(() => BillOfMaterials.Of(packed, locked)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(layout, recursive: true);
        }
    }

    private JsonNode[] Libraries() => [.. _bill["components"]!.AsArray().Where(c => (string?)c!["type"] == "library").Select(c => c!)];

    private static IEnumerable<JsonNode> Components(JsonNode parent) =>
        parent["components"]?.AsArray().SelectMany(c => Components(c!).Prepend(c!)) ?? [];

    private static string Hash(JsonNode component, string algorithm) =>
        (string)component["hashes"]!.AsArray().Single(h => (string?)h!["alg"] == algorithm)!["content"]!;
}
