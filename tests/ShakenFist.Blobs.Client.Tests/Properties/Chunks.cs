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

    /// <summary>After how many bytes each answer in turn breaks; 0 for not at all.</summary>
    private static Gen<int> Break => Gen.Frequency((2, Gen.Constant(0)), (3, Gen.Choose(1, Content.Length)));

    [Cases(100)]
    public Property A_range_comes_out_as_it_is_in_the_blob() =>
        Prop.ForAll(
            (from size in Gen.Choose(1, Content.Length) from offset in Gen.Choose(0, size - 1) from count in Gen.Choose(0, size - offset) select (size, offset, count)).ToArbitrary(),
            (from pieces in Pieces from window in Gen.Choose(5000, 300_000) from knowsLimit in Gen.Elements(true, false) from announces in Gen.Elements(true, false) select (pieces, window, knowsLimit, announces)).ToArbitrary(),
            Given.List(Break),
            (range, way, breaks) =>
            {
                int answers = 0;
                using SfSession session = ScriptedCluster.ConnectAsync(
                    request => Answer(request, range.size, way, answers < breaks.Length ? breaks[answers++] : 0),
                    Cluster.Quick with { RetryDelay = TimeSpan.Zero, WindowBytes = way.window },
                    capabilities: way.knowsLimit ? "blob-data-limit" : "blob-metadata").GetAwaiter().GetResult();
                SfBlob blob = new() { Uuid = Uuid, Size = range.size, State = "created" };
                try
                {
                    byte[] read = BlobRange.ReadAsync(session, blob, range.offset, range.count, NullLog.Instance, Limit.Token).GetAwaiter().GetResult();
                    return read.AsSpan().SequenceEqual(Content.AsSpan(range.offset, range.count));
                }
                catch (SfException e)
                {
                    // Five breaks in a row that brought nothing may end it, and nothing else.
                    return e.Error == SfErrors.TransferInterrupted && breaks.Count(b => b > 0) >= RangeFetch.MaxFruitlessRequests;
                }
            });

    private static HttpResponseMessage Answer(HttpRequestMessage request, int size, (int[] Pieces, int Window, bool KnowsLimit, bool Announces) way, int breakAfter)
    {
        Dictionary<string, int> query = request.RequestUri!.Query.TrimStart('?').Split('&').Select(p => p.Split('=')).ToDictionary(p => p[0], p => int.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture));
        int offset = query["offset"];
        int count = way.KnowsLimit && query.TryGetValue("limit", out int limit) ? Math.Min(limit, size - offset) : size - offset;
        HttpResponseMessage answer = new() { Content = new StreamContent(new Trickle(Content.AsMemory(offset, count), way.Pieces, breakAfter)) };
        answer.Content.Headers.ContentLength = way.Announces ? count : null;
        return answer;
    }

    /// <summary>Bytes that come in pieces, until the connection breaks.</summary>
    private sealed class Trickle(ReadOnlyMemory<byte> bytes, int[] pieces, int breakAfter) : Stream
    {
        private int _at;
        private int _piece;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int most = breakAfter > 0 ? Math.Min(breakAfter, bytes.Length) - _at : bytes.Length - _at;
            if (most == 0 && breakAfter > 0 && breakAfter <= bytes.Length)
            {
                throw new IOException("The connection broke.");
            }

            int count = Math.Min(Math.Min(buffer.Length, most), pieces[_piece++ % pieces.Length]);
            bytes.Slice(_at, count).CopyTo(buffer);
            _at += count;
            return ValueTask.FromResult(count);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}
