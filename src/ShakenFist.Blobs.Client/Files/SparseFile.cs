using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>Files with holes, which are zeros that take no room. Elsewhere every file may have them; on Windows it has to be said.</summary>
internal static partial class SparseFile
{
    private const uint SetSparse = 0x000900C4;

    // Of zeros, whole pages are left out: less than that takes room on the disk anyway.
    private const int Page = 4096;
    private static readonly byte[] Zeros = new byte[Page];

    /// <summary>Says it, if <paramref name="wanted"/>. A file system that knows no holes writes the zeros, and the file is right all the same.</summary>
    public static void Allow(SafeFileHandle file, bool wanted)
    {
        if (wanted && OperatingSystem.IsWindows())
        {
            _ = DeviceIoControl(file, SetSparse, 0, 0, 0, 0, out _, 0);
        }
    }

    /// <summary>Writes all but pages of zeros where the file has zeros already, as a hole has: everywhere if what is written is <paramref name="fresh"/>.</summary>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset, bool fresh)
    {
        int start = 0;
        int position = 0;
        while (position < bytes.Length)
        {
            int page = (int)Math.Min(Page - ((offset + position) % Page), bytes.Length - position);
            bool skip = !bytes.Slice(position, page).ContainsAnyExcept((byte)0) && (fresh || HoldsZeros(file, offset + position, page));
            if (skip && position > start)
            {
                RandomAccess.Write(file, bytes[start..position], offset + start);
            }

            position += page;
            start = skip ? position : start;
        }

        if (position > start)
        {
            RandomAccess.Write(file, bytes[start..], offset + start);
        }
    }

    private static bool HoldsZeros(SafeFileHandle file, long offset, int count)
    {
        Span<byte> there = stackalloc byte[Page];
        return RandomAccess.Read(file, there[..count], offset) == count && there[..count].SequenceEqual(Zeros.AsSpan(0, count));
    }

    [DllImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool DeviceIoControl(SafeFileHandle file, uint code, nint input, uint inputLength, nint output, uint outputLength, out uint returned, nint overlapped);
}
