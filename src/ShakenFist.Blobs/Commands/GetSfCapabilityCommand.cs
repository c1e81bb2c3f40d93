using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets the capabilities that the cluster announces.</summary>
[Cmdlet(VerbsCommon.Get, "SfCapability")]
[OutputType(typeof(SfCapability))]
public sealed class GetSfCapabilityCommand : SfSessionCmdlet
{
    /// <summary>Specifies the names of capabilities. Wildcards are allowed.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        Wildcards names = new(Name);
        foreach ((string family, IReadOnlyList<string> members) in ResolveSession().Capabilities.Families)
        {
            foreach (string name in members.Where(names.Match))
            {
                WriteObject(new SfCapability { Family = family, Name = name });
            }
        }
    }
}
