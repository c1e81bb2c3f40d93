using System.Runtime.InteropServices;
using System.Text;

namespace ShakenFist.Blobs.Files;

/// <summary>
/// Distinguishes ordinary files from pipes, devices, and sockets without opening them. Opening a pipe can block, and opening a device can have side effects.
/// </summary>
internal static partial class FileKind
{
    /// <summary>A disk. It has no length, but can be read like a file.</summary>
    public const string BlockDevice = "a block device";

    private const string Device = "a device";

    /// <summary>Returns what the path names if it is neither a file nor a directory. Null if it is one of these, or if it does not exist. Links are followed.</summary>
    public static string? GetSpecialFileKind(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return path.StartsWith(@"\\.\", StringComparison.Ordinal) ? Device : null;
        }

        return (TypeOf(path) & 0xF000) switch
        {
            0x1000 => "a pipe",
            0x2000 => Device,
            0x6000 => BlockDevice,
            0xC000 => "a socket",
            _ => null,
        };
    }

    /// <summary>Checks that a transfer can create a file with this name.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.TargetNotFile"/> if the path names a link (links are not followed), a directory, or a device.</exception>
    public static void EnsureUsable(string path)
    {
        string? kind = new FileInfo(path).LinkTarget is not null ? "a symbolic link" : Directory.Exists(path) ? "a directory" : GetSpecialFileKind(path);
        if (kind is not null)
        {
            throw new SfException(SfErrors.TargetNotFile, $"Cannot use '{path}' as a temporary file: it is {kind}.");
        }
    }

    private static int TypeOf(string path)
    {
        byte[] status = new byte[512];
        try
        {
            return Stat(Encoding.UTF8.GetBytes(path + '\0'), status) == 0 ? BitConverter.ToInt32(status, sizeof(int)) : 0;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // A runtime without this entry point: assume an ordinary file.
            return 0;
        }
    }

    // The runtime's wrapper of stat, which is the same on all systems: first the flags, then the mode. The public classes of .NET only identify directories and links.
    [DllImport("libSystem.Native", EntryPoint = "SystemNative_Stat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat(byte[] path, byte[] status);
}
