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

/// <summary>Raises an event before each file operation of a transfer. Only tests subscribe to it, to make the disk fail or wait at a specific operation.</summary>
internal static class FileSystemEvents
{
    /// <summary>Raised with the operation and the path of the file. An exception that a handler throws is treated as a failure of the file system.</summary>
    public static event Action<FileOperation, string>? Before;

    /// <summary>Raises the event.</summary>
    public static void Raise(FileOperation operation, string path) => Before?.Invoke(operation, path);
}
