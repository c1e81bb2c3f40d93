using System.Net;
using Microsoft.Extensions.Time.Testing;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>
/// One blob on a cluster without a network, and a buffer for its data, to test the rules of single requests. Scripted responses are returned first, then correct ones.
/// The requests and the reports to the buffer are stored.
/// </summary>
internal sealed class ScriptedFetch : IDataTarget, IDisposable
{
    private readonly byte[] _content;
    private readonly MemoryTarget _memory;
    private readonly Queue<Func<int, HttpResponseMessage>> _answers = [];
    private SfSession? _session;
    private RetryClock? _retry;

    private ScriptedFetch(byte[] content)
    {
        _content = content;
        _memory = new MemoryTarget(0, content.Length);
    }

    public DownloadContext Context { get; private set; } = null!;

    public FakeTimeProvider Time { get; } = new();

    public RecordingLog Log { get; } = new();

    /// <summary>The buffer for the blob.</summary>
    public byte[] Bytes => _memory.ToArray();

    /// <summary>The queries of all data requests.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>The times of the requests.</summary>
    public List<DateTimeOffset> AskedAt { get; } = [];

    public List<(long Offset, int Count)> Writes { get; } = [];

    /// <summary>The position up to which data was received without a detected problem.</summary>
    public List<long> ReceivedAt { get; } = [];

    /// <summary>The position up to which data was valid, and whether it was confirmed.</summary>
    public List<(long Position, bool Confirmed)> ValidatedAt { get; } = [];

    public static async Task<ScriptedFetch> StartAsync(byte[] content, bool knowsLimit = true, long? bytesPerSecond = null, TimeSpan retryDelay = default,
        bool hasFinalHash = false, bool readsToEnd = false, TimeSpan? retryTimeout = null)
    {
        ScriptedFetch fetch = new(content);
        SfTransportOptions options = Cluster.Quick with { TimeProvider = fetch.Time, RetryDelay = retryDelay, IdleTimeout = TimeSpan.FromHours(1) };
        fetch._session = await ScriptedCluster.ConnectAsync(fetch.Answer, options, fetch.Log, knowsLimit ? "blob-data-limit" : "none");
        SfTransferLimits limits = new(bytesPerSecond: bytesPerSecond, time: fetch.Time);
        fetch._retry = new RetryClock(retryTimeout ?? TimeSpan.FromSeconds(300), fetch.Time);
        fetch.Context = new DownloadContext(fetch._session, Guid.NewGuid(), content.Length, limits, fetch._retry, new DownloadProgress(), fetch.Log)
        {
            HasFinalHash = hasFinalHash,
            ReadsToEnd = readsToEnd,
        };
        return fetch;
    }

    /// <summary>The next response has this body for any request. It announces no length, like a streaming server, unless one is specified.</summary>
    /// <param name="bytes">The body.</param>
    /// <param name="breaks">Whether the connection is lost after the body.</param>
    /// <param name="announced">The announced length.</param>
    /// <param name="wait">Runs before each piece.</param>
    /// <param name="pieces">The length of a piece.</param>
    public ScriptedFetch Sends(ReadOnlyMemory<byte> bytes, bool breaks = false, long? announced = null, Action? wait = null, int pieces = int.MaxValue) =>
        Answers(times: 1, _ => Body(bytes, breaks, announced, wait, pieces));

    /// <summary>The next responses start at the requested offset, and their connections are lost after this number of bytes.</summary>
    public ScriptedFetch BreaksAfter(int count, long? announced = null, int times = 1) =>
        Answers(times, from => Body(_content.AsMemory(from, count), breaks: true, announced));

    /// <summary>The next responses start at the requested offset, and reach their time limit after this number of bytes.</summary>
    public ScriptedFetch IsOverAfter(int count, int times) =>
        Answers(times, from => Body(_content.AsMemory(from), wait: () => Time.Advance(BodyReader.RequestBudget), pieces: count));

    /// <summary>The next responses are errors.</summary>
    public ScriptedFetch Refuses(int status, int times = 1) =>
        Answers(times, _ => ScriptedCluster.Bytes("""{"error": "refused"}"""u8.ToArray(), status, "application/json"));

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        Writes.Add((offset, bytes.Length));
        _memory.Write(bytes, offset);
    }

    public int Read(Span<byte> bytes, long offset) => _memory.Read(bytes, offset);

    public void Received(long position) => ReceivedAt.Add(position);

    public void Validated(long position, bool confirmed)
    {
        ValidatedAt.Add((position, confirmed));
        _memory.Validated(position, confirmed);
    }

    /// <summary>Fetches a range.</summary>
    public async Task<(RangeOutcome Outcome, string LastRequestId)> FetchAsync(int from, int to)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(Limit.Token, _retry!.Token);
        using ConnectionLease lease = await ConnectionLease.TakeAsync(Context, either.Token);
        RangeFetch range = new(Context, this);
        try
        {
            return (await range.RunAsync(from, to, lease, either.Token), range.LastRequestId);
        }
        catch (OperationCanceledException) when (_retry.Token.IsCancellationRequested)
        {
            throw _retry.ToException(Context.Uuid);
        }
    }

    /// <summary>Checks that the buffer contains the bytes of the blob in this range.</summary>
    public void Holds(int from, int to) => Assert.True(Bytes.AsSpan(from, to - from).SequenceEqual(_content.AsSpan(from, to - from)), "Other bytes.");

    /// <summary>Fills the buffer as if everything had been received.</summary>
    public ScriptedFetch Filled()
    {
        _memory.Write(_content, 0);
        return this;
    }

    public void Dispose()
    {
        _session?.Dispose();
        _retry?.Dispose();
    }

    private static HttpResponseMessage Body(ReadOnlyMemory<byte> bytes, bool breaks = false, long? announced = null, Action? wait = null, int pieces = int.MaxValue)
    {
        StreamContent content = new(new ChunkedStream(bytes, [pieces], breaks ? bytes.Length : 0, wait));
        content.Headers.ContentLength = announced;
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
    }

    private ScriptedFetch Answers(int times, Func<int, HttpResponseMessage> answer)
    {
        for (int i = 0; i < times; i++)
        {
            _answers.Enqueue(answer);
        }

        return this;
    }

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        Asked.Add(request.RequestUri!.Query[1..]);
        AskedAt.Add(Time.GetUtcNow());
        (int from, int? limit) = ScriptedCluster.RangeOf(request);
        return _answers.TryDequeue(out Func<int, HttpResponseMessage>? answer)
            ? answer(from)
            : Body(_content.AsMemory(from, Math.Min(limit ?? int.MaxValue, _content.Length - from)));
    }
}
