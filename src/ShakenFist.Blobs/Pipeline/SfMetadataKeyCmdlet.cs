using System.Management.Automation;
using ShakenFist.Blobs.Parameters;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>The base class of the cmdlets that process existing metadata keys. The derived class has the parameter -Key, which is mandatory in some of them.</summary>
public abstract class SfMetadataKeyCmdlet : SfMetadataCmdlet
{
    private protected const string KeySet = "Key";
    private protected const string LiteralKeySet = "LiteralKey";

    /// <summary>Specifies the keys without wildcards.</summary>
    [Parameter(ParameterSetName = LiteralKeySet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MetadataKeyCompleter))]
    public string[]? LiteralKey { get; set; }

    /// <summary>Processes the keys of each blob of this input.</summary>
    /// <param name="key">The value of -Key. It can contain wildcards only if it was specified on the command line. Null for all keys.</param>
    /// <param name="work">Processes the keys of one blob.</param>
    private protected void ForEachSelection(string[]? key, Func<MetadataEditor, IReadOnlyList<string>, Task> work)
    {
        bool isTyped = IsTyped("Key");
        string[]? patterns = isTyped ? key : null;
        string[]? literal = isTyped ? null : LiteralKey ?? key;
        ForEachBlob(metadata => work(metadata, metadata.Select(patterns, literal)));
    }
}
