using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Tests;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class PartialFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Path => _folder.Target + PartialFile.Suffix;

    public void Dispose() => _folder.Dispose();

    private Task<PartialFile> OpenAsync(bool sparse = false, long size = 10_000) => PartialFile.OpenAsync(_folder.Target, size, sparse, Limit.Token);

    private void LeaveOne() => File.WriteAllBytes(Path, [.. Enumerable.Repeat((byte)0x77, 5000)]);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_there_stays_as_it_is_until_it_is_told_to_begin_anew(bool sparse)
    {
        LeaveOne();
        using (PartialFile part = await OpenAsync(sparse))
        {
            Assert.Equal((false, true, 5000), (part.IsNew, part.Keep, RandomAccess.GetLength(part.Handle)));
        }

        Assert.Equal(5000, new FileInfo(Path).Length);
        using (PartialFile part = await OpenAsync(sparse))
        {
            part.Clear(3000);
            Assert.Equal((true, false, sparse ? 3000 : 0), (part.IsNew, part.Keep, RandomAccess.GetLength(part.Handle)));
            byte[] there = new byte[3000];
            Assert.Equal(sparse ? 3000 : 0, part.Read(there, 0));
            Assert.All(there, b => Assert.Equal(0, b));
        }

        Assert.False(File.Exists(Path));
    }

    [Fact]
    public async Task A_new_sparse_file_has_its_length_at_once_and_is_gone_if_it_cannot_have_it()
    {
        using (PartialFile part = await OpenAsync(sparse: true))
        {
            Assert.Equal((true, 10_000), (part.IsNew, RandomAccess.GetLength(part.Handle)));
        }

        using (ToldDisk.Failing(_folder.Path, FileStep.Write, PartialFile.Suffix, 1, ToldDisk.TooLarge))
        {
            await Expect.ErrorAsync(SfErrors.FileFailed, () => OpenAsync(sparse: true));
        }

        Assert.False(File.Exists(Path));
    }

    [Fact]
    public async Task Another_transfer_that_is_about_to_end_is_waited_for()
    {
        PartialFile first = await OpenAsync();
        Task<PartialFile> second = OpenAsync();
        Assert.False(second.IsCompleted);
        first.Dispose();
        using PartialFile part = await second;
        Assert.True(part.IsNew);
    }

    [Fact]
    public async Task What_goes_away_or_appears_between_the_look_and_the_lock_is_looked_at_again()
    {
        LeaveOne();
        using (Once(() => File.Delete(Path)))
        using (PartialFile part = await OpenAsync())
        {
            Assert.True(part.IsNew);
        }

        using (Once(LeaveOne))
        using (PartialFile part = await OpenAsync())
        {
            Assert.False(part.IsNew);
        }

        // Between the look and the lock is where the disk is told of the opening.
        ToldDisk Once(Action action)
        {
            int count = 0;
            return new ToldDisk(_folder.Path, (step, _) =>
            {
                if (step == FileStep.Open && count++ == 0)
                {
                    action();
                }
            });
        }
    }

    [Fact]
    public void Only_what_is_there_can_be_locked_and_only_once()
    {
        Assert.Null(PartialFile.TryLock(_folder.Target));
        LeaveOne();
        using SafeFileHandle? handle = PartialFile.TryLock(_folder.Target);
        Assert.NotNull(handle);
        Assert.Throws<IOException>(() => PartialFile.TryLock(_folder.Target));
    }

    [Fact]
    public async Task A_disk_that_cannot_be_read_is_told_with_its_row()
    {
        using PartialFile part = await OpenAsync();
        part.Write([1, 2, 3], 0, fresh: true);
        byte[] there = new byte[3];
        Assert.Equal(3, part.Read(there, 0));
        Assert.Equal([1, 2, 3], there);
        using (ToldDisk.Failing(_folder.Path, FileStep.Read, PartialFile.Suffix, 1, ToldDisk.InputOutput))
        {
            Assert.Contains(Path, Expect.Error(SfErrors.FileFailed, () => part.Read(there, 0)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_hashes_it_is_told_of_all_that_is_written_anew(bool sparse)
    {
        byte[] content = Download.Random(10_000);
        using PartialFile part = await OpenAsync(sparse);
        part.Write(content, 0, fresh: true);
        await using TrailingHasher hasher = new(part.Handle, part.Path, SHA256.Create());
        part.Hasher = hasher;
        hasher.MoveWatermark(10_000);
        await Eventually.TrueAsync(() => hasher.Hashed == 10_000);
        content[5000] ^= 1;
        part.Write(content.AsSpan(5000, 1), 5000, fresh: false);
        Assert.Equal(SHA256.HashData(content), await hasher.CompleteAsync(10_000, Limit.Token));
    }

    [Fact]
    public async Task A_temporary_file_exchanged_by_someone_else_never_becomes_the_target()
    {
        using (PartialFile part = await PartialFile.OpenAsync(_folder.Target, 3, sparse: false, Limit.Token))
        {
            part.Write([1, 2, 3], 0, fresh: true);
            File.Delete(_folder.Target + PartialFile.Suffix);
            _folder.Write("blob.raw.sfpart", [6, 6, 6, 6]);
            await Expect.ErrorAsync(SfErrors.FileFailed, () => part.MoveToAsync(_folder.Target, 3, replace: true, Limit.Token));
        }

        Assert.False(File.Exists(_folder.Target));
        Assert.Equal([6, 6, 6, 6], await File.ReadAllBytesAsync(_folder.Target + PartialFile.Suffix, Limit.Token));
    }

    [Fact]
    public async Task A_temporary_file_is_locked_until_it_has_its_name()
    {
        using PartialFile part = await PartialFile.OpenAsync(_folder.Target, 3, sparse: false, Limit.Token);
        await Expect.ErrorAsync(SfErrors.TargetBusy, () => PartialFile.OpenAsync(_folder.Target, 3, sparse: false, Limit.Token));
        part.Write([1, 2, 3], 0, fresh: true);
        await part.MoveToAsync(_folder.Target, 3, replace: false, Limit.Token);
        using PartialFile next = await PartialFile.OpenAsync(_folder.Target, 3, sparse: false, Limit.Token);
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(_folder.Target, Limit.Token));
    }

    [Fact]
    public async Task It_is_finished_when_it_has_its_name_and_not_before()
    {
        using PartialFile part = await OpenAsync();
        part.Write([1, 2, 3], 0, fresh: true);
        Assert.False(part.IsFinished);
        await part.MoveToAsync(_folder.Target, 3, replace: false, Limit.Token);
        Assert.True(part.IsFinished);
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(_folder.Target, Limit.Token));
    }
}
