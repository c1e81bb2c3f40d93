using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ShakenFist.Blobs.Emulator;

/// <summary>A Shaken Fist server with the blob API, on the loopback address. All data is in memory.</summary>
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

    /// <summary>The base URL, including the base path.</summary>
    public Uri Url { get; }

    public EmulatorState State { get; }

    public FaultPlan Faults { get; }

    /// <summary>The requests so far, oldest first. Includes requests that are in progress.</summary>
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

        // Kestrel resets an aborted connection, which discards bytes that the client has not read yet.
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.FinOnError", true);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Configure(kestrel, options));

        // With this setting, a flush ends when the operating system has accepted the bytes, so that a fault can close the connection after an exact number of bytes.
        builder.WebHost.UseSockets(sockets => sockets.MaxWriteBufferSize = 1);
        WebApplication app = builder.Build();
        app.Run(pipeline.RunAsync);
        await app.StartAsync(ct);
        return new SfEmulator(app, options, state, faults, tokens, log);
    }

    public void ClearRequests() => _log.Clear();

    /// <summary>Expires all tokens that were issued so far.</summary>
    public void ExpireTokens() => _tokens.ExpireAll();

    /// <summary>Creates a token for a namespace without authentication. The claims can be changed. It is signed with the secret of the server.</summary>
    public string ForgeToken(string space, string keyName = "key", Action<JsonObject>? change = null, string algorithm = "HS256")
    {
        string token = _tokens.Issue(space, keyName, State.Namespace(space)?.NonceOf(keyName) ?? "none");
        JsonObject claims = Tokens.ClaimsOf(token)!;
        change?.Invoke(claims);
        return _tokens.Sign(claims, algorithm);
    }

    /// <summary>Stops listening and aborts requests in progress.</summary>
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

        // The request pipeline applies the limits of gunicorn. The error responses of Kestrel have a different format.
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
