using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class PartWriterTests : IDisposable
{
    private const int Part = 10_000;
    private const int Size = (4 * Part) - 100;

    private readonly TempFolder _folder = new();
    private readonly PartMap _map = new(Size, Part);
    private readonly PartHasher _hasher = new(Xxh128.Create);
    private readonly Log _log = new();
    private readonly byte[] _content = Download.Random(Size);
    private PartialFile? _file;

    public void Dispose()
    {
        _file?.Dispose();
        _hasher.Dispose();
        _folder.Dispose();
    }

    /// <summary>A writer of the whole blob to a sparse file.</summary>
    private async Task<PartWriter> StartAsync(bool early = false, long from = 0, long to = Size)
    {
        _file = await PartialFile.OpenAsync(_folder.Target, Size, sparse: true, Limit.Token);
        Assert.Equal((0, Size), _map.Take(long.MaxValue));
        PartWriter writer = new(_file, _map, _hasher, _log, early);
        writer.Begin(from, to);
        return writer;
    }

    private void Write(PartWriter writer, int from, int to) => writer.Write(_content.AsSpan(from, to - from), from);

    private byte[] InFile(int from, int to)
    {
        byte[] bytes = new byte[to - from];
        Assert.Equal(bytes.Length, _file!.Read(bytes, from));
        return bytes;
    }

    /// <summary>These parts are done, with the hashes of what the file holds there, and no others are.</summary>
    private void AreDone(params int[] parts)
    {
        Assert.Equal(parts, Enumerable.Range(0, _map.Count).Where(_map.IsDone));
        Assert.All(parts, part => Assert.Equal(_hasher.Hash(InFile((int)_map.StartOf(part), (int)_map.EndOf(part))), _map.HashOf(part)));
    }

    [Theory]
    [InlineData(Part)]
    [InlineData(2 * Part)]
    [InlineData(300)]
    [InlineData(Size)]
    public async Task Parts_are_noted_with_the_hash_of_what_the_file_holds_however_it_came(int piece)
    {
        PartWriter writer = await StartAsync();
        Assert.Equal((0, Size, 0), (writer.Start, writer.End, writer.Position));
        for (int at = 0; at < Size; at += piece)
        {
            Write(writer, at, Math.Min(at + piece, Size));
        }

        AreDone();
        writer.Accepted((2 * Part) + 999);
        AreDone(0, 1);
        Assert.Equal((2 * Part) + 999, writer.Position);
        writer.Accepted(Size);
        AreDone(0, 1, 2, 3);
        Assert.Equal(_content, InFile(0, Size));
        Assert.Equal(["done 0", "done 1", "moved", "done 2", "done 3", "moved"], _log.Lines);
    }

    [Fact]
    public async Task Zeros_written_over_other_bytes_are_zeros_though_a_new_file_has_them_for_nothing()
    {
        PartWriter writer = await StartAsync();
        Write(writer, 0, 2 * Part);
        writer.Write(new byte[(2 * Part) - 500], 500);
        Assert.Equal(new byte[(2 * Part) - 500], InFile(500, 2 * Part));
        writer.Write(new byte[Size - (2 * Part)], 2 * Part);
        Write(writer, 2 * Part, Size);
        writer.Write(new byte[Part], 2 * Part);
        Assert.Equal(new byte[Part], InFile(2 * Part, 3 * Part));
        Assert.Equal(_content[(3 * Part)..], InFile(3 * Part, Size));
        writer.Accepted(Size);
        AreDone(0, 1, 2, 3);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(400, 100)]
    [InlineData(Part - 1, 1)]
    [InlineData(Part - 1, 2)]
    public async Task A_part_that_is_partly_written_anew_is_hashed_anew(int at, int count)
    {
        PartWriter writer = await StartAsync();
        Write(writer, 0, Part);
        Write(writer, Part, 2 * Part);
        writer.Write(Download.Random(count), at);
        writer.Accepted(2 * Part);
        AreDone(0, 1);
    }

    [Fact]
    public async Task What_is_taken_back_is_open_to_be_written_anew_and_told()
    {
        PartWriter writer = await StartAsync();
        Write(writer, 0, Size);
        writer.Accepted(3 * Part);
        writer.Accepted(Part + 1);
        AreDone(0);
        Assert.Equal(Part + 1, writer.Position);
        Assert.Equal(["done 0", "done 1", "done 2", "moved", "forgotten 2", "forgotten 1", "moved"], _log.Lines);
        Assert.Null(_map.Take(Size));
        writer.Write(new byte[Part], Part);
        writer.Accepted(2 * Part);
        AreDone(0, 1);
        writer.Accepted(0);
        AreDone();
    }

    [Fact]
    public async Task Others_see_its_last_bytes_when_it_is_whole_since_until_then_they_may_be_written_anew()
    {
        PartWriter writer = await StartAsync(early: true, from: Part, to: 3 * Part);
        Write(writer, Part, 3 * Part);
        writer.Reached((3 * Part) - 4097);
        Assert.Equal((3 * Part) - 4097, writer.Position);
        writer.Reached((3 * Part) - 1);
        Assert.Equal((3 * Part) - 4096, writer.Position);
        AreDone(1);
        writer.Accepted(3 * Part);
        Assert.Equal(3 * Part, writer.Position);
        AreDone(1, 2);
    }

    [Fact]
    public async Task It_notes_no_part_outside_its_range()
    {
        PartWriter writer = await StartAsync(from: Part, to: 3 * Part);
        Assert.Equal(Part, writer.Position);
        Write(writer, Part, Size);
        writer.Accepted(Size);
        AreDone(1, 2);
        writer.Accepted(0);
        AreDone();
        Assert.Equal(2, _log.Lines.Count(line => line.StartsWith("forgotten", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_range_that_is_begun_again_knows_nothing_of_what_was_written_before()
    {
        PartWriter writer = await StartAsync();
        Write(writer, 0, Part);
        _file!.Write(Download.Random(Part), 0, fresh: false);
        writer.Begin(0, Size);
        writer.Accepted(Part);
        AreDone(0);
        writer.Begin(Part, Size);
        Assert.Equal(Part, writer.Position);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_has_only_come_is_noted_where_a_hash_will_tell_in_the_end(bool early)
    {
        PartWriter writer = await StartAsync(early);
        Write(writer, 0, Size);
        writer.Reached(2 * Part);
        AreDone(early ? [0, 1] : []);
        Assert.Equal(early ? 2 * Part : 0, writer.Position);
    }

    [Fact]
    public async Task A_file_that_has_become_shorter_is_told()
    {
        PartWriter writer = await StartAsync();
        Write(writer, 0, 300);
        RandomAccess.SetLength(_file!.Handle, 300);
        Assert.Equal(SfErrors.FileFailed, Assert.Throws<SfException>(() => writer.Accepted(Part)).Error);
        AreDone();
    }

    private sealed class Log : IPartLog
    {
        public List<string> Lines { get; } = [];

        public void Completed(int part, UInt128 hash) => Lines.Add($"done {part}");

        public void Forgotten(int part) => Lines.Add($"forgotten {part}");

        public void Moved() => Lines.Add("moved");
    }
}
