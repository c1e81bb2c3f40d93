using System.Globalization;
using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>
/// Accepts a time span from now, or a date and time, and converts it to the remaining time. A number without a unit is rejected, because PowerShell would
/// interpret it as ticks of 100 nanoseconds.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DeadlineAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            TimeSpan span => span,
            DateTime at => at.ToUniversalTime() - DateTime.UtcNow,
            DateTimeOffset at => at - DateTimeOffset.UtcNow,
            string text when !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) => Parse(text.Trim()),
            null => throw new ArgumentTransformationMetadataException("The deadline is null. Specify a time span or a date."),
            _ => throw new ArgumentTransformationMetadataException(
                $"'{value}' is not a time span or a date, and a number without a unit is not accepted. Specify a time span, such as '00:30:00' or (New-TimeSpan -Minutes 30), or a date and time."),
        };
    }

    private static TimeSpan Parse(string text)
    {
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan span))
        {
            return span;
        }

        // Like PowerShell, this uses the invariant culture first.
        return DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime at) || DateTime.TryParse(text, CultureInfo.CurrentCulture, DateTimeStyles.None, out at)
            ? at.ToUniversalTime() - DateTime.UtcNow
            : throw new ArgumentTransformationMetadataException($"'{text}' is neither a time span, such as '00:30:00', nor a date and time, such as '2027-01-31 06:00'.");
    }
}
