using System.Management.Automation;
using ShakenFist.Blobs.Parameters;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>The base class of the cmdlets that accept blobs, by UUID or as an object with a UUID.</summary>
public abstract class SfBlobCmdlet : SfSessionCmdlet
{
    /// <summary>Specifies the UUIDs of the blobs. Accepts blobs, references to blobs, and other objects that identify a blob from the pipeline.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("BlobUuid")]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(BlobUuidCompleter))]
    public SfBlobIdentity[] Uuid { get; set; } = [];
}
