using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>
/// Belongs to a blob parameter at a position where another parameter set has a path. Text that is not a UUID is rejected so that PowerShell tries the path. A mistyped UUID is
/// accepted, so that the command can report it.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BlobOrPathAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => inputData switch
    {
        // PowerShell converts text to the type of the path before it tries to convert it to the type of this parameter.
        PSObject { BaseObject: string text } => Identity(text),
        string text => Identity(text),
        _ => inputData,
    };

    private static SfBlobIdentity Identity(string text)
    {
        SfBlobIdentity blob = new(text);
        return blob.Uuid is not null || IsMistyped(text)
            ? blob
            : throw TransformationError.TryNextParameterSet($"'{ServerText.Clean(text, 80)}' is not the UUID of a blob. A UUID has the form 578da8b6-eb98-4e10-bb36-e4d4d763d312.");
    }

    // Only a UUID has this form, so the value is not a path.
    private static bool IsMistyped(string text) => text.Length >= 16 && text.Contains('-', StringComparison.Ordinal) && text.All(c => c == '-' || char.IsAsciiHexDigit(c));
}
