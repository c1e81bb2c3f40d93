using System.Security.Cryptography;
using System.Text;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Names the temporary files of a transfer. Their names begin with the name of the target. If that is too long for a suffix, they begin with as much of it as fits and
/// a hash of it, and the journal contains the whole name.
/// </summary>
internal static class TransferNames
{
    // The limit of most file systems is 255 bytes or 255 UTF-16 code units. A name never has fewer bytes than code units.
    private const int MaxNameBytes = 255;

    private const int HashBytes = 16;

    private static readonly int MaxStemBytes = MaxNameBytes - TransferJournal.NewSuffix.Length;

    /// <summary>Returns the full path that the suffixes are appended to.</summary>
    public static string StemOf(string target)
    {
        string name = Path.GetFileName(target);
        if (Encoding.UTF8.GetByteCount(name) <= MaxStemBytes)
        {
            return target;
        }

        // Two spellings of a name that the system treats as the same file have the same hash.
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(TargetNameRules.Current.Fold(name)));
        string ending = $"~{PublishedHash.Write(hash[..HashBytes])}";
        int length = 0;
        int bytes = ending.Length;
        foreach (Rune rune in name.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxStemBytes)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return string.Concat(target.AsSpan(0, target.Length - name.Length + length), ending);
    }

    /// <summary>Returns the name that the journal must contain, because the temporary names do not. Null if they do.</summary>
    public static string? NameToRecord(string target) => StemOf(target) == target ? null : Path.GetFileName(target);

    /// <summary>Returns the target of the temporary files with this stem.</summary>
    /// <param name="stem">Full path of a temporary file without its suffix.</param>
    /// <param name="recordedName">The name in the journal. Ignored if it does not belong to these files.</param>
    public static string TargetOf(string stem, string? recordedName)
    {
        if (recordedName is null || recordedName != Path.GetFileName(recordedName))
        {
            return stem;
        }

        string target = Path.Combine(Path.GetDirectoryName(stem)!, recordedName);
        return TargetNameRules.Current.Fold(StemOf(target)) == TargetNameRules.Current.Fold(stem) ? target : stem;
    }
}
