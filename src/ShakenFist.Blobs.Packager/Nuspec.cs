using System.Xml.Linq;

namespace ShakenFist.Blobs.Packager;

/// <summary>Writes the nuspec, which describes the module to a gallery.</summary>
internal static class Nuspec
{
    public const string LicenseExpression = "Apache-2.0";

    private static readonly XNamespace Schema = "http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd";

    public static XDocument Of(ModuleManifest manifest, string releaseNotes, string icon)
    {
        XElement metadata = new(Schema + "metadata",
            Text("id", manifest.Name),
            Text("version", manifest.Version),
            Text("authors", manifest["Author"]),
            Text("owners", manifest["CompanyName"]),
            Text("requireLicenseAcceptance", "false"),
            new XElement(Schema + "license", new XAttribute("type", "expression"), LicenseExpression),
            Text("licenseUrl", manifest.Gallery("LicenseUri")),
            Text("icon", icon),
            Text("iconUrl", manifest.Gallery("IconUri")),
            Text("projectUrl", manifest.Gallery("ProjectUri")),
            Text("description", manifest["Description"]),
            Text("releaseNotes", releaseNotes),
            Text("copyright", manifest["Copyright"]),
            Text("tags", string.Join(' ', Tags(manifest))));
        return new XDocument(new XElement(Schema + "package", metadata));
    }

    /// <summary>Returns the tags by which a gallery finds modules, editions, and commands. Find-Command searches the tags of commands.</summary>
    private static IEnumerable<string> Tags(ModuleManifest manifest)
    {
        string[] commands = [.. manifest.Cmdlets];
        return
        [
            "PSModule",
            .. manifest.Tags,
            "PSIncludes_Cmdlet",
            .. commands.Select(name => $"PSCmdlet_{name}"),
            .. commands.Select(name => $"PSCommand_{name}"),
        ];
    }

    private static XElement Text(string name, string value) => new(Schema + name, value);
}
