using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class BlockHasherTests
{
    private const int Size = 700_000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Memory_and_file_have_the_same_hash_with_the_algorithm_of_the_journal(bool xxh128)
    {
        Func<HashAlgorithm>? create = xxh128 ? Xxh128.Create : null;
        Assert.Equal(xxh128 ? "XXH128" : "SHA256/128", BlockHasher.NameOf(create));
        byte[] content = Download.Random(Size);
        using TempFolder folder = new();
        using SafeFileHandle file = File.OpenHandle(folder.Write("content", content));
        using BlockHasher hasher = new(create);
        foreach ((int from, int to) in new[] { (0, Size), (5, 300_000), (262_144, 262_145), (0, 0) })
        {
            byte[] stretch = content[from..to];
            UInt128 due = BinaryPrimitives.ReadUInt128BigEndian(xxh128 ? XxHash128.Hash(stretch) : SHA256.HashData(stretch));
            Assert.Equal(due, hasher.Hash(stretch));
            Assert.Equal(due, hasher.Hash(file, from, to, Limit.Token));
        }

        Assert.Null(hasher.Hash(file, Size - 10, Size + 1, Limit.Token));
        Assert.Equal(hasher.Hash(content), hasher.Hash(file, 0, Size, Limit.Token));
        Assert.Throws<OperationCanceledException>(() => hasher.Hash(file, 0, Size, new CancellationToken(canceled: true)));
    }
}
