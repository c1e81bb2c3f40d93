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

    /// <summary>Processes each key of each blob of this input.</summary>
    /// <param name="key">The value of -Key. It can contain wildcards only if it was specified on the command line. Null for all keys.</param>
    /// <param name="work">Processes one key.</param>
    private protected void ForEachKey(string[]? key, Func<MetadataEditor, string, Task> work)
    {
        bool isTyped = IsTyped("Key");
        string[]? patterns = isTyped ? key : null;
        string[]? literal = isTyped ? null : LiteralKey ?? key;
        ForEachBlob(async metadata =>
        {
            foreach (string name in metadata.Select(patterns, literal))
            {
                await work(metadata, name).ConfigureAwait(false);
            }
        });
    }
}
