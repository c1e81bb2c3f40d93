namespace ShakenFist.Blobs;

/// <summary>Receives the messages of the client. Can be called from any thread. Messages contain no secrets.</summary>
public interface ISfLog
{
    /// <summary>Writes a message about a request or a decision.</summary>
    void Verbose(string message);

    /// <summary>Writes details, such as selected headers.</summary>
    void Debug(string message);

    /// <summary>Writes a warning about a problem that does not end the operation.</summary>
    void Warning(string message);
}
