using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>Creates files that only the current user can read until they are finished.</summary>
internal static class PrivateFile
{
    /// <summary>Creates a new file. Links are not followed.</summary>
    /// <param name="path">Full path of the file.</param>
    /// <param name="share">The access that other processes have while the file is open.</param>
    /// <param name="preallocate">Bytes to reserve on the disk. Ignored on Windows, where the file system reserves them when the length of the file is set.</param>
    /// <param name="like">
    /// On Windows, the file whose access control list is copied to the new file, if it exists, so that no other users can read the data while it is written.
    /// </param>
    /// <exception cref="IOException">A file of that name exists, or the file cannot be created.</exception>
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

        // Only FileStream can create a file with a mode. Without a buffer, it holds only the handle, and its finalizer does not close the handle.
        return new FileStream(path, options).SafeFileHandle;
    }
}
