using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Tests;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class IncrementalFileHasherTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SafeFileHandle _file;

    public IncrementalFileHasherTests() => _file = File.OpenHandle(_folder.Target, FileMode.CreateNew, FileAccess.ReadWrite);

    public void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
    }

    private void Write(byte[] bytes, long at = 0) => RandomAccess.Write(_file, bytes, at);

    private async Task WriteAndHashAsync(IncrementalFileHasher hasher, byte[] bytes)
    {
        Write(bytes);
        hasher.MoveWatermark(bytes.Length);
        await Eventually.TrueAsync(() => hasher.Hashed == bytes.Length);
    }

    [Fact]
    public async Task The_hasher_follows_the_watermark_and_hashes_the_file()
    {
        byte[] content = Download.Random(1_000_000);
        await using IncrementalFileHasher hasher = new(_file, "file", SHA512.Create());
        for (int at = 0; at < content.Length; at += 100_000)
        {
            Write(content[at..(at + 100_000)], at);
            hasher.MoveWatermark(at + 100_000);
        }

        Assert.Equal(SHA512.HashData(content), await hasher.CompleteAsync(content.Length, Limit.Token));
        Assert.Equal(content.Length, hasher.Hashed);
    }

    [Fact]
    public async Task Bytes_rewritten_while_they_are_hashed_are_hashed_again()
    {
        using GatedHash gated = new();
        await using IncrementalFileHasher hasher = new(_file, "file", gated);
        Write(new byte[1000]);
        hasher.MoveWatermark(1000);
        await gated.Entered.WaitAsync(Limit.Token);

        // The hasher has read these bytes. The watermark decreases, they are written again, and it increases again before the thread continues.
        byte[] rewritten = Download.Random(2000);
        hasher.MoveWatermark(0);
        Write(rewritten);
        hasher.MoveWatermark(2000);
        gated.Gate.Set();
        Assert.Equal(SHA256.HashData(rewritten), await hasher.CompleteAsync(2000, Limit.Token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(999)]
    public async Task Rewritten_bytes_are_hashed_again_without_lowering_the_watermark(int at)
    {
        byte[] content = Download.Random(1000);
        await using IncrementalFileHasher hasher = new(_file, "file", SHA256.Create());
        await WriteAndHashAsync(hasher, content);
        content[at] ^= 1;
        Write(content[at..], at);
        hasher.Written(at);
        Assert.Equal(SHA256.HashData(content), await hasher.CompleteAsync(1000, Limit.Token));
        Assert.Equal(1000, hasher.Hashed);
    }

    [Fact]
    public async Task Bytes_written_after_the_hashed_range_do_not_restart_the_hash()
    {
        using CountedHash counted = new();
        await using IncrementalFileHasher hasher = new(_file, "file", counted);
        await WriteAndHashAsync(hasher, new byte[1000]);
        Write(new byte[1000], 1000);
        hasher.Written(1000);
        await hasher.CompleteAsync(2000, Limit.Token);
        Assert.Equal(2000, counted.Bytes);
    }

    [Fact]
    public async Task An_abandoned_hasher_ends_without_a_hash()
    {
        IncrementalFileHasher hasher = new(_file, "file", SHA256.Create());
        hasher.MoveWatermark(0);
        await hasher.DisposeAsync().AsTask().WaitAsync(Limit.Token);
        Assert.Equal(0, hasher.Hashed);
    }

    [Fact]
    public async Task A_file_that_becomes_shorter_is_an_error()
    {
        IncrementalFileHasher hasher = new(_file, "file", SHA256.Create());
        Write(new byte[10]);
        await Assert.ThrowsAsync<EndOfStreamException>(() => hasher.CompleteAsync(20, Limit.Token));
        await hasher.DisposeAsync().AsTask().WaitAsync(Limit.Token);
    }

    /// <summary>A fake hash algorithm that counts its input bytes.</summary>
    private sealed class CountedHash : HashAlgorithm
    {
        public int Bytes { get; private set; }

        public override void Initialize()
        {
        }

        protected override void HashCore(byte[] array, int ibStart, int cbSize) => Bytes += cbSize;

        protected override byte[] HashFinal() => [];
    }

    /// <summary>SHA-256 that waits in its first block until it is released.</summary>
    private sealed class GatedHash : HashAlgorithm
    {
        private readonly IncrementalHash _inner = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public SemaphoreSlim Entered { get; } = new(0);

        public ManualResetEventSlim Gate { get; } = new();

        public override void Initialize() => _inner.GetHashAndReset();

        protected override void HashCore(byte[] array, int ibStart, int cbSize)
        {
            Entered.Release();
            Gate.Wait(TimeSpan.FromSeconds(30));
            _inner.AppendData(array, ibStart, cbSize);
        }

        protected override byte[] HashFinal() => _inner.GetHashAndReset();

        protected override void Dispose(bool disposing)
        {
            _inner.Dispose();
            Entered.Dispose();
            Gate.Dispose();
            base.Dispose(disposing);
        }
    }
}
