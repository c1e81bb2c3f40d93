using System.Management.Automation;

namespace ShakenFist.Blobs.Playground.Host;

/// <summary>A script asked the host for something it does not do.</summary>
internal sealed class PSNotSupportedInPlaygroundException(string what)
    : PSNotSupportedException($"{what} is not possible in the playground's embedded PowerShell.");
