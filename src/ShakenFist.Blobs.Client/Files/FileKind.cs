using System.Runtime.InteropServices;
using System.Text;

namespace ShakenFist.Blobs.Files;

/// <summary>Tells ordinary files from pipes, devices, and sockets without opening them: a pipe can block whoever opens it, and a device may act on it.</summary>
internal static partial class FileKind
{
    /// <summary>A disk. It has no length, but can be read like a file.</summary>
    public const string BlockDevice = "a block device";

    private const string Device = "a device";

    /// <summary>What the path names if that is neither a file nor a directory. Null if it is either, or if nothing is there. Links are followed.</summary>
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

    /// <summary>Checks that a transfer can use a name for a file of its own.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.TargetNotFile"/> if it is the name of a link, which is not followed, a directory, or a device.</exception>
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

    // The runtime's own view of stat, the same on all systems: the flags first, then the mode. Its public classes tell directories and links and nothing else.
    [DllImport("libSystem.Native", EntryPoint = "SystemNative_Stat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat(byte[] path, byte[] status);
}
