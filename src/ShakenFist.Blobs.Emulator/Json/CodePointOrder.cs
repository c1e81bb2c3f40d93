namespace ShakenFist.Blobs.Emulator;

/// <summary>Compares strings like Python, by code point. UTF-16 order would place surrogates before U+E000.</summary>
internal sealed class CodePointOrder : IComparer<string>
{
    public static readonly CodePointOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        x ??= "";
        y ??= "";
        int common = x.AsSpan().CommonPrefixLength(y);
        return common < x.Length && common < y.Length
            ? Rank(x[common]) - Rank(y[common])
            : x.Length - y.Length;
    }

    private static int Rank(char c) => char.IsSurrogate(c) ? c + 0x2800 : c;
}
