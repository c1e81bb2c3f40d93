using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class BlockCheckTests
{
    [Fact]
    public async Task Complete_blocks_that_changed_in_the_file_are_found()
    {
        using TempFolder folder = new();
        byte[] content = Download.Random(9500);
        using PartialDownload download = await Plan.OpenAsync(folder.Target, Plan.Of(content));
        download.Bring(content, provisional: false, 0, 2, 3, 7, 9);
        download.Write([(byte)~content[3999]], 3999, unwritten: false);
        download.Write([(byte)~content[9000]], 9000, unwritten: false);
        long advanced = 0;
        Assert.Equal([3, 9], await download.FindDamagedBlocksAsync(bytes => Interlocked.Add(ref advanced, bytes), Limit.Token));
        Assert.Equal(4500, advanced);
        download.Abandon(0);
    }
}
