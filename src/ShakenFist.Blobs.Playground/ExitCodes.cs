namespace ShakenFist.Blobs.Playground;

/// <summary>The exit codes of the playground. Otherwise, it returns the exit code of pwsh.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 64;
}
