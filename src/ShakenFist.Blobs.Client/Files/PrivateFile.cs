using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>Creates files that only the user of this process can read until they are finished.</summary>
internal static class PrivateFile
{
    /// <summary>Creates a file that does not exist yet. Links are not followed.</summary>
    /// <param name="path">Full path of the file.</param>
    /// <param name="share">What others may do with it meanwhile.</param>
    /// <param name="preallocate">Bytes to reserve on the disk.</param>
    /// <param name="like">On Windows, the file whose access control list it gets, if there is such a file: it is readable by nobody else while it is written.</param>
    /// <exception cref="IOException">The name is taken, or the file cannot be created.</exception>
    public static SafeFileHandle Create(string path, FileShare share, long preallocate = 0, string? like = null)
    {
        if (OperatingSystem.IsWindows())
        {
            using SafeFileHandle? old = File.Exists(like) ? File.OpenHandle(like, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete) : null;
            return WindowsFile.Open(path, FileMode.CreateNew, share, FileOptions.Asynchronous, old);
        }

        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = share,
            Options = FileOptions.Asynchronous,
            BufferSize = 0,
            PreallocationSize = preallocate,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };

        // Only a stream can be created with a mode. Without a buffer it owns nothing but the handle, and its finalizer leaves that alone.
        return new FileStream(path, options).SafeFileHandle;
    }
}
