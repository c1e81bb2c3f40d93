using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ShakenFist.Blobs.Emulator;

/// <summary>A Shaken Fist server with the blob API, on loopback, that keeps its world in memory.</summary>
public sealed class SfEmulator : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Tokens _tokens;
    private readonly RequestLog _log;

    private SfEmulator(WebApplication app, EmulatorOptions options, EmulatorState state, FaultPlan faults, Tokens tokens, RequestLog log)
    {
        _app = app;
        _tokens = tokens;
        _log = log;
        State = state;
        Faults = faults;
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Url = new Uri(address + options.Prefix);
    }

    /// <summary>The base URL, with the base path if there is one.</summary>
    public Uri Url { get; }

    public EmulatorState State { get; }

    public FaultPlan Faults { get; }

    /// <summary>The requests so far, oldest first; a request under way is there already.</summary>
    public IReadOnlyList<RequestRecord> Requests => _log.Snapshot();

    public static async Task<SfEmulator> StartAsync(EmulatorOptions? options = null, CancellationToken ct = default)
    {
        options ??= new EmulatorOptions();
        var state = new EmulatorState();
        if (options.DataDirectory is { } directory)
        {
            DataFolder.AddTo(state, directory);
        }

        var faults = new FaultPlan();
        var log = new RequestLog();
        var tokens = new Tokens(options, state);
        var pipeline = new RequestPipeline(options, state, faults, tokens, log);

        // Kestrel resets a connection that is aborted, which takes bytes with it that the client has not read yet.
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.FinOnError", true);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Configure(kestrel, options));

        // A flush then ends when the bytes are with the operating system, so that a cut comes after exactly as many as it should.
        builder.WebHost.UseSockets(sockets => sockets.MaxWriteBufferSize = 1);
        WebApplication app = builder.Build();
        app.Run(pipeline.RunAsync);
        await app.StartAsync(ct);
        return new SfEmulator(app, options, state, faults, tokens, log);
    }

    public void ClearRequests() => _log.Clear();

    /// <summary>All tokens issued so far are expired from now on.</summary>
    public void ExpireTokens() => _tokens.ExpireAll();

    /// <summary>A token for a namespace without a login, with its claims changed at will, signed with the server's secret.</summary>
    public string ForgeToken(string space, string keyName = "key", Action<JsonObject>? change = null, string algorithm = "HS256")
    {
        string token = _tokens.Issue(space, keyName, State.Namespace(space)?.NonceOf(keyName) ?? "none");
        JsonObject claims = Tokens.ClaimsOf(token)!;
        change?.Invoke(claims);
        return _tokens.Sign(claims, algorithm);
    }

    /// <summary>Stops listening and drops what is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        foreach (EmulatedBlob blob in State.Blobs)
        {
            (blob.Content as IDisposable)?.Dispose();
        }
    }

    private static void Configure(KestrelServerOptions kestrel, EmulatorOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;

        // Limits are gunicorn's, which the pipeline applies; Kestrel's own would answer in another shape.
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxRequestLineSize = 1 << 20;
        limits.MaxRequestHeadersTotalSize = 1 << 20;
        limits.MaxRequestBufferSize = 2 << 20;
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;

        kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (options.Certificate is { } certificate)
            {
                listen.UseHttps(certificate);
            }

            listen.Use(next => connection => HeadGuard.RunAsync(connection, next));
        });
    }
}
