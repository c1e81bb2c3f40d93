using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class SparseFileTests : IDisposable
{
    private const int Page = 4096;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Returns which of six pages contain data. The others are zeros.</summary>
    public static TheoryData<string, int, int> Writes => new()
    {
        { "101101", 0, 0 }, { "010010", 0, 0 }, { "000000", 0, 0 }, { "111111", 0, 0 }, { "100101", 100, 0 }, { "010110", Page - 1, 1 }, { "001001", 1, 1000 }, { "000100", 2000, Page - 1 },
    };

    [Theory]
    [MemberData(nameof(Writes))]
    public void Only_whole_pages_of_zeros_in_unwritten_ranges_are_skipped(string pages, int from, int notTo) => Check(pages, from, notTo, fresh: true);

    [Theory]
    [MemberData(nameof(Writes))]
    public void Zeros_are_written_over_existing_data(string pages, int from, int notTo) => Check(pages, from, notTo, fresh: false);

    private void Check(string pages, int from, int notTo, bool fresh)
    {
        byte[] there = [.. Enumerable.Repeat((byte)0x77, pages.Length * Page)];
        byte[] all = [.. pages.SelectMany(page => Enumerable.Repeat((byte)(page - '0'), Page))];
        byte[] expected = [.. there];
        for (int at = from; at < all.Length - notTo;)
        {
            int next = Math.Min(at - (at % Page) + Page, all.Length - notTo);
            if (!fresh || all[at] != 0)
            {
                all.AsSpan(at..next).CopyTo(expected.AsSpan(at));
            }

            at = next;
        }

        using (SafeFileHandle file = File.OpenHandle(_folder.Write("f", there), FileMode.Open, FileAccess.ReadWrite))
        {
            SparseFile.Write(file, all.AsSpan(from, all.Length - notTo - from), from, fresh);
        }

        Assert.True(File.ReadAllBytes(_folder.At("f")).AsSpan().SequenceEqual(expected), "Other bytes.");
    }

    [Fact]
    public void Zeros_beyond_the_end_of_the_file_are_written()
    {
        using SafeFileHandle file = File.OpenHandle(_folder.At("f"), FileMode.CreateNew, FileAccess.ReadWrite);
        SparseFile.Write(file, new byte[2 * Page], Page, fresh: false);
        Assert.Equal(3 * Page, RandomAccess.GetLength(file));
    }
}
