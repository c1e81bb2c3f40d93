namespace ShakenFist.Blobs.Files;

/// <summary>An operation on a file.</summary>
internal enum FileOperation
{
    Open,
    Lock,
    Read,
    Write,
    Flush,
    Rename,
    Delete,
}

/// <summary>Raises an event before each operation of a transfer on a file. Only tests subscribe: their disks fail, or wait, at a chosen operation.</summary>
internal static class FileSystemEvents
{
    /// <summary>Raised with the operation and the path of the file. An exception that a handler throws stands for the answer of the file system.</summary>
    public static event Action<FileOperation, string>? Before;

    /// <summary>Raises the event.</summary>
    public static void Raise(FileOperation operation, string path) => Before?.Invoke(operation, path);
}
