using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets the metadata of blobs, one object for each key.</summary>
[Cmdlet(VerbsCommon.Get, "SfBlobMetadata", DefaultParameterSetName = KeySet)]
[OutputType(typeof(SfBlobMetadata))]
public sealed class GetSfBlobMetadataCommand : SfMetadataCmdlet
{
    private const string KeySet = "Key";
    private const string LiteralKeySet = "LiteralKey";

    /// <summary>Specifies the keys. Wildcards are allowed, except in the property of an input object. Keys are case-sensitive.</summary>
    [Parameter(ParameterSetName = KeySet, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MetadataKeyPatternCompleter))]
    public string[]? Key { get; set; }

    /// <summary>Specifies the keys without wildcards.</summary>
    [Parameter(ParameterSetName = LiteralKeySet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MetadataKeyCompleter))]
    public string[]? LiteralKey { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        string[]? key = IsTyped(nameof(Key)) ? Key : null;
        string[]? literal = key is null ? LiteralKey ?? Key : null;
        ForEachBlob(async metadata =>
        {
            foreach (string name in metadata.Select(key, literal))
            {
                await metadata.WriteAsync(name).ConfigureAwait(false);
            }
        });
    }
}
