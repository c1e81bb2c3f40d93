using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;

namespace ShakenFist.Blobs.Commands;

/// <summary>Returns whether the cluster announces a capability.</summary>
[Cmdlet(VerbsDiagnostic.Test, "SfCapability")]
[OutputType(typeof(bool))]
public sealed class TestSfCapabilityCommand : SfSessionCmdlet
{
    /// <summary>Specifies the full name of the capability, such as blob-data-limit.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string Name { get; set; } = string.Empty;

    /// <inheritdoc/>
    protected override void ProcessRecord() => WriteObject(ResolveSession().Capabilities.Has(Name));
}
