using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Soak;

/// <summary>Files of other programs. They are kept open, so that their content can be checked even if they are renamed.</summary>
internal sealed class ForeignFiles(string folder) : IDisposable
{
    private const int ReadOnly = 0;
    private const int ReadWrite = 2;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;

    private readonly List<(SafeFileHandle File, string Name, FileIdentity Identity, byte[] Hash)> _files = [];
    private readonly HashSet<string> _hashes = [];

    /// <summary>Creates a file.</summary>
    /// <returns>Its path.</returns>
    public string Create(byte[] bytes)
    {
        string path = Path.Combine(folder, $"foreign-{_files.Count}");
        File.WriteAllBytes(path, bytes);
        byte[] hash = SHA256.HashData(bytes);
        SafeFileHandle file = Open(path, write: false) ?? throw new InvalidOperationException($"'{path}' cannot be opened.");
        _files.Add((file, path, FileStatus.Of(file).Identity, hash));
        _hashes.Add(Convert.ToHexString(hash));
        return path;
    }

    /// <summary>Whether these are the bytes of one of the files.</summary>
    public bool HasContent(byte[] bytes) => _hashes.Contains(Convert.ToHexString(SHA256.HashData(bytes)));

    /// <summary>Whether this is one of the files.</summary>
    public bool Contains(SafeFileHandle file)
    {
        FileIdentity identity = FileStatus.Of(file).Identity;
        return _files.Exists(f => f.Identity == identity);
    }

    /// <summary>Checks that the files are unchanged.</summary>
    /// <exception cref="InvalidOperationException">A file was changed.</exception>
    public void Check()
    {
        foreach ((SafeFileHandle file, string name, _, byte[] hash) in _files)
        {
            if (!SHA256.HashData(Read(file)).AsSpan().SequenceEqual(hash))
            {
                throw new InvalidOperationException($"ANOTHER FILE WAS CHANGED: '{name}' has other bytes.");
            }
        }
    }

    /// <summary>Returns the bytes of a file, regardless of locks. Null if it does not exist.</summary>
    public static byte[]? TryRead(string path)
    {
        using SafeFileHandle? file = Open(path, write: false);
        return file is null ? null : Read(file);
    }

    /// <summary>Opens a file, regardless of locks. Null if it does not exist, or is a link without a target.</summary>
    public static SafeFileHandle? Open(string path, bool write)
    {
        SafeFileHandle file = new(Open(Encoding.UTF8.GetBytes(path + '\0'), (write ? ReadWrite : ReadOnly) | CloseOnExec | NonBlocking), ownsHandle: true);
        if (!file.IsInvalid)
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    /// <summary>Sets the length of a file, regardless of locks.</summary>
    public static void SetLength(SafeFileHandle file, long length) => _ = Truncate(file, length);

    /// <summary>Creates a hard link to a file.</summary>
    public static bool TryLink(string from, string to) => Link(Encoding.UTF8.GetBytes(from + '\0'), Encoding.UTF8.GetBytes(to + '\0')) == 0;

    /// <summary>Renames a file and replaces an existing one.</summary>
    public static bool TryMove(string from, string to) => Rename(Encoding.UTF8.GetBytes(from + '\0'), Encoding.UTF8.GetBytes(to + '\0')) == 0;

    /// <summary>Creates a symbolic link.</summary>
    public static bool TryLinkSymbolically(string to, string path) => Symlink(Encoding.UTF8.GetBytes(to + '\0'), Encoding.UTF8.GetBytes(path + '\0')) == 0;

    /// <summary>Deletes a name.</summary>
    public static bool TryDelete(string path) => Unlink(Encoding.UTF8.GetBytes(path + '\0')) == 0;

    public void Dispose() => _files.ForEach(f => f.File.Dispose());

    private static byte[] Read(SafeFileHandle file)
    {
        byte[] bytes = new byte[RandomAccess.GetLength(file)];
        int filled = 0;
        for (int read; filled < bytes.Length && (read = RandomAccess.Read(file, bytes.AsSpan(filled), filled)) > 0;)
        {
            filled += read;
        }

        return bytes[..filled];
    }

    [DllImport("libc", EntryPoint = "open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "ftruncate")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Truncate(SafeFileHandle file, long length);

    [DllImport("libc", EntryPoint = "link")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link(byte[] from, byte[] to);

    [DllImport("libc", EntryPoint = "rename")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Rename(byte[] from, byte[] to);

    [DllImport("libc", EntryPoint = "symlink")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Symlink(byte[] to, byte[] path);

    [DllImport("libc", EntryPoint = "unlink")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Unlink(byte[] path);
}
