using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Adds a key to the metadata of blobs. The server has no atomic creation: the key is looked for first and written then.</summary>
[Cmdlet(VerbsCommon.New, "SfBlobMetadata", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(SfBlobMetadata))]
public sealed class NewSfBlobMetadataCommand : SfMetadataCmdlet
{
    /// <summary>The key, each character taken as it is.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("LiteralKey")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MetadataKeyCompleter))]
    public string Key { get; set; } = string.Empty;

    /// <summary>The value: text, a number, $true, a hashtable, an array. The server stores nothing that counts as false.</summary>
    [Parameter(Mandatory = true, Position = 2, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? Value { get; set; }

    /// <summary>Write the key although it exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Output the key as it is then.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        (string key, object? value) = (Key, Value);
        ForEachBlob(async metadata =>
        {
            if (!Force && metadata.Current.TryGetValue(key, out object? old))
            {
                throw new SfException(SfErrors.MetadataKeyExists, $"{metadata.Describe(key)} exists already; its value is {MetadataValue.Show(old)}.");
            }

            await metadata.SetAsync(key, value, create: true, PassThru).ConfigureAwait(false);
        });
    }
}
