using System.Security.Cryptography;
using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class FileHasherTests : IDisposable
{
    private const int Block = 1024 * 1024;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static async Task<byte[]> HashAsync(string path, Action<long>? hashed = null, CancellationToken? cancellationToken = null)
    {
        using SHA512 algorithm = SHA512.Create();
        return await FileHasher.HashAsync(path, algorithm, hashed, cancellationToken ?? Limit.Token);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Block - 1)]
    [InlineData(Block)]
    [InlineData(Block + 1)]
    [InlineData(2 * Block)]
    [InlineData((3 * Block) + 7)]
    public async Task The_hash_equals_that_of_the_framework(int size)
    {
        byte[] content = Download.Random(size);
        string path = _folder.Write("file", content);
        List<long> reported = [];
        Assert.Equal(SHA512.HashData(content), await HashAsync(path, reported.Add));
        Assert.Equal(reported.Order(), reported);
        Assert.Equal(size, reported.LastOrDefault());
        using HashAlgorithm xxh = Xxh128.Create();
        Assert.Equal(xxh.ComputeHash(content), await FileHasher.HashAsync(path, xxh, null, Limit.Token));
    }

    [Fact]
    public async Task A_file_that_grows_during_hashing_is_hashed_to_its_new_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There a file that is being read cannot be written to.");
        byte[] content = Download.Random(3 * Block);
        string path = _folder.Write("file", content[..(Block + 5)]);
        byte[] found = await HashAsync(path, hashed =>
        {
            if (hashed == Block)
            {
                using FileStream file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
                file.Write(content.AsSpan(Block + 5));
            }
        });
        Assert.Equal(SHA512.HashData(content), found);
    }

    [Fact]
    public async Task A_file_that_shrinks_or_is_deleted_during_hashing_ends_the_hash()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There a file that is being read can neither be cut nor removed.");
        byte[] content = Download.Random(3 * Block);
        string path = _folder.Write("file", content);
        byte[] cut;

        // Truncated between two reads. The result of a read in progress depends on the system.
        using (new FaultInjectingDisk(_folder.Path, (step, _) =>
        {
            if (step == FileOperation.Read)
            {
                using FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                file.SetLength(Block);
            }
        }))
        {
            cut = await HashAsync(path);
        }

        Assert.Equal(SHA512.HashData(content.AsSpan(0, Block)), cut);
        _folder.Write("file", content);
        Assert.Equal(SHA512.HashData(content), await HashAsync(path, _ => File.Delete(path)));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_causes_an_error_with_its_path()
    {
        foreach ((string path, SfError error) in new[]
        {
            (_folder.At("none"), SfErrors.FileNotFound),
            (_folder.At("none/file"), SfErrors.DirectoryNotFound),
            (_folder.Path, SfErrors.FileAccessDenied),
            (_folder.At("a\0b"), SfErrors.FileFailed),
        })
        {
            SfException e = await Assert.ThrowsAsync<SfException>(() => HashAsync(path));
            Assert.Equal(error, e.Error);
            Assert.DoesNotContain(e.Message, char.IsControl);
            Assert.Contains(ServerText.Clean(path), e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_that_another_process_opened_exclusively_is_busy()
    {
        string path = _folder.Write("file", [1]);
        using FileStream held = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        SfException e = await Assert.ThrowsAsync<SfException>(() => HashAsync(path));
        Assert.Equal(SfErrors.TargetBusy, e.Error);
    }

    [Fact]
    public async Task A_cancelled_hash_ends_as_cancelled()
    {
        string path = _folder.Write("file", new byte[3 * Block]);
        using CancellationTokenSource stop = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => HashAsync(path, _ => stop.Cancel(), stop.Token));
    }
}
