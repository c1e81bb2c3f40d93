using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>How a transformation refuses a value so that PowerShell tries the next parameter or property: it goes on only where it sees that a cast has failed.</summary>
internal static class NotThis
{
    public static ArgumentTransformationMetadataException Instead(string message) => new(message, new PSInvalidCastException(message));
}
