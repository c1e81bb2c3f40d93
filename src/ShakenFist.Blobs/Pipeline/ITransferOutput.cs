namespace ShakenFist.Blobs.Pipeline;

/// <summary>Receives the output of transfers: the pipeline of a cmdlet, or the streams of a job.</summary>
internal interface ITransferOutput : ISfLog
{
    /// <summary>Writes an object.</summary>
    Task WriteObjectAsync(object value);

    /// <summary>Writes an error. The work continues.</summary>
    void Error(SfException exception, object? target);
}
