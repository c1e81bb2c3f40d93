using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>How a transformation refuses pipeline input so that PowerShell goes on to look at its properties: only an invalid cast within is taken for "not this way".</summary>
internal static class NotThis
{
    public static ArgumentTransformationMetadataException Instead(string message) => new(message, new PSInvalidCastException(message));
}
