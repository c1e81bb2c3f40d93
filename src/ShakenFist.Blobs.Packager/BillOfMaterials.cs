using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Packager;

/// <summary>
/// Creates a CycloneDX bill of materials that lists the package, its files, and the third-party packages in it with their files. The same package always produces the
/// same bytes.
/// </summary>
internal static class BillOfMaterials
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="FormatException">A file in lib/ belongs neither to the module nor to a locked package, or a package has no file.</exception>
    public static string Of(ModulePackage package, IReadOnlyList<LockedPackage> locked)
    {
        ILookup<string?, (string Name, byte[] Content)> byOwner = package.Files.ToLookup(file => OwnerOf(file.Name, package.Manifest, locked));
        if (locked.FirstOrDefault(p => !byOwner.Contains(p.Id)) is { } missing)
        {
            throw new FormatException($"The lock file contains {missing.Id}, but the module contains no file of it.");
        }

        string reference = $"{package.Manifest.Name}@{package.Manifest.Version}";
        JsonObject bill = new()
        {
            ["$schema"] = "http://cyclonedx.org/schema/bom-1.6.schema.json",
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["serialNumber"] = $"urn:uuid:{UuidOf(package.Archive):D}",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["tools"] = new JsonObject { ["components"] = Array(Named("application", ".NET SDK", Repository.SdkVersion)) },
                ["component"] = Subject(package, reference),
            },
            ["components"] = Array([.. byOwner[null].Select(FileOf), .. locked.Select(p => Library(p, byOwner[p.Id]))]),
            ["dependencies"] = Array(
            [
                Dependency(reference, locked.Where(p => p.IsDirect)),
                .. locked.Select(p => Dependency(Purl(p), locked.Where(other => p.Dependencies.Contains(other.Id)))),
            ]),
        };
        return bill.ToJsonString(Indented) + "\n";
    }

    /// <summary>Returns the ID of the package to which a file belongs. Null for a file of the module.</summary>
    private static string? OwnerOf(string file, ModuleManifest manifest, IReadOnlyList<LockedPackage> locked)
    {
        string name = Path.GetFileNameWithoutExtension(file);
        return !file.StartsWith("lib/", StringComparison.Ordinal) || name.StartsWith(manifest.Name, StringComparison.Ordinal)
            ? null
            : locked.SingleOrDefault(p => p.Id == name)?.Id ?? throw new FormatException($"The file {file} is not from a package in the lock file.");
    }

    private static JsonObject Subject(ModulePackage package, string reference)
    {
        JsonObject subject = Named("library", package.Manifest.Name, package.Manifest.Version);
        subject["bom-ref"] = reference;
        subject["description"] = package.Manifest["Description"];
        subject["hashes"] = Hashes("SHA-256", ModulePackage.Sha256(package.Archive));
        subject["licenses"] = Licenses(Nuspec.LicenseExpression);
        subject["externalReferences"] = Array(new JsonObject { ["type"] = "website", ["url"] = package.Manifest.Gallery("ProjectUri") });
        return subject;
    }

    private static JsonObject Library(LockedPackage package, IEnumerable<(string Name, byte[] Content)> files)
    {
        JsonObject library = Named("library", package.Id, package.Version);
        library["bom-ref"] = Purl(package);
        library["hashes"] = Hashes("SHA-512", package.Sha512);
        library["licenses"] = Licenses(package.License);
        library["purl"] = Purl(package);
        library["components"] = Array([.. files.Select(FileOf)]);
        return library;
    }

    private static JsonObject FileOf((string Name, byte[] Content) file) =>
        new() { ["type"] = "file", ["name"] = file.Name, ["hashes"] = Hashes("SHA-256", ModulePackage.Sha256(file.Content)) };

    private static JsonObject Named(string type, string name, string version) => new() { ["type"] = type, ["name"] = name, ["version"] = version };

    private static JsonObject Dependency(string reference, IEnumerable<LockedPackage> needed) =>
        new() { ["ref"] = reference, ["dependsOn"] = new JsonArray([.. needed.Select(p => (JsonNode)Purl(p))]) };

    private static JsonArray Hashes(string algorithm, string content) => Array(new JsonObject { ["alg"] = algorithm, ["content"] = content });

    private static JsonArray Licenses(string expression) => Array(new JsonObject { ["expression"] = expression });

    private static JsonArray Array(params JsonObject[] items) => new([.. items]);

    private static string Purl(LockedPackage package) => $"pkg:nuget/{package.Id}@{package.Version}";

    /// <summary>Derives a UUID (version 8) from the content, because a random one would change with each build.</summary>
    private static Guid UuidOf(byte[] content)
    {
        byte[] bytes = SHA256.HashData(content)[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
