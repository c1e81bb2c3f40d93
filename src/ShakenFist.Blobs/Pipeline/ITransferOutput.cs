namespace ShakenFist.Blobs.Pipeline;

/// <summary>Where transfers put what they have to say: the pipeline of a cmdlet, or the streams of a job.</summary>
internal interface ITransferOutput : ISfLog
{
    /// <summary>Hands over an object.</summary>
    Task WriteObjectAsync(object value);

    /// <summary>Hands over an error; the work goes on.</summary>
    void Error(SfException exception, object? target);
}
