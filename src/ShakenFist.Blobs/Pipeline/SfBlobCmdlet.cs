using System.Management.Automation;
using ShakenFist.Blobs.Parameters;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>A cmdlet whose input is blobs, by UUID or by anything that has one.</summary>
public abstract class SfBlobCmdlet : SfSessionCmdlet
{
    /// <summary>UUIDs of the blobs. Blobs, references to blobs, and whatever else names a blob come from the pipeline.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("BlobUuid")]
    [AllowEmptyCollection]
    [BlobUuid]
    [ArgumentCompleter(typeof(BlobUuidCompleter))]
    public Guid[] Uuid { get; set; } = [];
}
