using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>Files with holes, which read as zeros and take no space. Every file can have them, but on Windows it has to be enabled.</summary>
internal static class SparseFile
{
    // Of zeros, whole pages are left out: less than that takes room on the disk anyway.
    private const int Page = 4096;
    private static readonly byte[] Zeros = new byte[Page];

    /// <summary>Enables holes, if <paramref name="wanted"/>, and returns whether the file can have them. Without holes, zeros have to be written like other data.</summary>
    public static bool TryEnable(SafeFileHandle file, bool wanted) => wanted && (!OperatingSystem.IsWindows() || WindowsSparseFile.TryEnable(file));

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
}
