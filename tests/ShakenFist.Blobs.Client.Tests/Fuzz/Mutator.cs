namespace ShakenFist.Blobs.Client.Tests.Fuzz;

/// <summary>Mutates the inputs of a corpus at random: changes, moves, repeats, truncates, and combines them.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> corpus)
{
    private const int MaxBytes = 1 << 20;

    private static readonly byte[][] Words =
    [
        .. ((string[])["{", "}", "[", "]", "\"", ",", ":", "\\", "\\u", "\\ud800", "NaN", "-Infinity", "1e999", "-0", "null", "true", "<li>", "</li>", "<", "\n", " ", "-", "\0", "\u001b[31m", "\u202e", "99999999999999999999"])
            .Select(System.Text.Encoding.UTF8.GetBytes),
        [0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0x80, 0, 0, 0, 0, 0, 0, 0], [0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0, 0, 0, 0, 0], [0xef, 0xbb, 0xbf], [0xc0, 0x80], [0xed, 0xa0, 0x80],
    ];

    /// <summary>Creates the next input.</summary>
    public byte[] Next()
    {
        List<byte> bytes = [.. corpus[random.Next(corpus.Count)]];
        for (int changes = 1 << random.Next(6); changes > 0 && bytes.Count < MaxBytes; changes--)
        {
            Change(bytes);
        }

        return [.. bytes];
    }

    /// <summary>Reduces an input as far as it still fails.</summary>
    public static byte[] Reduce(byte[] bytes, Func<byte[], bool> does)
    {
        for (int cut = Math.Max(1, bytes.Length / 2); cut > 0;)
        {
            byte[]? shorter = Enumerable.Range(0, (bytes.Length + cut - 1) / cut)
                .Select(i => (byte[])[.. bytes[..(i * cut)], .. bytes[Math.Min(bytes.Length, (i + 1) * cut)..]])
                .FirstOrDefault(does);
            bytes = shorter ?? bytes;
            cut = shorter is null ? cut / 2 : Math.Min(cut, bytes.Length);
        }

        return bytes;
    }

    private void Change(List<byte> bytes)
    {
        int at = random.Next(bytes.Count + 1);
        int length = Math.Min(bytes.Count - at, 1 << random.Next(10));
        switch (random.Next(7))
        {
            case 0 when length > 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when length > 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.InsertRange(at, Words[random.Next(Words.Length)]);
                break;
            case 3 when length > 0:
                byte[] word = Words[random.Next(Words.Length)];
                for (int i = 0; i < word.Length && at + i < bytes.Count; i++)
                {
                    bytes[at + i] = word[i];
                }

                break;
            case 4:
                bytes.RemoveRange(at, length);
                break;
            case 5:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 6:
                byte[] other = corpus[random.Next(corpus.Count)];
                int from = random.Next(other.Length + 1);
                bytes.InsertRange(at, other.AsSpan(from, Math.Min(other.Length - from, 1 << random.Next(10))));
                break;
        }
    }
}
