using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Transfer;

/// <summary>Lets a file have holes. Elsewhere every file may; on Windows it has to be said.</summary>
internal static partial class SparseFile
{
    private const uint SetSparse = 0x000900C4;

    /// <summary>Says it, if <paramref name="wanted"/>. A file system that knows no holes writes the zeros, and the file is right all the same.</summary>
    public static void Allow(SafeFileHandle file, bool wanted)
    {
        if (wanted && OperatingSystem.IsWindows())
        {
            _ = DeviceIoControl(file, SetSparse, 0, 0, 0, 0, out _, 0);
        }
    }

    [DllImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool DeviceIoControl(SafeFileHandle file, uint code, nint input, uint inputLength, nint output, uint outputLength, out uint returned, nint overlapped);
}
