using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>
/// Moves an open file from its temporary name to another name. The move uses the handle, because another process can give the temporary name to a different file. If a
/// different file gets the name anyway, that file is moved aside.
/// </summary>
internal static class FilePlacement
{
    /// <summary>Renames the file from <paramref name="temporary"/> to <paramref name="target"/>.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="temporary">The current name.</param>
    /// <param name="target">The new name, in the same directory.</param>
    /// <param name="replace">Whether an existing file of that name can be replaced.</param>
    /// <exception cref="SfException"><see cref="SfErrors.TargetChanged"/> if another process put a different file there.</exception>
    /// <exception cref="IOException">A file of that name exists and must not be replaced, or the file system failed.</exception>
    public static void Move(SafeFileHandle file, string temporary, string target, bool replace)
    {
        (FileIdentity identity, _, long length, _, _, _, _) = FileStatus.Of(file);
        FileSystemEvents.Raise(FileOperation.Rename, target);
        if (OperatingSystem.IsWindows())
        {
            WindowsFile.RenameByHandle(file, target, replace);
        }
        else if (!TryMoveByLink(file, identity, temporary, target, replace))
        {
            File.Move(temporary, target, replace);
        }

        // On FAT volumes, a rename changes the identity, because the file ID is the position of the directory entry.
        if (FileStatus.At(target) is not { } named || named.Identity != FileStatus.Of(file).Identity || named.Length != length)
        {
            throw new SfException(SfErrors.TargetChanged, $"Another process replaced or changed '{target}' while it was being saved.{MoveAside(target)}");
        }
    }

    /// <summary>Writes the data of an open file to the disk.</summary>
    /// <exception cref="IOException">The data could not be written to the disk.</exception>
    public static void FlushData(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.FlushToDisk(file);
        }
        else
        {
            UnixFile.FlushToDisk(file);
        }
    }

    /// <summary>Writes the new name to the disk, so that it survives a power failure.</summary>
    /// <exception cref="IOException">The name could not be written to the disk.</exception>
    public static void Flush(SafeFileHandle file, string target)
    {
        string directory = Path.GetDirectoryName(target)!;
        FileSystemEvents.Raise(FileOperation.Flush, directory + Path.DirectorySeparatorChar);
        if (OperatingSystem.IsWindows())
        {
            FlushData(file);
        }
        else
        {
            UnixFile.FlushDirectory(directory);
        }
    }

    /// <summary>
    /// Moves the file with a hard link to the open handle, which always refers to the right file. To replace an existing name, the file first gets a random name.
    /// </summary>
    private static bool TryMoveByLink(SafeFileHandle file, FileIdentity identity, string temporary, string target, bool replace)
    {
        string name = replace ? Beside(target, Path.GetExtension(temporary)) : target;
        if (!UnixFile.TryLink(file, name))
        {
            return false;
        }

        if (replace)
        {
            try
            {
                File.Move(name, target, overwrite: true);
                if (FileStatus.IsAt(identity, name))
                {
                    // The target was a hard link to the same file. Then a rename does nothing.
                    File.Delete(name);
                }
            }
            catch
            {
                File.Delete(name);
                throw;
            }
        }

        if (FileStatus.IsAt(identity, temporary))
        {
            File.Delete(temporary);
        }

        return true;
    }

    /// <summary>
    /// Deletes the random names that a file has because a process ended while it replaced the target. Names of that form that refer to other files are kept.
    /// </summary>
    /// <param name="temporary">The temporary name of the file.</param>
    /// <param name="identity">The identity of the file.</param>
    public static void DeleteRandomNames(string temporary, FileIdentity identity)
    {
        string pattern = Path.GetFileName(Beside(temporary, Path.GetExtension(temporary), new string('?', 32)));
        foreach (string name in Directory.GetFiles(Path.GetDirectoryName(temporary)!, pattern, new EnumerationOptions { AttributesToSkip = 0 }))
        {
            if (FileStatus.IsAt(identity, name))
            {
                File.Delete(name);
            }
        }
    }

    /// <summary>Returns a random name in the same directory. Its length does not depend on the name of the target.</summary>
    public static string Beside(string target, string extension) => Beside(target, extension, Guid.NewGuid().ToString("N"));

    private static string Beside(string target, string extension, string name) => Path.Combine(Path.GetDirectoryName(target)!, $".{name}{extension}");

    private static string MoveAside(string target)
    {
        string aside = Beside(target, ".replaced");
        try
        {
            File.Move(target, aside);
            return $" The other file is now '{aside}'.";
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            return " Do not use that file: it has not been verified.";
        }
    }
}
