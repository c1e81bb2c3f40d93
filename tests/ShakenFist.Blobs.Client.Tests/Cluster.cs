using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Resilience;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>An emulated cluster with sessions. Disposing it closes the sessions.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    /// <summary>The key of every namespace. It must appear only in the body of POST /auth.</summary>
    public const string Key = "canary-5up3rs3cr3t";

    private readonly List<SfSession> _sessions = [];

    private Cluster(SfEmulator emulator) => Emulator = emulator;

    public SfEmulator Emulator { get; }

    public FaultPlan Faults => Emulator.Faults;

    public EmulatorState State => Emulator.State;

    public RecordingLog Log { get; } = new();

    /// <summary>The retry timeout for a cluster that does not become available again: longer than the retries take, but short enough for many tests.</summary>
    public static TimeSpan RetryTimeout { get; } = TimeSpan.FromSeconds(2);

    /// <summary>Save options with this retry timeout.</summary>
    public static SfBlobSaveOptions Save { get; } = new() { RetryTimeout = RetryTimeout };

    /// <summary>Transport options with short pauses between attempts and long time limits.</summary>
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

    /// <summary>Returns the number of requests whose path has this ending.</summary>
    public int Count(string method, string pathEnd) =>
        Emulator.Requests.Count(r => r.Method == method && r.Path.EndsWith(pathEnd, StringComparison.Ordinal));

    public int DataRequests => Count("GET", "/data");

    /// <summary>Closes the sessions and their connections.</summary>
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
