using System.Diagnostics;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Makes file operations in one folder fail or wait.</summary>
internal sealed class FaultInjectingDisk : IDisposable
{
    // The errno values of Linux and macOS. Windows has other codes.
    public const int InputOutput = 5;
    public const int TooLarge = 27;
    public const int NoSpace = 28;
    public const int ReadOnly = 30;
    public const int Quota = 122;

    private readonly string _folder;
    private readonly Action<FileOperation, string> _answer;

    public FaultInjectingDisk(string folder, Action<FileOperation, string> answer)
    {
        _folder = folder + Path.DirectorySeparatorChar;
        _answer = answer;
        FileSystemEvents.Before += On;
    }

    /// <summary>Makes an operation on files with this ending fail, starting with the given occurrence.</summary>
    public static FaultInjectingDisk Failing(string folder, FileOperation step, string suffix, int from, int code)
    {
        int count = 0;
        return new FaultInjectingDisk(folder, (now, path) =>
        {
            if (now == step && path.EndsWith(suffix, StringComparison.Ordinal) && Interlocked.Increment(ref count) >= from)
            {
                throw Error(code);
            }
        });
    }

    public static IOException Error(int code) => new($"The disk reports {code}.", code);

    public void Dispose() => FileSystemEvents.Before -= On;

    private void On(FileOperation step, string path)
    {
        if (path.StartsWith(_folder, StringComparison.Ordinal))
        {
            _answer(step, path);
        }
    }
}

/// <summary>A disk of a few KiB in memory, if the computer permits the test to create one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Mounts a disk. Null if that is not permitted, with a line in the test output.</summary>
    public static SmallDisk? TryMount(int kibibytes)
    {
        string path = Directory.CreateTempSubdirectory("sfdisk").FullName;
        if (OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "none", path))
        {
            return new SmallDisk(path);
        }

        Directory.Delete(path);
        TestContext.Current.TestOutputHelper?.WriteLine("No file system can be mounted here: its answers are imitated.");
        return null;
    }

    /// <summary>Fills the disk except for the given space.</summary>
    public void Fill(long but)
    {
        using FileStream filler = new(At("filler"), FileMode.Create, FileAccess.Write);
        byte[] page = new byte[4096];
        for (long left = new DriveInfo(Path).AvailableFreeSpace - but; left > 0; left -= page.Length)
        {
            filler.Write(page);
        }
    }

    public void MakeReadOnly() => Assert.True(Run("mount", "-o", "remount,ro", Path));

    public void Dispose()
    {
        Assert.True(Run("umount", Path));
        Directory.Delete(Path);
    }

    private static bool Run(string command, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
