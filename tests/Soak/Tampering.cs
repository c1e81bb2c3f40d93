namespace ShakenFist.Blobs.Soak;

/// <summary>
/// Simulates the effect of a power failure on the two files of a transfer: each is on the disk up to some point, independently of the other, and pages in between can
/// be missing.
/// </summary>
internal static class Tampering
{
    private const int Page = 4096;

    /// <summary>Changes the files next to the target.</summary>
    /// <returns>A description of the change.</returns>
    public static string LosePower(string target, Random random)
    {
        string part = target + ".sfpart";
        string journal = target + ".sfjournal";
        if (!File.Exists(part) || !File.Exists(journal))
        {
            return "nothing to lose";
        }

        switch (random.Next(6))
        {
            case 0:
                Change(journal, f => f.SetLength(random.NextInt64(f.Length + 1)));
                return "journal cut short";
            case 1:
                Change(journal, f => Fill(f, Math.Max(0, f.Length - random.Next(1, Page)), f.Length, null));
                return "journal ends in zeros";
            case 2:
                Change(part, f => f.SetLength(random.NextInt64(f.Length + 1)));
                return "data cut short";
            case 3:
                Change(part, f => Fill(f, random.NextInt64(f.Length + 1) / Page * Page, f.Length, null));
                return "data ends in zeros";
            case 4:
                Change(part, f =>
                {
                    long at = random.NextInt64(f.Length + 1) / Page * Page;
                    Fill(f, at, Math.Min(f.Length, at + (random.Next(1, 300) * Page)), random);
                });
                return "old bytes within the data";
            default:
                File.Delete(random.Next(2) == 0 ? journal : part);
                return "one of the files gone";
        }
    }

    private static void Change(string path, Action<FileStream> change)
    {
        using FileStream file = Open(path);
        change(file);
    }

    /// <summary>A stopped command does not wait for the disk, so its file can be in use for a moment.</summary>
    private static FileStream Open(string path)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
            }
            catch (IOException) when (attempt < 50)
            {
                _ = SpinWait.SpinUntil(static () => false, 20);
            }
        }
    }

    private static void Fill(FileStream file, long from, long to, Random? random)
    {
        byte[] bytes = new byte[to - from];
        random?.NextBytes(bytes);
        file.Position = from;
        file.Write(bytes);
    }
}
