using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Json;
using ShakenFist.Blobs.Session;

namespace ShakenFist.Blobs;

/// <summary>A connection to one cluster as one namespace: its address, token, and capabilities. Can be shared by threads and runspaces. Its text contains no secrets.</summary>
public sealed class SfSession : IDisposable
{
    // Servers accept headers of up to 8 KiB.
    private const int MaxTokenLength = 16 * 1024;

    // Servers encode the name of a namespace as Latin-1.
    private const int MaxNamespaceCharacter = 0xff;

    private readonly SfConnectionSettings _settings;
    private readonly SfTransportOptions _options;
    private readonly ApiClient _client;
    private readonly Lazy<ApiClient> _ownConnections;
    private readonly TokenSource _tokens;
    private bool _warnedOfPlainHttp;
    private bool _closed;

    private SfSession(SfConnectionSettings settings, SfTransportOptions options, ApiClient client)
    {
        _settings = settings;
        _options = options;
        _client = client;
        _ownConnections = new Lazy<ApiClient>(CreateOwnConnections);
        _tokens = new TokenSource(AuthenticateAsync, options.TimeProvider);
        ApiUrl = settings.ApiUrl;
        Routes = new Routes(settings.ApiUrl);
        ClusterProxy? proxy = ClusterProxy.For(options);
        client.Secrets.Add(settings.Key);
        client.Secrets.Add(proxy?.PasswordFor(settings.ApiUrl));
        ConnectedAt = options.TimeProvider.GetUtcNow().LocalDateTime;
        Proxy = proxy?.Describe(settings.ApiUrl);
    }

    /// <summary>Gets the base URL of the API, after a redirect if there was one.</summary>
    public Uri ApiUrl { get; private set; }

    /// <summary>Gets the namespace of the session.</summary>
    public string Namespace => _settings.Namespace;

    /// <summary>Gets the source of the settings.</summary>
    public string Source => _settings.Source;

    /// <summary>Gets the local time at which the session was created.</summary>
    public DateTime ConnectedAt { get; }

    /// <summary>Gets the local time at which the current token expires. It is renewed before. Null if the server did not specify it.</summary>
    public DateTime? TokenExpiresAt => _tokens.ExpiresAt;

    /// <summary>Gets the proxy in use, without credentials, or null.</summary>
    public string? Proxy { get; }

    /// <summary>Gets whether the session can be used.</summary>
    public bool IsConnected => !_closed;

    /// <summary>Gets the capabilities that the cluster announces.</summary>
    public SfCapabilities Capabilities { get; private set; } = SfCapabilities.None;

    internal Routes Routes { get; private set; }

    internal SfTransportOptions Options => _options;

    /// <summary>Gets the secrets that must be removed from quoted responses.</summary>
    internal Secrets Secrets => _client.Secrets;

    /// <summary>Gets the round-trip time to the cluster. Zero while it is unknown.</summary>
    internal TimeSpan Latency => _client.Latency;

    /// <summary>Gets the blobs that this session has read.</summary>
    internal SeenBlobs Seen { get; } = new();

    /// <summary>Gets or sets whether the cluster last refused to delete a metadata key whose name was in the body of the request.</summary>
    internal bool RefusesKeyInBody { get; set; }

    /// <summary>Gets the names of the artifacts that this session has read.</summary>
    internal SeenNames SeenArtifacts { get; } = new();

    /// <summary>Gets the names of the instances that this session has read.</summary>
    internal SeenNames SeenInstances { get; } = new();

    /// <summary>Gets whether a request can be sent without authenticating first.</summary>
    internal bool HasLiveToken => !_closed && _tokens.IsLive;

    /// <summary>Gets the number of tokens fetched so far.</summary>
    internal int AuthenticationCount => _tokens.FetchCount;

