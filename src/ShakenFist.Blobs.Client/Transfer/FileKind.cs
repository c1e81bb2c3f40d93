using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Transfer;

/// <summary>Tells files from what only has a file's name, without opening it: a pipe may keep whoever opens it for ever, and a device may do something.</summary>
internal static partial class FileKind
{
    /// <summary>A disk: it has no length, but can be read like a file.</summary>
    public const string BlockDevice = "a block device";

    private const string Device = "a device";

    /// <summary>What the path names if that is neither a file nor a directory; null if it is either, or if nothing is there. Links are followed.</summary>
    public static string? OddityOf(string path)
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

    /// <summary>Looks whether a transfer may have a file of its own by this name.</summary>
    /// <exception cref="SfException">There is something that is not a file, or a link, which is not written through.</exception>
    public static void CheckOwn(string path)
    {
        if ((new FileInfo(path).LinkTarget is null ? OddityOf(path) : "a symbolic link") is { } oddity)
        {
            throw new SfException(SfErrors.TargetNotFile, $"'{path}' is {oddity}, where a transfer keeps a file of its own.");
        }
    }

    /// <summary>Whether the path still names the open file. On Windows nobody else can have changed that.</summary>
    public static bool IsAt(SafeFileHandle handle, string path)
    {
        FileInfo there = new(path);
        return OperatingSystem.IsWindows()
            || (there.Exists && there.Length == RandomAccess.GetLength(handle) && there.LastWriteTimeUtc == File.GetLastWriteTimeUtc(handle));
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
            // A runtime put together in another way: then it is taken for the file that it says it is.
            return 0;
        }
    }

    // The runtime's own view of stat, the same on all systems: the flags first, then the mode. Its public classes tell directories and links and nothing else.
    [DllImport("libSystem.Native", EntryPoint = "SystemNative_Stat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat(byte[] path, byte[] status);
}
