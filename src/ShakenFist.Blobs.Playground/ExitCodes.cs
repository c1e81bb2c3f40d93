namespace ShakenFist.Blobs.Playground;

/// <summary>What the process ends with, as pwsh and other shells do.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 64;
    public const int Interrupted = 130;
}
