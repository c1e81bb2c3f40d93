using System.Net;
using Microsoft.Extensions.Time.Testing;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>
/// One blob on a cluster without a network, and room for it in memory: for the rules of single requests. The answers that are scripted come first, then right ones.
/// What was asked for, and what the room was told, is kept.
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

    /// <summary>Room for the blob.</summary>
    public byte[] Bytes => _memory.ToArray();

    /// <summary>The queries of all data requests.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>When they were made.</summary>
    public List<DateTimeOffset> AskedAt { get; } = [];

    public List<(long Offset, int Count)> Writes { get; } = [];

    /// <summary>All that came before these looked right so far.</summary>
    public List<long> ReceivedAt { get; } = [];

    /// <summary>All that came before these was valid, and whether it was confirmed.</summary>
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

    /// <summary>The next answer has this body, whatever is asked for. It announces no length, as where a server streams, but for the one given.</summary>
    /// <param name="bytes">The body.</param>
    /// <param name="breaks">The connection breaks after it.</param>
    /// <param name="announced">The length that is announced.</param>
    /// <param name="wait">Done before a piece comes.</param>
    /// <param name="pieces">Bytes of a piece.</param>
    public ScriptedFetch Sends(ReadOnlyMemory<byte> bytes, bool breaks = false, long? announced = null, Action? wait = null, int pieces = int.MaxValue) =>
        Answers(times: 1, _ => Body(bytes, breaks, announced, wait, pieces));

    /// <summary>The next answers begin where they are told to, and their connections break after so many bytes.</summary>
    public ScriptedFetch BreaksAfter(int count, long? announced = null, int times = 1) =>
        Answers(times, from => Body(_content.AsMemory(from, count), breaks: true, announced));

    /// <summary>The next answers begin where they are told to, and their time is over after so many bytes.</summary>
    public ScriptedFetch IsOverAfter(int count, int times) =>
        Answers(times, from => Body(_content.AsMemory(from), wait: () => Time.Advance(BodyReader.RequestBudget), pieces: count));

    /// <summary>The next answers are refusals.</summary>
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

    /// <summary>The room holds the blob's bytes between these.</summary>
    public void Holds(int from, int to) => Assert.True(Bytes.AsSpan(from, to - from).SequenceEqual(_content.AsSpan(from, to - from)), "Other bytes.");

    /// <summary>As if all had come.</summary>
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
