using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Rejects a value so that PowerShell tries the next parameter or property. PowerShell does that only after an exception that reports a failed cast.</summary>
internal static class TransformationError
{
    public static ArgumentTransformationMetadataException TryNextParameterSet(string message) => new(message, new PSInvalidCastException(message));
}
