using System.Management.Automation;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>Converts errors of the error table to error records.</summary>
internal static class ErrorRecords
{
    /// <summary>Creates the error record. <paramref name="target"/> is the input object.</summary>
    public static ErrorRecord Of(SfException exception, object? target)
    {
        ErrorRecord record = new(exception, exception.Error.Id, Enum.Parse<ErrorCategory>(exception.Error.Category.ToString()), target);
        record.ErrorDetails = new ErrorDetails(exception.Message) { RecommendedAction = exception.Error.Advice };
        return record;
    }
}
