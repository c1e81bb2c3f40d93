using System.Globalization;
using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>
/// Converts text to a date and time by the rules of the invariant culture first, as PowerShell's own cast does. Parameter binding uses only the current culture, which in some
/// cultures does not accept a date such as 2027-01-31.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DateTextAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
    {
        string text when DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime time) => time,
        DateTimeOffset time => time.UtcDateTime,
        _ => inputData,
    };
}
