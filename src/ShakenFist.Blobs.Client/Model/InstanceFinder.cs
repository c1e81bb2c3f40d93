namespace ShakenFist.Blobs.Model;

/// <summary>Finds instances by name or UUID for the inputs of one command. The list is requested at most once.</summary>
internal sealed class InstanceFinder(SfSession session) : NameFinder<SfInstance>
{
    protected override string Kind => "instance";

    protected override SfError NotFound => SfErrors.InstanceNotFound;

    protected override string OwnNamespace => session.Namespace;

    protected override IAsyncEnumerable<SfInstance> RequestAsync(ISfLog log, CancellationToken cancellationToken) => session.ListInstancesAsync(log, cancellationToken);

    protected override Task<SfInstance?> FindUnlistedAsync(string name, ISfLog log, CancellationToken cancellationToken) => Task.FromResult<SfInstance?>(null);

    protected override bool IsNamed(SfInstance instance, string text) => instance.Name == text;

    protected override string? NamespaceOf(SfInstance instance) => instance.Namespace;

    protected override Guid UuidOf(SfInstance instance) => instance.Uuid;

    protected override bool IsUsable(SfInstance instance) => true;

    protected override string Describe(SfInstance instance) => $"{instance.Uuid:D} in namespace '{instance.Namespace}'";
}
