using System.Collections;
using System.Globalization;
using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Sets keys of the metadata of blobs. Keys that do not exist are added.</summary>
[Cmdlet(VerbsCommon.Set, "SfBlobMetadata", DefaultParameterSetName = KeySet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(SfBlobMetadata))]
public sealed class SetSfBlobMetadataCommand : SfMetadataCmdlet
{
    private const string KeySet = "Key";
    private const string MetadataSet = "Metadata";

    /// <summary>Specifies the key. Wildcards are not interpreted.</summary>
    [Parameter(ParameterSetName = KeySet, Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("LiteralKey")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MetadataKeyCompleter))]
    public string Key { get; set; } = string.Empty;

    /// <summary>Specifies the value: a string, a number, $true, a hashtable, or an array. The server does not store empty values, 0, and $false.</summary>
    [Parameter(ParameterSetName = KeySet, Mandatory = true, Position = 2, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? Value { get; set; }

    /// <summary>Specifies several keys and their values. Other keys are not changed.</summary>
    [Parameter(ParameterSetName = MetadataSet, Mandatory = true, Position = 1)]
    [ValidateNotNull]
    public IDictionary Metadata { get; set; } = new Hashtable();

    /// <summary>Removes the keys that -Metadata does not contain. Each removal is subject to -WhatIf and -Confirm.</summary>
    [Parameter(ParameterSetName = MetadataSet)]
    public SwitchParameter Replace { get; set; }

    /// <summary>Also writes keys that this cluster cannot delete. Without -Force, such a key causes the error MetadataKeyNotDeletable after the session has found this out.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Returns the keys with their new values.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        IReadOnlyList<KeyValuePair<string, object?>> wanted = ParameterSetName == MetadataSet ? Entries(Metadata) : [KeyValuePair.Create(Key, Value)];
        ForEachBlob(async metadata =>
        {
            foreach ((string key, object? value) in wanted)
            {
                await SetAsync(metadata, key, value).ConfigureAwait(false);
            }

            if (Replace)
            {
                foreach (string key in metadata.Current.Keys.Except(wanted.Select(w => w.Key), StringComparer.Ordinal).ToArray())
                {
                    await metadata.RemoveAsync(key).ConfigureAwait(false);
                }
            }
        });
    }

    private static List<KeyValuePair<string, object?>> Entries(IDictionary metadata)
    {
        List<KeyValuePair<string, object?>> entries = [];
        foreach (DictionaryEntry entry in metadata)
        {
            entries.Add(KeyValuePair.Create(Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!, entry.Value));
        }

        return entries;
    }

    /// <summary>Sets one key. If it fails, the other keys are processed.</summary>
    private async Task SetAsync(MetadataEditor metadata, string key, object? value)
    {
        try
        {
            await metadata.SetAsync(key, value, create: false, Force, PassThru).ConfigureAwait(false);
        }
        catch (SfException e)
        {
            metadata.Report(e);
        }
    }
}
