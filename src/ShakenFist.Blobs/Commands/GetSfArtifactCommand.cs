using System.Management.Automation;
using ShakenFist.Blobs.Model;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets artifacts: images, snapshots, labels, and other uploads, each a name for a series of blobs.</summary>
[Cmdlet(VerbsCommon.Get, "SfArtifact", DefaultParameterSetName = NameSet)]
[OutputType(typeof(SfArtifact))]
public sealed class GetSfArtifactCommand : SfSessionCmdlet
{
    private const string NameSet = "Name";
    private const string UuidSet = "Uuid";

    private ArtifactFinder? _finder;

    /// <summary>Specifies names, source URLs, or UUIDs. Wildcards are allowed in names. Names are case-sensitive. By default, all artifacts are returned.</summary>
    [Parameter(ParameterSetName = NameSet, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ArtifactNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Specifies the UUIDs of the artifacts. Artifacts that were deleted a short time ago are returned as well.</summary>
    [Parameter(ParameterSetName = UuidSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ArtifactUuid")]
    public Guid[] Uuid { get; set; } = [];

    /// <summary>Gets only artifacts of these types: image, snapshot, label, or other. Wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ArtifactTypeCompleter))]
    public string[]? Type { get; set; }

    /// <summary>Gets only artifacts of these namespaces. Wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ArtifactNameCompleter))]
    public string[]? Namespace { get; set; }

    /// <summary>Gets only artifacts that all namespaces can use.</summary>
    [Parameter]
    public SwitchParameter Shared { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        ArtifactFinder finder = _finder ??= new ArtifactFinder(session);
        Func<SfArtifact, bool> filter = NewFilter();
        if (ParameterSetName == NameSet && Name is null)
        {
            RunFor(target: null, (sink, stop) => ListAsync(session, filter, sink, stop));
            return;
        }

        foreach (string name in Name ?? [])
        {
            RunFor(name, (sink, stop) => FindAsync(finder, name, filter, sink, stop));
        }

        foreach (Guid uuid in Uuid)
        {
            RunFor(uuid, async (sink, stop) => await WriteAsync([await finder.GetAsync(uuid, sink, stop).ConfigureAwait(false)], filter, sink).ConfigureAwait(false));
        }
    }

    private static async Task ListAsync(SfSession session, Func<SfArtifact, bool> filter, PipelineSink sink, CancellationToken stop)
    {
        await foreach (SfArtifact artifact in session.ListArtifactsAsync(sink, stop).ConfigureAwait(false))
        {
            await WriteAsync([artifact], filter, sink).ConfigureAwait(false);
        }
    }

    private static async Task FindAsync(ArtifactFinder finder, string name, Func<SfArtifact, bool> filter, PipelineSink sink, CancellationToken stop)
    {
        if (!Wildcards.IsPattern(name))
        {
            SfArtifact[] found = [.. (await finder.FindAsync(Wildcards.Literal(name), sink, stop).ConfigureAwait(false)).Where(filter)];
            await WriteAsync(found.Length > 0 ? found : throw finder.NoneOf(name, "matches -Type, -Namespace, and -Shared"), filter, sink).ConfigureAwait(false);
            return;
        }

        Wildcards pattern = new([name], caseSensitive: true);
        await WriteAsync(finder.OwnFirst((await finder.ListAsync(sink, stop).ConfigureAwait(false)).Where(artifact => pattern.Match(artifact.Name) || pattern.Match(artifact.SourceUrl))), filter, sink).ConfigureAwait(false);
    }

    private static async Task WriteAsync(IEnumerable<SfArtifact> artifacts, Func<SfArtifact, bool> filter, PipelineSink sink)
    {
        foreach (SfArtifact artifact in artifacts.Where(filter))
        {
            await sink.WriteObjectAsync(artifact).ConfigureAwait(false);
        }
    }

    private Func<SfArtifact, bool> NewFilter()
    {
        Wildcards types = new(Type);
        Wildcards namespaces = new(Namespace, caseSensitive: true);
        bool sharedOnly = Shared;
        return artifact => types.Match(artifact.Type) && namespaces.Match(artifact.Namespace) && (!sharedOnly || artifact.Shared == true);
    }
}
