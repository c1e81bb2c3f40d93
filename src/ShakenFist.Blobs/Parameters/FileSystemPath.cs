using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Puts what goes wrong when PowerShell resolves a path into the error table's words.</summary>
internal static class FileSystemPath
{
    /// <summary>Resolves a path and makes sure that it is on a file system.</summary>
    /// <exception cref="SfException">It is not, or it cannot be resolved.</exception>
    public static string[] Resolve(string given, Func<(string[] Paths, ProviderInfo Provider)> resolve)
    {
        try
        {
            (string[] paths, ProviderInfo provider) = resolve();
            return provider.Name == "FileSystem"
                ? paths
                : throw new SfException(SfErrors.PathNotFileSystem, $"'{given}' is on provider {provider.Name}, not on a file system.");
        }
        catch (ItemNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is System.Management.Automation.DriveNotFoundException or ProviderNotFoundException or ProviderInvocationException
            or PSInvalidOperationException or NotSupportedException)
        {
            throw new SfException(SfErrors.PathNotFileSystem, $"'{given}' cannot be used as a path: {e.Message}", e);
        }
    }
}
