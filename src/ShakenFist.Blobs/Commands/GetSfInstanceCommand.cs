using System.Management.Automation;
using ShakenFist.Blobs.Model;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets instances with their disks.</summary>
[Cmdlet(VerbsCommon.Get, "SfInstance", DefaultParameterSetName = NameSet)]
[OutputType(typeof(SfInstance))]
public sealed class GetSfInstanceCommand : SfSessionCmdlet
{
    private const string NameSet = "Name";
    private const string UuidSet = "Uuid";

    private InstanceFinder? _finder;

    /// <summary>Specifies names or UUIDs. Wildcards are allowed in names. Names are case-sensitive. By default, all instances are returned.</summary>
    [Parameter(ParameterSetName = NameSet, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(InstanceNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Specifies the UUIDs of the instances. Instances that were deleted a short time ago are returned as well.</summary>
    [Parameter(ParameterSetName = UuidSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("InstanceUuid")]
    public Guid[] Uuid { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        InstanceFinder finder = _finder ??= new InstanceFinder(session);
        if (ParameterSetName == NameSet && Name is null)
        {
            RunFor(target: null, async (sink, stop) =>
            {
                await foreach (SfInstance instance in session.ListInstancesAsync(sink, stop).ConfigureAwait(false))
                {
                    await sink.WriteObjectAsync(instance).ConfigureAwait(false);
                }
            });
            return;
        }

        foreach (string name in Name ?? [])
        {
            RunFor(name, (sink, stop) => FindAsync(finder, name, sink, stop));
        }

        foreach (Guid uuid in Uuid)
        {
            RunFor(uuid, async (sink, stop) => await sink.WriteObjectAsync(await session.GetInstanceAsync(uuid, sink, stop).ConfigureAwait(false)).ConfigureAwait(false));
        }
    }

    private static async Task FindAsync(InstanceFinder finder, string name, PipelineSink sink, CancellationToken stop)
    {
        Wildcards pattern = new([name], caseSensitive: true);
        IEnumerable<SfInstance> found = Wildcards.IsPattern(name)
            ? finder.OwnFirst((await finder.ListAsync(sink, stop).ConfigureAwait(false)).Where(instance => pattern.Match(instance.Name)))
            : await finder.FindAsync(Wildcards.Literal(name), sink, stop).ConfigureAwait(false);
        foreach (SfInstance instance in found)
        {
            await sink.WriteObjectAsync(instance).ConfigureAwait(false);
        }
    }
}
