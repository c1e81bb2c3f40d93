using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests.Properties;

/// <summary>Tests that the data of a range equals that of the blob, regardless of how responses are split and where connections are lost.</summary>
public sealed class ChunkProperties
{
    private static readonly Guid Uuid = Guid.Parse("5f000001-0000-4000-8000-000000000001");

    private static readonly byte[] Content = Download.Random(200_000);

    private static Gen<int[]> Pieces => Gen.OneOf(Gen.Choose(1, 10), Gen.Choose(1, 5000), Gen.Choose(60_000, 140_000)).NonEmptyListOf().Select(p => p.ToArray());

    /// <summary>The faults of the responses, in order: after how many bytes the connection is lost (0 for never), and whether the response ignores the offset.</summary>
    private static Gen<(int After, bool IgnoresOffset)> Trouble =>
        from after in Gen.Frequency((2, Gen.Constant(0)), (3, Gen.Choose(1, Content.Length))) from ignores in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true))) select (after, ignores);

    [Cases(300)]
    public Property A_range_equals_the_data_of_the_blob() =>
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
                    // Only five consecutive responses without data, or a server that ignores the offset, may end the transfer.
                    return e.Error == SfErrors.DataLengthMismatch
                        ? troubles.Any(t => t.IgnoresOffset)
                        : e.Error == SfErrors.TransferInterrupted && troubles.Length > 0;
                }
            });

    private static HttpResponseMessage Answer(HttpRequestMessage request, int size, (int[] Pieces, int Window, bool KnowsLimit, bool Announces) way, (int After, bool IgnoresOffset) trouble)
    {
        (int offset, int? limit) = ScriptedCluster.RangeOf(request);
        int count = way.KnowsLimit ? Math.Min(limit ?? size, size - offset) : size - offset;

        // A server without limit that ignores the offset sends the wrong bytes, up to the length that is read. Only a hash of the whole blob could detect it.
        (offset, count) = trouble.IgnoresOffset && way.KnowsLimit ? (0, size) : (offset, count);
        HttpResponseMessage answer = new() { Content = new StreamContent(new ChunkedStream(Content.AsMemory(offset, count), way.Pieces, trouble.After)) };
        answer.Content.Headers.ContentLength = way.Announces ? count : null;
        return answer;
    }
}
