using System.Management.Automation;
using ShakenFist.Blobs.Images;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets format information from the headers of disk images, from a few small ranges of blobs or local files.</summary>
[Cmdlet(VerbsCommon.Get, "SfImageInfo", DefaultParameterSetName = UuidSet)]
[OutputType(typeof(SfImageInfo))]
public sealed class GetSfImageInfoCommand : SfSessionCmdlet
{
    private const string UuidSet = "Uuid";
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    /// <summary>Specifies the UUIDs of the blobs.</summary>
    [Parameter(ParameterSetName = UuidSet, Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("BlobUuid")]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(BlobUuidCompleter))]
    public SfBlobIdentity[] Uuid { get; set; } = [];

    /// <summary>Specifies local image files. Wildcards are allowed. The command doesn't connect to a cluster.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Specifies local image files without wildcards. The output of Get-ChildItem binds to it. The command doesn't connect to a cluster.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == UuidSet)
        {
            SfSession session = ResolveSession();
            foreach (Guid uuid in ResolveUuids(Uuid))
            {
                RunFor(uuid, (sink, stop) => DescribeBlobAsync(session, uuid, sink, stop));
            }

            return;
        }

        foreach (string file in ResolveFiles(Path, LiteralPath))
        {
            RunFor(file, (sink, stop) => DescribeFileAsync(file, sink, stop));
        }
    }

    private static async Task DescribeBlobAsync(SfSession session, Guid uuid, PipelineSink sink, CancellationToken stop)
    {
        SfBlob blob = await session.GetBlobAsync(uuid, sink, stop).ConfigureAwait(false);
        SfImageInfo info = await ImageProbe.ProbeAsync(new BlobImageSource(session, blob, sink), stop).ConfigureAwait(false);
        await sink.WriteObjectAsync(info with { BlobUuid = uuid }).ConfigureAwait(false);
    }

    private static async Task DescribeFileAsync(string file, PipelineSink sink, CancellationToken stop)
    {
        using FileImageSource source = new(file);
        SfImageInfo info = await ImageProbe.ProbeAsync(source, stop).ConfigureAwait(false);
        await sink.WriteObjectAsync(info with { Path = file }).ConfigureAwait(false);
    }
}
