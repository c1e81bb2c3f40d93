namespace ShakenFist.Blobs.Transfer;

/// <summary>What is about to be done to a file.</summary>
internal enum FileStep
{
    Open,
    Read,
    Write,
    Flush,
    Rename,
    Delete,
}

/// <summary>Tells of each step of a transfer on a file, just before it. Only tests listen: theirs are the disks that fail, or take their time, at a chosen step.</summary>
internal static class FileSteps
{
    /// <summary>Called with the step and the file's path; what it throws is the file system's answer.</summary>
    public static event Action<FileStep, string>? Before;

    public static void On(FileStep step, string path) => Before?.Invoke(step, path);
}
