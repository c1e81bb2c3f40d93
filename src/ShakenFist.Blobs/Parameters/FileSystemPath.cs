using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Converts failures of PowerShell's path resolution to errors of the error table.</summary>
internal static class FileSystemPath
{
    /// <summary>Resolves a path and verifies that it is on a file system.</summary>
    /// <exception cref="SfException">The path is not on a file system, or it cannot be resolved.</exception>
    public static string[] Resolve(string given, Func<(string[] Paths, ProviderInfo Provider)> resolve)
    {
        try
        {
            (string[] paths, ProviderInfo provider) = resolve();
            return provider.Name == "FileSystem"
                ? paths
                : throw new SfException(SfErrors.PathNotFileSystem, $"'{given}' is a path of the provider {provider.Name}, not of a file system.");
        }
        catch (ItemNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is System.Management.Automation.DriveNotFoundException or ProviderNotFoundException or ProviderInvocationException
            or PSInvalidOperationException or NotSupportedException)
        {
            throw new SfException(SfErrors.PathNotFileSystem, $"'{given}' is not a valid path: {ErrorText.Sentence(e.Message)}", e);
        }
    }
}
