namespace ShakenFist.Blobs.Packager;

/// <summary>The module manifest.</summary>
internal sealed class ModuleManifest
{
    private readonly IReadOnlyDictionary<string, object> _values;
    private readonly IReadOnlyDictionary<string, object> _gallery;

    private ModuleManifest(string name, IReadOnlyDictionary<string, object> values)
    {
        Name = name;
        _values = values;
        _gallery = (IReadOnlyDictionary<string, object>)((IReadOnlyDictionary<string, object>)values["PrivateData"])["PSData"];
    }

    public string Name { get; }

    /// <summary>The version, including the prerelease label if there is one.</summary>
    public string Version => _gallery.TryGetValue("Prerelease", out object? label) && label is string { Length: > 0 } text
        ? $"{this["ModuleVersion"]}-{text.TrimStart('-')}"
        : this["ModuleVersion"];

    public IEnumerable<string> Cmdlets => Texts(_values, "CmdletsToExport");

    public IEnumerable<string> Tags => Texts(_gallery, "Tags");

    /// <summary>Returns a string at the top level of the manifest, such as Author.</summary>
    public string this[string key] => (string)_values[key];

    /// <summary>Returns a string for the gallery (PSData), such as ProjectUri.</summary>
    public string Gallery(string key) => (string)_gallery[key];

    /// <summary>Reads the manifest in a layout directory.</summary>
    public static ModuleManifest Read(string layout)
    {
        string path = Directory.GetFiles(layout, "*.psd1").Single();
        return new ModuleManifest(Path.GetFileNameWithoutExtension(path), DataFile.Parse(File.ReadAllText(path)));
    }

    /// <summary>Returns a list of strings. PowerShell also accepts a single string instead of a list.</summary>
    private static IEnumerable<string> Texts(IReadOnlyDictionary<string, object> table, string key) => (table[key] as List<object> ?? [table[key]]).Cast<string>();
}
