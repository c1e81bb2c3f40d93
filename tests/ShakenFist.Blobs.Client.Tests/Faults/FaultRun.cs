using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Tests;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Saves a blob over an old file during a fault. If this fails, saves it again without the fault. Checks the invariants in both runs.</summary>
internal sealed class FaultRun : IAsyncDisposable
{
    public const int Part = 64 * 1024;

    /// <summary>Three requests of two blocks each. The last one is one byte shorter.</summary>
    public const int Size = (6 * Part) - 1;

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(25);
    private static readonly Guid Uuid = Guid.Parse("5a5e0000-1111-4222-8333-000000000001");

    private readonly DataFault _fault;

    // Bytes of the check whether offsets are honored, which is sent to servers without limit.
    private readonly int _questions;
    private readonly byte[] _content;
    private readonly TempFolder _folder = new();
    private readonly Invariants _invariants;
    private readonly Cluster? _cluster;
    private readonly EmulatedBlob? _blob;
    private readonly RawServer? _raw;
    private readonly RawBlob? _rawBlob;
    private readonly FakeTimeProvider? _time;
    private readonly ConcurrentQueue<IPEndPoint> _dialled = new();
    private bool _isOver;

    private FaultRun(DataFault fault, Cluster? cluster, ServerGeneration? generation)
    {
        _fault = fault;
        _questions = generation == ServerGeneration.A ? 2 : 0;
        _content = Download.Random(fault.Size);
        _invariants = new Invariants(_folder, _content);
        _time = fault.TimeFlies ? new FakeTimeProvider(DateTimeOffset.UtcNow) : null;
        if (cluster is not null)
        {
            _cluster = cluster;
            _blob = EmulatedBlob.FromBytes(_content, Uuid);
            cluster.State.AddBlob(_blob);
            fault.Change?.Invoke(cluster, _blob);
            return;
        }

        _rawBlob = new RawBlob(_content);
        string sha512 = Convert.ToHexStringLower(System.Security.Cryptography.SHA512.HashData(_content));
        _raw = RawServer.StartCluster(x =>
        {
            if (!x.Path.EndsWith("/data", StringComparison.Ordinal))
            {
                return x.SendAsync($$"""{"uuid": "{{Uuid}}", "state": "created", "size": {{_content.Length}}, "sha512": "{{sha512}}"}""");
            }

            _rawBlob.Asked++;
            return _isOver || fault.Raw is null ? _rawBlob.ServeAsync(x) : fault.Raw(x, _rawBlob);
        });
    }

    /// <summary>Returns each row for each generation, or once for a raw server.</summary>
    public static TheoryData<string, ServerGeneration?> Cases(IReadOnlyDictionary<string, DataFault> rows)
    {
        TheoryData<string, ServerGeneration?> cases = [];
        foreach ((string name, DataFault fault) in rows)
        {
            foreach (ServerGeneration? generation in fault.Raw is null ? fault.On.Cast<ServerGeneration?>() : [null])
            {
                cases.Add(name, generation);
            }
        }

        return cases;
    }

    public static async Task CheckAsync(DataFault fault, ServerGeneration? generation)
    {
        Cluster? cluster = generation is { } g ? await Cluster.StartAsync(g) : null;
        await using FaultRun run = new(fault, cluster, generation);
        await run.CheckAsync();
    }

