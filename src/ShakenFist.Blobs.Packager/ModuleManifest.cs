namespace ShakenFist.Blobs.Packager;

/// <summary>What the module's manifest says of it.</summary>
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

    /// <summary>The version, with the label of a prerelease where it is one.</summary>
    public string Version => _gallery.TryGetValue("Prerelease", out object? label) && label is string { Length: > 0 } text
        ? $"{this["ModuleVersion"]}-{text.TrimStart('-')}"
        : this["ModuleVersion"];

    public IEnumerable<string> Cmdlets => Texts(_values, "CmdletsToExport");

    public IEnumerable<string> Tags => Texts(_gallery, "Tags");

    /// <summary>A text at the top, such as Author.</summary>
    public string this[string key] => (string)_values[key];

    /// <summary>A text of those that are there for a gallery, such as ProjectUri.</summary>
    public string Gallery(string key) => (string)_gallery[key];

    /// <summary>Reads the one manifest of a layout.</summary>
    public static ModuleManifest Read(string layout)
    {
        string path = Directory.GetFiles(layout, "*.psd1").Single();
        return new ModuleManifest(Path.GetFileNameWithoutExtension(path), DataFile.Parse(File.ReadAllText(path)));
    }

    /// <summary>PowerShell takes one text for a list of one.</summary>
    private static IEnumerable<string> Texts(IReadOnlyDictionary<string, object> table, string key) => (table[key] as List<object> ?? [table[key]]).Cast<string>();
}
