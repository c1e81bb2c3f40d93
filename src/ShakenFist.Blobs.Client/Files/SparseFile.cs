using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>Writes sparse files. Their holes read as zeros and use no disk space. On Windows, a file must be marked as sparse first.</summary>
internal static class SparseFile
{
    // Only whole pages of zeros are skipped. Shorter runs use disk space anyway.
    private const int Page = 4096;
    private static readonly byte[] Zeros = new byte[Page];

    /// <summary>Enables holes if <paramref name="wanted"/>, and returns whether the file can have them. If it cannot, zeros must be written like other data.</summary>
    public static bool TryEnable(SafeFileHandle file, bool wanted) => wanted && (!OperatingSystem.IsWindows() || WindowsSparseFile.TryEnable(file));

    /// <summary>Writes the bytes, except for pages of zeros in places that already contain zeros. If <paramref name="fresh"/>, the whole range contains zeros.</summary>
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
