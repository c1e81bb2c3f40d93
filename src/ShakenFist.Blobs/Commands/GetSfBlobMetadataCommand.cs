using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets the metadata of blobs, one object for each key.</summary>
[Cmdlet(VerbsCommon.Get, "SfBlobMetadata", DefaultParameterSetName = KeySet)]
[OutputType(typeof(SfBlobMetadata))]
public sealed class GetSfBlobMetadataCommand : SfMetadataKeyCmdlet
{
    /// <summary>Specifies the keys. Wildcards are allowed, except in the property of an input object. Keys are case-sensitive.</summary>
    [Parameter(ParameterSetName = KeySet, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MetadataKeyPatternCompleter))]
    public string[]? Key { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => ForEachSelection(Key, static async (metadata, names) =>
    {
        foreach (string name in names)
        {
            await metadata.WriteAsync(name).ConfigureAwait(false);
        }
    });
}
