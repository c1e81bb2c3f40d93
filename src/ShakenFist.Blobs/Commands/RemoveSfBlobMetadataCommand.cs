using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Removes keys from the metadata of blobs.</summary>
[Cmdlet(VerbsCommon.Remove, "SfBlobMetadata", DefaultParameterSetName = KeySet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveSfBlobMetadataCommand : SfMetadataCmdlet
{
    private const string KeySet = "Key";
    private const string LiteralKeySet = "LiteralKey";

    /// <summary>Specifies the keys. Wildcards are allowed, except in the property of an input object. Keys are case-sensitive.</summary>
    [Parameter(ParameterSetName = KeySet, Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
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
                await metadata.RemoveAsync(name).ConfigureAwait(false);
            }
        });
    }
}
