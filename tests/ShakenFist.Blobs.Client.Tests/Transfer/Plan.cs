using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Creates plans of downloads, for tests that use <see cref="PartialDownload"/> directly.</summary>
internal static class Plan
{
    public static Guid Uuid { get; } = Guid.Parse("578da8b6-eb98-4e10-bb36-e4d4d763d312");

    /// <summary>Creates a plan for a blob with this content. By default, its hash is published.</summary>
    public static DownloadPlan Of(byte[] content, long blockBytes = 1000, bool published = true, bool sparse = false, bool force = false, Guid? uuid = null)
    {
        SfBlob blob = new() { Uuid = uuid ?? Uuid, Size = content.Length, Sha512 = published ? Convert.ToHexStringLower(System.Security.Cryptography.SHA512.HashData(content)) : null };
        return new DownloadPlan
        {
            Blob = blob,
            Size = content.Length,
            BlockBytes = blockBytes,
            Sparse = sparse,
            Force = force,
            Now = new DateTime(2026, 11, 24, 1, 2, 3, DateTimeKind.Utc),
            CreateXxh128 = Xxh128.Create,
            ChooseHash = PublishedHash.Best,
        };
    }

    public static Task<PartialDownload> OpenAsync(string target, DownloadPlan plan, ISfLog? log = null) => PartialDownload.OpenAsync(target, plan, log ?? NullLog.Instance, Limit.Token);

    /// <summary>Writes these blocks of the content and completes them.</summary>
    public static void Bring(this PartialDownload download, byte[] content, bool provisional, params int[] blocks)
    {
        using BlockHasher hasher = new(Xxh128.Create);
        foreach (int block in blocks)
        {
            ReadOnlySpan<byte> bytes = content.AsSpan((int)download.StartOf(block)..(int)download.EndOf(block));
            download.Write(bytes, download.StartOf(block), unwritten: true);
            download.CompleteBlock(block, hasher.Hash(bytes), provisional);
        }
    }

    /// <summary>Creates the files of an interrupted transfer with these blocks.</summary>
    public static async Task LeaveAsync(string target, DownloadPlan plan, byte[] content, bool provisional, params int[] blocks)
    {
        using PartialDownload download = await OpenAsync(target, plan);
        download.Bring(content, provisional, blocks);
        download.Abandon(0);
    }
}
