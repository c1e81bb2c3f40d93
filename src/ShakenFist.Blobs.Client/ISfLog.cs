namespace ShakenFist.Blobs;

/// <summary>Where the client tells what it does. Called from any thread; never given a secret.</summary>
public interface ISfLog
{
    /// <summary>One line for each request and each decision.</summary>
    void Verbose(string message);

    /// <summary>Particulars, such as allow-listed headers.</summary>
    void Debug(string message);

    /// <summary>What the user should know though it went on.</summary>
    void Warning(string message);
}