    /// <summary>Connects: reads the root page and authenticates.</summary>
    /// <param name="settings">The address, namespace, and key.</param>
    /// <param name="options">The transport options.</param>
    /// <param name="wrap">Adds a handler, such as one that retries, around the sockets. It must limit the time of each attempt. Null for none.</param>
    /// <param name="log">Receives a line for each request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async Task<SfSession> ConnectAsync(SfConnectionSettings settings, SfTransportOptions options,
        Func<SocketsHttpHandler, HttpMessageHandler>? wrap, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        EnsureUsable(settings);
        SocketsHttpHandler sockets = SocketsTransport.Create(options);
        SfSession session = new(settings, options, new ApiClient(wrap?.Invoke(sockets) ?? sockets, options, handlerHasLimit: wrap is not null));
        try
        {
            await session.ProbeAsync(log, cancellationToken).ConfigureAwait(false);
            await session._tokens.GetAsync(refused: null, log, cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Sends an authorized request. Returns only responses with status 200. The token is renewed once if the server rejects it.</summary>
    /// <exception cref="SfException">The response has another status, or there is none.</exception>
    internal async Task<ApiAnswer> SendAsync(ApiRequest request, ISfLog log, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        if (request.PresentTokenOnly && !HasLiveToken)
        {
            throw new SfException(SfErrors.TokenRejected, $"Cannot {request.Subject}: the session has no valid token, and this request must not get a new one.");
        }

        ApiClient client = request.OwnConnection ? _ownConnections.Value : _client;
        string token = await _tokens.GetAsync(refused: null, log, cancellationToken).ConfigureAwait(false);
        ApiAnswer answer = await client.SendAsync(request, token, log, cancellationToken).ConfigureAwait(false);
        if (IsTokenRefusal(answer) && !request.PresentTokenOnly)
        {
            answer.Dispose();
            log.Verbose("The cluster rejected the token. Authenticating again.");
            token = await _tokens.GetAsync(token, log, cancellationToken).ConfigureAwait(false);
            answer = await client.SendAsync(request, token, log, cancellationToken).ConfigureAwait(false);
        }

        if (answer.IsSuccess)
        {
            return answer;
        }

        using (answer)
        {
            throw await AnswerErrors.OfAsync(answer, _options, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends an authorized request and parses its JSON. If the body is cut off, a repeatable request is sent again. Nothing else is retried here.</summary>
    internal async Task<T> ReadAsync<T>(ApiRequest request, JsonParser<T> parse, ISfLog log, CancellationToken cancellationToken)
    {
        const int Attempts = 3;
        for (int attempt = 1; ; attempt++)
        {
            using ApiAnswer answer = await SendAsync(request, log, cancellationToken).ConfigureAwait(false);
            try
            {
                return await AnswerBody.ReadAsync(answer, parse, _options, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException || (e is SfException { Error.Id: nameof(SfErrors.InvalidResponse) or nameof(SfErrors.ResponseStalled) }))
            {
                if (attempt == Attempts || !request.Repeatable)
                {
                    throw e is SfException ? e : AnswerBody.Invalid(answer, e);
                }

                log.Verbose($"The response is not complete or not valid: {ErrorText.Sentence(answer.Secrets.Show(e.Message))} Sending the request again.");
            }

            await Task.Delay(Backoff.Pause(_options.RetryDelay, attempt + 1), _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends an authorized request and returns the elements of the JSON array in its response, each as soon as it is received. Nothing is retried here.</summary>
    internal async IAsyncEnumerable<T> ReadListAsync<T>(ApiRequest request, JsonParser<T> parse, ISfLog log, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        using ApiAnswer answer = await SendAsync(request, log, cancellationToken).ConfigureAwait(false);
        AnswerBody.RefuseEncoding(answer);
        using IdleTimeoutReader reader = await IdleTimeoutReader.OpenAsync(answer, _options, cancellationToken, IdleTimeoutReader.AnswerBudget).ConfigureAwait(false);
        await using IAsyncEnumerator<ReadOnlyMemory<byte>> elements = new JsonArraySplitter().ReadAsync(reader.ReadAsync).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync().ConfigureAwait(false) is { } element)
        {
            reader.RenewBudget();
            yield return element;
        }

        // An iterator cannot yield inside a try with a catch.
        async ValueTask<T?> NextAsync()
        {
            try
            {
                return await elements.MoveNextAsync().ConfigureAwait(false) ? parse(elements.Current.Span) : null;
            }
            catch (Exception e) when (e is JsonException or IOException)
            {
                throw AnswerBody.Invalid(answer, e);
            }
        }
    }

    /// <summary>Starts a command: the next request is sent even if earlier ones did not reach the cluster, so that the first command after an outage works.</summary>
    internal void BeginCommand() => _client.AllowCircuitTest();

    /// <summary>Closes the session and its connections.</summary>
    public void Dispose()
    {
        _closed = true;
        _client.Dispose();
        if (_ownConnections.IsValueCreated)
        {
            _ownConnections.Value.Dispose();
        }
    }

    /// <summary>Returns the URL and the namespace.</summary>
    public override string ToString() => $"{ApiUrl} as {Namespace}";

    /// <summary>Creates a client that opens a connection for each request and closes it afterwards. It repeats nothing.</summary>
    private ApiClient CreateOwnConnections()
    {
        SocketsHttpHandler sockets = SocketsTransport.Create(_options);
        sockets.PooledConnectionLifetime = TimeSpan.Zero;
        return new ApiClient(sockets, _options, handlerHasLimit: false) { Secrets = Secrets };
    }

    /// <summary>
    /// An expired token causes a 401 response or, from a server that treats the client as a browser, a redirect to its root.
    /// All other redirects are errors.
    /// </summary>
    private bool IsTokenRefusal(ApiAnswer answer) => answer.Status == 401
        || (answer.Status == 302 && answer.Location is { AbsolutePath: "/" } location && location.Host == ApiUrl.Host);

    /// <summary>Rejects a namespace and a key that no cluster accepts. The server would respond with an error that does not describe the cause.</summary>
    private static void EnsureUsable(SfConnectionSettings settings)
    {
        if (settings.Namespace.Length == 0 || settings.Key.Length == 0)
        {
            string what = settings.Namespace.Length == 0 ? "namespace" : $"key of namespace '{settings.Namespace}'";
            throw new SfException(SfErrors.NotConfigured, $"Cannot connect to {settings.ApiUrl}: the {what} is empty (from {settings.Source}). No request was sent.");
        }

        foreach (Rune character in settings.Namespace.EnumerateRunes())
        {
            if (character.Value > MaxNamespaceCharacter)
            {
                throw new SfException(SfErrors.NamespaceNotFound,
                    $"Cannot connect to {settings.ApiUrl}: the namespace '{ServerText.Clean(settings.Namespace)}' (from {settings.Source}) contains the character U+{character.Value:X4}, and no cluster supports characters above U+00FF. No request was sent.");
            }
        }
    }

    private async Task ProbeAsync(ISfLog log, CancellationToken cancellationToken)
    {
        ApiAnswer answer = await GetRootAsync(log, cancellationToken).ConfigureAwait(false);
        if (answer.Status is 301 or 302 or 307 or 308)
        {
            Uri moved = AcceptedRedirect(answer);
            answer.Dispose();
            log.Verbose(Secrets.Show($"{ApiUrl} redirects to {moved}. Using that URL."));
            ApiUrl = moved;
            Routes = new Routes(moved);
            answer = await GetRootAsync(log, cancellationToken).ConfigureAwait(false);
        }

        using (answer)
        {
            if (!answer.IsSuccess)
            {
                throw await AnswerErrors.OfAsync(answer, _options, cancellationToken).ConfigureAwait(false);
            }

            try
            {
                Capabilities = await AnswerBody.ReadPageAsync(answer, SfCapabilities.Parse, _options, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                throw AnswerBody.Invalid(answer, e);
            }
        }
    }

    private Task<ApiAnswer> GetRootAsync(ISfLog log, CancellationToken cancellationToken) =>
        _client.SendAsync(new ApiRequest(HttpMethod.Get, Routes.Root) { Probe = true, Subject = $"connect to {ApiUrl}" }, token: null, log, cancellationToken);

    /// <summary>Gets the new base URL. It must have the same host and must not change from https to http, because the key is sent to it. It must be displayable.</summary>
    private Uri AcceptedRedirect(ApiAnswer answer)
    {
        Uri? location = answer.Location;
        bool accepted = location is not null
            && string.Equals(location.Host, ApiUrl.Host, StringComparison.OrdinalIgnoreCase)
            && (location.Scheme == Uri.UriSchemeHttps || (location.Scheme == Uri.UriSchemeHttp && ApiUrl.Scheme == Uri.UriSchemeHttp))
            && location.UserInfo.Length == 0
            && ServerText.Clean(location.ToString(), int.MaxValue) == location.ToString();
        return accepted
            ? new Uri(location!.GetLeftPart(UriPartial.Path))
            : throw new SfException(SfErrors.UnexpectedRedirect,
                $"{ApiUrl} redirects to {answer.Secrets.Show(location?.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) ?? "an address that is not valid")} (request id {answer.RequestId}). Only a redirect to the same host is followed, and never one from https to http.")
            {
                StatusCode = answer.Status,
                RequestId = answer.RequestId,
            };
    }

    private async Task<AccessToken> AuthenticateAsync(ISfLog log, CancellationToken cancellationToken)
    {
        if (ApiUrl.Scheme == Uri.UriSchemeHttp && !ApiUrl.IsLoopback && !_warnedOfPlainHttp)
        {
            _warnedOfPlainHttp = true;
            log.Warning($"The key of namespace '{Namespace}' is sent to {ApiUrl.Host} over http, without encryption. Use https if the cluster supports it.");
        }

        using MemoryStream body = new();
        using (Utf8JsonWriter writer = new(body))
        {
            writer.WriteStartObject();
            writer.WriteString("namespace", Namespace);
            writer.WriteString("key", _settings.Key);
            writer.WriteEndObject();
        }

        ApiRequest request = new(HttpMethod.Post, Routes.Auth)
        {
            Body = body.ToArray(),
            Subject = $"authenticate as namespace '{Namespace}' at {ApiUrl}",
            NotFound = SfErrors.NamespaceNotFound,
            Unauthorized = SfErrors.AuthenticationFailed,

            // Repeating it only creates another token, and a long transfer must not fail because the front end was unavailable for a second.
            Repeatable = true,
        };
        using ApiAnswer answer = await _client.SendAsync(request, token: null, log, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess)
        {
            throw await AnswerErrors.OfAsync(answer, _options, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            AccessToken token = await AnswerBody.ReadAsync(answer, ParseToken, _options, cancellationToken).ConfigureAwait(false);
            Secrets.AddToken(token.Value);
            return token;
        }
        catch (IOException e)
        {
            throw AnswerBody.Invalid(answer, e);
        }
    }

    private static AccessToken ParseToken(ReadOnlySpan<byte> utf8)
    {
        Dictionary<string, object?>? members = JsonTree.Parse(utf8) as Dictionary<string, object?>;
        string? token = members?.GetValueOrDefault("access_token") as string;
        if (token is not { Length: > 0 and <= MaxTokenLength } || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new JsonException("The response contains no valid access_token.");
        }

        // If the value is missing or not valid, the token is renewed when the server rejects it.
        double? seconds = JsonValue.AsDouble(members!.GetValueOrDefault("expires_in"));
        return new AccessToken(token, seconds is > 0 and < 1e9 ? TimeSpan.FromSeconds(seconds.Value) : null);
    }

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw new SfException(SfErrors.SessionClosed, $"The session to {ApiUrl} has been disconnected.");
        }
    }
}
