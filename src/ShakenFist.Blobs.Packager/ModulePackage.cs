using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace ShakenFist.Blobs.Packager;

/// <summary>The package (.nupkg) of the module: the files of a layout, the nuspec, and the parts of an Open Packaging container.</summary>
internal sealed class ModulePackage
{
    private const string IconName = "icon.png";

    // The earliest date in a zip file. The real dates would make the package depend on when the files were created.
    private static readonly DateTimeOffset Timestamp = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // A regular file with permissions 644, also if it was packed on Windows.
    private const int FileAttributes = 0x81A4 << 16;

    private ModulePackage(ModuleManifest manifest, IReadOnlyList<(string Name, byte[] Content)> files, byte[] archive)
    {
        Manifest = manifest;
        Files = files;
        Archive = archive;
    }

    public ModuleManifest Manifest { get; }

    public string FileName => $"{Manifest.Name}.{Manifest.Version}.nupkg";

    /// <summary>The files of the module, ordered by name.</summary>
    public IReadOnlyList<(string Name, byte[] Content)> Files { get; }

    /// <summary>The content of the package file.</summary>
    public byte[] Archive { get; }

    /// <summary>Creates a package from a layout. The same layout always produces the same bytes.</summary>
    public static ModulePackage Of(string layout, string changelog, string iconFile)
    {
        ModuleManifest manifest = ModuleManifest.Read(layout);
        (string Name, byte[] Content)[] files =
        [
            .. Directory.EnumerateFiles(layout, "*", SearchOption.AllDirectories)
                .Select(path => (Path.GetRelativePath(layout, path).Replace('\\', '/'), File.ReadAllBytes(path)))
                .Append((IconName, File.ReadAllBytes(iconFile)))
                .OrderBy(file => file.Item1, StringComparer.Ordinal),
        ];
        string nuspec = manifest.Name + ".nuspec";
        using MemoryStream archive = new();
        using (ZipArchive zip = new(archive, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, "_rels/.rels", Bytes(Relationships(nuspec)));
            Add(zip, nuspec, Bytes(Nuspec.Of(manifest, Changelog.Section(changelog, manifest["ModuleVersion"]), IconName)));
            Add(zip, "[Content_Types].xml", Bytes(ContentTypes(files.Select(file => file.Name))));
            foreach ((string name, byte[] content) in files)
            {
                Add(zip, name, content);
            }
        }

        return new ModulePackage(manifest, files, archive.ToArray());
    }

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static void Add(ZipArchive zip, string name, byte[] content)
    {
        ZipArchiveEntry entry = zip.CreateEntry(name, CompressionLevel.SmallestSize);
        entry.LastWriteTime = Timestamp;
        entry.ExternalAttributes = FileAttributes;
        using Stream stream = entry.Open();
        stream.Write(content);
    }

    private static XDocument Relationships(string nuspec)
    {
        XNamespace schema = "http://schemas.openxmlformats.org/package/2006/relationships";
        return new XDocument(new XElement(schema + "Relationships", new XElement(schema + "Relationship",
            new XAttribute("Type", "http://schemas.microsoft.com/packaging/2010/07/manifest"),
            new XAttribute("Target", "/" + nuspec),
            new XAttribute("Id", "Rnuspec"))));
    }

    private static XDocument ContentTypes(IEnumerable<string> names)
    {
        XNamespace schema = "http://schemas.openxmlformats.org/package/2006/content-types";
        ILookup<string, string> byExtension = names.ToLookup(name => Path.GetExtension(name).TrimStart('.'), StringComparer.Ordinal);
        return new XDocument(new XElement(schema + "Types",
            Default("rels", "application/vnd.openxmlformats-package.relationships+xml"),
            Default("nuspec", "application/octet"),
            byExtension.Select(group => group.Key).Where(e => e.Length > 0).Order(StringComparer.Ordinal).Select(e => Default(e, "application/octet")),
            byExtension[string.Empty].Select(name => new XElement(schema + "Override",
                new XAttribute("PartName", "/" + name),
                new XAttribute("ContentType", "application/octet")))));

        XElement Default(string extension, string type) =>
            new(schema + "Default", new XAttribute("Extension", extension), new XAttribute("ContentType", type));
    }

    private static byte[] Bytes(XDocument document)
    {
        using MemoryStream stream = new();
        XmlWriterSettings settings = new() { Encoding = new UTF8Encoding(false), Indent = true, NewLineChars = "\n" };
        using (XmlWriter writer = XmlWriter.Create(stream, settings))
        {
            document.Save(writer);
        }

        return stream.ToArray();
    }
}
