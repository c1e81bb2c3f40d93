using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Removes keys from the metadata of blobs.</summary>
[Cmdlet(VerbsCommon.Remove, "SfBlobMetadata", DefaultParameterSetName = KeySet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveSfBlobMetadataCommand : SfMetadataKeyCmdlet
{
    /// <summary>Specifies the keys. Wildcards are allowed, except in the property of an input object. Keys are case-sensitive.</summary>
    [Parameter(ParameterSetName = KeySet, Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MetadataKeyPatternCompleter))]
    public string[]? Key { get; set; }

    /// <summary>Removes all metadata if a pattern matches every key, such as *. Without -Force, such a pattern is an error.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        bool all = IsTyped(nameof(Key)) && Array.Exists(Key!, Wildcards.MatchesEverything);
        bool force = Force || IsWhatIf;
        ForEachSelection(Key, async (metadata, names) =>
        {
            if (all)
            {
                await metadata.RemoveAllAsync(force).ConfigureAwait(false);
                return;
            }

            foreach (string name in names)
            {
                await metadata.RemoveAsync(name).ConfigureAwait(false);
            }
        });
    }
}
