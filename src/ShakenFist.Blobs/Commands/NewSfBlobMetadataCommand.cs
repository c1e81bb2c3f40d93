using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Adds a key to the metadata of blobs. The server cannot create a key atomically: the cmdlet checks that the key does not exist and then writes it.</summary>
[Cmdlet(VerbsCommon.New, "SfBlobMetadata", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(SfBlobMetadata))]
public sealed class NewSfBlobMetadataCommand : SfMetadataCmdlet
{
    /// <summary>Specifies the key. Wildcards are not interpreted.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("LiteralKey")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MetadataKeyCompleter))]
    public string Key { get; set; } = string.Empty;

    /// <summary>Specifies the value: a string, a number, $true, a hashtable, or an array. The server does not store empty values, 0, and $false.</summary>
    [Parameter(Mandatory = true, Position = 2, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? Value { get; set; }

    /// <summary>Replaces the value if the key exists. Also writes a key that this cluster cannot delete.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Returns the key with its new value.</summary>
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
                throw new SfException(SfErrors.MetadataKeyExists, $"{metadata.Describe(key)} already exists. Its value is {MetadataValue.Show(old)}.");
            }

            await metadata.SetAsync(key, value, create: true, Force, PassThru).ConfigureAwait(false);
        });
    }
}
