using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests.Properties;

/// <summary>The assembler of ranges: however the bytes of answers are cut up on their way, and wherever connections break, what comes out is the blob.</summary>
public sealed class ChunkProperties
{
    private static readonly Guid Uuid = Guid.Parse("5f000001-0000-4000-8000-000000000001");

    private static readonly byte[] Content = Download.Random(200_000);

    private static Gen<int[]> Pieces => Gen.OneOf(Gen.Choose(1, 10), Gen.Choose(1, 5000), Gen.Choose(60_000, 140_000)).NonEmptyListOf().Select(p => p.ToArray());

    /// <summary>What befalls each answer in turn: after how many bytes it breaks, 0 for not at all, and whether it begins at the blob's beginning, wherever it was to begin.</summary>
    private static Gen<(int After, bool IgnoresOffset)> Trouble =>
        from after in Gen.Frequency((2, Gen.Constant(0)), (3, Gen.Choose(1, Content.Length))) from ignores in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true))) select (after, ignores);

    [Cases(300)]
    public Property A_range_comes_out_as_it_is_in_the_blob() =>
        Prop.ForAll(
            (from size in Gen.Choose(1, Content.Length) from offset in Gen.Choose(0, size - 1) from count in Gen.Choose(0, size - offset) select (size, offset, count)).ToArbitrary(),
            (from pieces in Pieces from requestBytes in Gen.Choose(5000, 300_000) from knowsLimit in Gen.Elements(true, false) from announces in Gen.Elements(true, false) select (pieces, requestBytes, knowsLimit, announces)).ToArbitrary(),
            Given.List(Trouble),
            (range, way, troubles) =>
            {
                int answers = 0;
                using SfSession session = ScriptedCluster.ConnectAsync(
                    request => Answer(request, range.size, way, answers < troubles.Length ? troubles[answers++] : default),
                    Cluster.Quick with { RetryDelay = TimeSpan.Zero, RequestBytes = way.requestBytes },
                    capabilities: way.knowsLimit ? "blob-data-limit" : "blob-metadata").GetAwaiter().GetResult();
                SfBlob blob = new() { Uuid = Uuid, Size = range.size, State = "created" };
                try
                {
                    byte[] read = BlobRange.ReadAsync(session, blob, range.offset, range.count, Cluster.RetryTimeout, NullLog.Instance, Limit.Token).GetAwaiter().GetResult();
                    return read.AsSpan().SequenceEqual(Content.AsSpan(range.offset, range.count));
                }
                catch (SfException e)
                {
                    // Five in a row that brought nothing may end it, or a server that does not begin where it is told to; and nothing else.
                    return e.Error == SfErrors.DataLengthMismatch
                        ? troubles.Any(t => t.IgnoresOffset)
                        : e.Error == SfErrors.TransferInterrupted && troubles.Length > 0;
                }
            });

    private static HttpResponseMessage Answer(HttpRequestMessage request, int size, (int[] Pieces, int Window, bool KnowsLimit, bool Announces) way, (int After, bool IgnoresOffset) trouble)
    {
        (int offset, int? limit) = ScriptedCluster.RangeOf(request);
        int count = way.KnowsLimit ? Math.Min(limit ?? size, size - offset) : size - offset;

        // One that knows no limit and ignores the offset sends other bytes and as many as are taken: nothing can show that but a hash of the whole.
        (offset, count) = trouble.IgnoresOffset && way.KnowsLimit ? (0, size) : (offset, count);
        HttpResponseMessage answer = new() { Content = new StreamContent(new ChunkedStream(Content.AsMemory(offset, count), way.Pieces, trouble.After)) };
        answer.Content.Headers.ContentLength = way.Announces ? count : null;
        return answer;
    }
}
