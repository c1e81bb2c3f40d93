using System.Management.Automation;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>Makes PowerShell's error records of the error table's rows.</summary>
internal static class ErrorRecords
{
    /// <summary>The record of a failure; <paramref name="target"/> is what the user passed.</summary>
    public static ErrorRecord Of(SfException exception, object? target)
    {
        ErrorRecord record = new(exception, exception.Error.Id, Enum.Parse<ErrorCategory>(exception.Error.Category.ToString()), target);
        record.ErrorDetails = new ErrorDetails(exception.Message) { RecommendedAction = exception.Error.Advice };
        return record;
    }
}
