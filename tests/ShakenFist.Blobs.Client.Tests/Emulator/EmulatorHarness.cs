using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Tests;

/// <summary>An emulator with an ordinary and an administrator namespace, and an HTTP client that authenticates.</summary>
internal sealed class EmulatorHarness : IAsyncDisposable
{
    private readonly HttpClient _http;

    private EmulatorHarness(SfEmulator server, HttpClient http)
    {
        Server = server;
        _http = http;
    }

    public SfEmulator Server { get; }

    public EmulatorState State => Server.State;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<EmulatorHarness> StartAsync(EmulatorOptions? options = null)
    {
        SfEmulator server = await SfEmulator.StartAsync(options, Ct);
        server.State.AddNamespace("system", "system-key", admin: true);
        server.State.AddNamespace("banana", "banana-key");
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) =>
            shown?.GetCertHashString() == options?.Certificate?.GetCertHashString();
        return new EmulatorHarness(server, new HttpClient(handler) { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(30) });
    }

    public static Task<EmulatorHarness> StartAsync(ServerGeneration generation) =>
        StartAsync(new EmulatorOptions { Generation = generation });

    public async Task<string> LoginAsync(string space = "banana", string? key = null)
    {
        HttpResponseMessage answer = await LoginRawAsync(space, key ?? space + "-key");
        JsonNode? body = await answer.Content.ReadFromJsonAsync<JsonNode>(Ct);
        return (string)body!["access_token"]!;
    }

    public Task<HttpResponseMessage> LoginRawAsync(string space, string key) =>
        _http.PostAsync(At("/auth"), JsonContent.Create(new { @namespace = space, key }), Ct);

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? token, object? body = null, string? accept = "application/json", bool headersOnly = false)
    {
        using var request = new HttpRequestMessage(method, At(path));
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Content = body is null ? null : JsonContent.Create(body);
        if (accept is not null)
        {
            request.Headers.Accept.ParseAdd(accept);
        }

        HttpCompletionOption completion = headersOnly ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead;
        return await _http.SendAsync(request, completion, Ct);
    }

    public async Task<HttpResponseMessage> GetAsync(string path, string space = "banana") =>
        await SendAsync(HttpMethod.Get, path, await LoginAsync(space));

    public async Task<byte[]> BytesAsync(string path) => await (await GetAsync(path)).Content.ReadAsByteArrayAsync(Ct);

    public async Task<string> TextAsync(string path, string space = "banana") =>
        await (await GetAsync(path, space)).Content.ReadAsStringAsync(Ct);

    public async Task<JsonNode?> JsonAsync(string path, string space = "banana") => JsonNode.Parse(await TextAsync(path, space));

    /// <summary>Returns the response including its framing, which an HTTP client would hide or reject.</summary>
    public async Task<RawAnswer> RawAsync(string path, string method = "GET", bool withToken = true, Func<Task>? beforeReading = null)
    {
        List<(string, string)> headers = [("Host", "test"), ("Accept", "application/json")];
        if (withToken)
        {
            headers.Add(("Authorization", "Bearer " + Server.ForgeToken("banana")));
        }

        return await RawHttp.SendAsync(Server.Url, RawHttp.Request(method, path, headers), Ct, beforeReading);
    }

    public EmulatedBlob AddBlob(int size = 10_000) => State.AddBlob(EmulatedBlob.Generated(size, seed: size));

    public static byte[] Content(EmulatedBlob blob, long offset = 0, long? length = null)
    {
        byte[] bytes = new byte[length ?? blob.Content!.Length - offset];
        blob.Content!.Read(offset, bytes);
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
    }

    private Uri At(string path) => new(Server.Url.ToString().TrimEnd('/') + path);
}
