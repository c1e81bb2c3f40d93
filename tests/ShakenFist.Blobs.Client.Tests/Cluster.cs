using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Resilience;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>An emulated cluster, and sessions to it that end with it.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    /// <summary>The key of every namespace: a canary that may be seen nowhere but in the body of POST /auth.</summary>
    public const string Key = "canary-5up3rs3cr3t";

    private readonly List<SfSession> _sessions = [];

    private Cluster(SfEmulator emulator) => Emulator = emulator;

    public SfEmulator Emulator { get; }

    public FaultPlan Faults => Emulator.Faults;

    public EmulatorState State => Emulator.State;

    public RecordingLog Log { get; } = new();

    /// <summary>How long tests wait for a cluster that stays away: longer than what is repeated takes, and short enough for many of them.</summary>
    public static TimeSpan RetryTimeout { get; } = TimeSpan.FromSeconds(2);

    /// <summary>What a transfer may do that waits no longer than tests can.</summary>
    public static SfBlobSaveOptions Save { get; } = new() { RetryTimeout = RetryTimeout };

    /// <summary>Short pauses between attempts, long limits.</summary>
    public static SfTransportOptions Quick { get; } = new() { RetryDelay = TimeSpan.FromMilliseconds(1), NoProxy = true };

    public static async Task<Cluster> StartAsync(ServerGeneration generation = ServerGeneration.C, Func<EmulatorOptions, EmulatorOptions>? change = null)
    {
        EmulatorOptions options = new() { Generation = generation };
        SfEmulator emulator = await SfEmulator.StartAsync(change?.Invoke(options) ?? options, Limit.Token);
        emulator.State.AddNamespace("system", Key, admin: true);
        emulator.State.AddNamespace("banana", Key);
        return new Cluster(emulator);
    }

    public async Task<SfSession> ConnectAsync(SfTransportOptions? options = null, string @namespace = "system", bool resilient = false, string key = Key, Uri? url = null)
    {
        SfSession session = await ConnectAsync(url ?? Emulator.Url, options, @namespace, resilient, key, Log);
        _sessions.Add(session);
        return session;
    }

    public static Task<SfSession> ConnectAsync(Uri url, SfTransportOptions? options, string @namespace, bool resilient, string key, ISfLog log)
    {
        options ??= Quick;
        return SfSession.ConnectAsync(
            new SfConnectionSettings(url, @namespace, key, "the test"),
            options,
            resilient ? sockets => ResilientHandler.Create(sockets, options.AttemptTimeout, options.RetryDelay) : null,
            log,
            Limit.Token);
    }

    /// <summary>Requests so far for paths that end so.</summary>
    public int Count(string method, string pathEnd) =>
        Emulator.Requests.Count(r => r.Method == method && r.Path.EndsWith(pathEnd, StringComparison.Ordinal));

    public int DataRequests => Count("GET", "/data");

    /// <summary>Ends the sessions that were made so far, and with them the connections that they keep.</summary>
    public void EndSessions()
    {
        _sessions.ForEach(session => session.Dispose());
        _sessions.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        EndSessions();
        await Emulator.DisposeAsync();
    }
}
