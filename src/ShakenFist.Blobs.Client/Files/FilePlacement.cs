using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>
/// Moves an open file from its temporary name to another one, by the file itself and not by what the temporary name may have come to mean. If another file got the
/// name all the same, that file is moved aside.
/// </summary>
internal static class FilePlacement
{
    /// <summary>Gives the file the name <paramref name="target"/> and takes <paramref name="temporary"/> from it.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="temporary">The name it has.</param>
    /// <param name="target">The name it gets, in the same directory.</param>
    /// <param name="replace">Whether a file of that name may be replaced.</param>
    /// <exception cref="SfException"><see cref="SfErrors.TargetChanged"/> if another process put another file in its place.</exception>
    /// <exception cref="IOException">The name is taken and may not be replaced, or the file system failed.</exception>
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

        // A rename changes the identity on FAT volumes, where the file ID is the position of the directory entry.
        if (FileStatus.At(target) is not { } named || named.Identity != FileStatus.Of(file).Identity || named.Length != length)
        {
            throw new SfException(SfErrors.TargetChanged, $"Another process replaced or changed '{target}' while it was being saved.{MoveAside(target)}");
        }
    }

    /// <summary>Makes the new name survive a loss of power.</summary>
    /// <exception cref="IOException">The disk did not take it.</exception>
    public static void Flush(SafeFileHandle file, string target)
    {
        string directory = Path.GetDirectoryName(target)!;
        FileSystemEvents.Raise(FileOperation.Flush, directory + Path.DirectorySeparatorChar);
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.FlushToDisk(file);
        }
        else
        {
            UnixFile.FlushDirectory(directory);
        }
    }

    /// <summary>A link to the open file cannot name another one. A name that is taken is replaced by way of a third name, which nobody else knows.</summary>
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

    /// <summary>A name that nobody knows, in the same directory, and not too long however long the name of the target is.</summary>
    private static string Beside(string target, string extension) => Path.Combine(Path.GetDirectoryName(target)!, $".{Guid.NewGuid():N}{extension}");

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