    private async Task CheckAsync()
    {
        foreach (Fault emulated in _fault.Emulated)
        {
            _cluster!.Faults.Add(emulated with { Path = emulated.Path == "*" ? "/blobs/*/data" : emulated.Path });
        }

        SfBlobSaveResult? saved = await RunAsync(_fault.Error);
        if (saved is not null)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"Received twice: {saved.BytesReceived - _content.Length}");
            Assert.InRange(saved.BytesReceived - _content.Length, _fault.Repeated.Min, _fault.Repeated.Max + _questions);
            return;
        }

        _isOver = true;
        _cluster?.Faults.Clear();
        _fault.Mend?.Invoke(_cluster!, _blob!);
        SfBlobSaveResult resumed = (await RunAsync(error: null))!;
        TestContext.Current.TestOutputHelper?.WriteLine($"Resumed: {resumed.BytesResumed}, received twice then: {resumed.BytesReceived + resumed.BytesResumed - _content.Length}");
        Assert.InRange(resumed.BytesReceived + resumed.BytesResumed - _content.Length, _fault.RepeatedByResume.Min, _fault.RepeatedByResume.Max + _questions);
    }

    private async Task<SfBlobSaveResult?> RunAsync(SfError? error)
    {
        // The clock is real after the fault has ended.
        SfTransportOptions options = Cluster.Quick with
        {
            BlockBytes = Part,
            RequestBytes = 2 * Part,
            AddressRace = new AddressRace(ResolveAsync, DialAsync, TimeProvider.System),
            TimeProvider = _isOver ? TimeProvider.System : (TimeProvider?)_time ?? TimeProvider.System,
        };
        options = _fault.ByProxy ? options with { NoProxy = false, Proxy = _raw!.Url } : options;
        options = _isOver ? options : _fault.Options(options);
        using CancellationTokenSource budget = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        budget.CancelAfter(Budget);
        SfBlobSaveResult? transfer = null;
        SfException? failure = null;
        try
        {
            Task<SfBlobSaveResult> work = SaveAsync(options, budget.Token);
            transfer = _time is null ? await work : await work.WaitAdvancingAsync(_time, Step);
        }
        catch (SfException e)
        {
            failure = e;
        }

        // An interrupted transfer reports why the last request failed.
        SfError? cause = failure?.Error == SfErrors.TransferInterrupted ? (failure.InnerException as SfException)?.Error : null;
        Assert.True(failure?.Error == error || (cause is not null && cause == error), $"{error?.Id ?? "No error"} was expected, and it was: {failure?.ToString() ?? "none"}");
        _invariants.Check(transfer, failure, _fault.Verification);
        await Eventually.TrueAsync(() => (_raw?.Open ?? 0) == 0);
        Assert.All(_dialled, address => Assert.Equal((_cluster?.Emulator.Url ?? _raw!.Url).Port, address.Port));
        return transfer;
    }

    private async Task<SfBlobSaveResult> SaveAsync(SfTransportOptions options, CancellationToken cancellationToken)
    {
        Uri url = _fault.ByProxy ? new Uri("http://cluster.invalid") : _fault.Resolve is null ? _cluster?.Emulator.Url ?? _raw!.Url : new Uri($"http://cluster.invalid:{_cluster!.Emulator.Url.Port}");
        using SfSession session = await SfSession.ConnectAsync(
            new SfConnectionSettings(url, _isOver ? "banana" : _fault.Namespace, _isOver ? Cluster.Key : _fault.Key, "the test"),
            options,
            sockets => ResilientHandler.Create(sockets, options.AttemptTimeout, options.RetryDelay),
            _invariants,
            cancellationToken);
        try
        {
            SfBlob record = await session.GetBlobAsync(Uuid, _invariants, cancellationToken);
            SfBlobSaveOptions how = new() { Force = true, Limits = new SfTransferLimits(1), CreateXxh128 = Xxh128.Create, RetryTimeout = _time is null ? Cluster.RetryTimeout : SfBlobSaveOptions.DefaultRetryTimeout };
            return await session.SaveBlobDataAsync(record, _folder.Target, how, _invariants, cancellationToken);
        }
        finally
        {
            // The session still exists, but no request must be in progress.
            await Eventually.TrueAsync(() => _cluster?.Emulator.Requests.All(r => r.Completed) ?? (_fault.Keeps || _raw!.Busy == 0));
            _invariants.Secrets.AddRange(_cluster?.Emulator.Requests.SelectMany(r => r.Headers.TryGetValue("Authorization", out IReadOnlyList<string>? sent) ? sent : []).Distinct() ?? ["t0k3n"]);
        }
    }

    /// <summary>Advances the clock fast while waiting for data, and slowly while connecting, which takes real time.</summary>
    private TimeSpan Step() => TimeSpan.FromMilliseconds(_rawBlob?.Asked > 0 && _raw?.Open > 0 ? 10 : 0.01);

    private Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        Assert.True(host == "127.0.0.1" || (_fault.Resolve is not null && host == "cluster.invalid"), $"{host} was resolved.");
        return _fault.Resolve is null ? Task.FromResult<IPAddress[]>([IPAddress.Loopback]) : Task.FromResult(_isOver ? [IPAddress.Loopback] : _fault.Resolve());
    }

    private Task<Stream> DialAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        _dialled.Enqueue(address);
        return (_isOver ? null : _fault.Dial?.Invoke(_dialled.Count, address, cancellationToken)) ?? AddressRace.ConnectSocketAsync(address, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        if (_raw is not null)
        {
            await _raw.DisposeAsync();
        }

        _folder.Dispose();
    }
}
