using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class PartCheckTests
{
    [Fact]
    public async Task Of_the_parts_that_are_said_to_be_there_those_are_told_that_are_not_what_they_were()
    {
        using TempFolder folder = new();
        using PartialFile file = await PartialFile.OpenAsync(folder.Target, 9500, sparse: false, Limit.Token);
        byte[] content = Download.Random(9500);
        file.Write(content, 0, fresh: true);
        PartMap map = new(9500, 1000);
        using PartHasher hasher = new(Xxh128.Create);
        foreach (int part in new[] { 0, 2, 3, 7, 9 })
        {
            map.Complete(part, hasher.Hash(content.AsSpan((int)map.StartOf(part)..(int)map.EndOf(part))));
        }

        file.Write([(byte)~content[3999]], 3999, fresh: false);
        file.Write([(byte)~content[9000]], 9000, fresh: false);
        List<int> wrong = [];
        long advanced = 0;
        int count = await PartCheck.RunAsync(
            file,
            map,
            Xxh128.Create,
            part =>
            {
                lock (wrong)
                {
                    wrong.Add(part);
                }
            },
            bytes => Interlocked.Add(ref advanced, bytes),
            Limit.Token);
        Assert.Equal([3, 9], wrong.Order());
        Assert.Equal((2, 4500), (count, advanced));
    }
}
