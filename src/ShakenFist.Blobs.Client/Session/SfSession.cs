using System.Text.Json;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Json;
using ShakenFist.Blobs.Session;

namespace ShakenFist.Blobs;

/// <summary>A connection to one cluster as one namespace: its address, its token and what it can do. Safe to share between threads and runspaces. Shows no secret.</summary>
public sealed class SfSession : IDisposable
{
    // Servers take headers of 8 KiB.
    private const int MaxTokenLength = 16 * 1024;

    private readonly SfConnectionSettings _settings;
    private readonly SfTransportOptions _options;
    private readonly ApiClient _client;
    private readonly TokenSource _tokens;
    private bool _warnedOfPlainHttp;
    private bool _closed;

    private SfSession(SfConnectionSettings settings, SfTransportOptions options, ApiClient client)
    {
        _settings = settings;
        _options = options;
        _client = client;
        _tokens = new TokenSource(AuthenticateAsync, options.TimeProvider);
        ApiUrl = settings.ApiUrl;
        Routes = new Routes(settings.ApiUrl);
        client.Secrets.Add(settings.Key);
        ConnectedAt = options.TimeProvider.GetUtcNow().UtcDateTime;
        Proxy = ClusterProxy.For(options)?.Describe(settings.ApiUrl);
    }

    /// <summary>Base URL of the API, after the one redirect that may be followed.</summary>
    public Uri ApiUrl { get; private set; }

    /// <summary>The namespace that asks.</summary>
    public string Namespace => _settings.Namespace;

    /// <summary>Where the settings came from.</summary>
    public string Source => _settings.Source;

    /// <summary>When the session was made, UTC.</summary>
    public DateTime ConnectedAt { get; }

    /// <summary>When the present token ends, UTC; it is renewed before. Null where the server did not say.</summary>
    public DateTime? TokenExpiresAt => _tokens.ExpiresAt;

    /// <summary>The proxy in use, without credentials, or null.</summary>
    public string? Proxy { get; }

    /// <summary>Whether the session can be used.</summary>
    public bool IsConnected => !_closed;

    /// <summary>What the cluster announces.</summary>
    public SfCapabilities Capabilities { get; private set; } = SfCapabilities.None;

    internal Routes Routes { get; private set; }

    internal SfTransportOptions Options => _options;

    /// <summary>What must be taken out of whatever is repeated of an answer.</summary>
    internal Secrets Secrets => _client.Secrets;

    /// <summary>How long the way to the cluster and back takes; zero while that is not known.</summary>
    internal TimeSpan Latency => _client.Latency;

    /// <summary>Blobs this session has come across.</summary>
    internal SeenBlobs Seen { get; } = new();

    /// <summary>Whether a request could be made without authenticating first.</summary>
    internal bool HasLiveToken => !_closed && _tokens.IsLive;

    /// <summary>How often a token has been fetched so far.</summary>
    internal int AuthenticationCount => _tokens.FetchCount;

    /// <summary>Connects: reads the root page, then authenticates.</summary>
    /// <param name="settings">Where to and as whom.</param>
    /// <param name="options">How.</param>
    /// <param name="wrap">Puts a handler of the caller's, such as a retrying one, around the sockets, which then has to end attempts in time; null for none.</param>
    /// <param name="log">Told of each request.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<SfSession> ConnectAsync(SfConnectionSettings settings, SfTransportOptions options,
        Func<SocketsHttpHandler, HttpMessageHandler>? wrap, ISfLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
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

    /// <summary>Sends an authorized request. What comes back has status 200; the token is renewed once if the server refuses it.</summary>
    /// <exception cref="SfException">Any other answer, or none.</exception>
    internal async Task<ApiAnswer> SendAsync(ApiRequest request, ISfLog log, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        if (request.PresentTokenOnly && !HasLiveToken)
        {
            throw new SfException(SfErrors.TokenRejected, $"Cannot {request.Subject}: the session has no valid token, and this request does not authenticate.");
        }

        string token = await _tokens.GetAsync(refused: null, log, cancellationToken).ConfigureAwait(false);
        ApiAnswer answer = await _client.SendAsync(request, token, log, cancellationToken).ConfigureAwait(false);
        if (IsTokenRefusal(answer) && !request.PresentTokenOnly)
        {
            answer.Dispose();
            log.Verbose("The cluster rejected the token. Authenticating again.");
            token = await _tokens.GetAsync(token, log, cancellationToken).ConfigureAwait(false);
            answer = await _client.SendAsync(request, token, log, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Sends an authorized request and parses its JSON. A body that breaks off is asked for again; nothing else is retried here.</summary>
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
                if (attempt == Attempts || (request.Method != HttpMethod.Get && !request.Repeatable))
                {
                    throw e is SfException ? e : AnswerBody.Invalid(answer, e);
                }

                log.Verbose($"The response is not complete or not valid: {ErrorText.Sentence(answer.Secrets.Show(e.Message))} Sending the request again.");
            }

            await Task.Delay(Backoff.Pause(_options.RetryDelay, attempt + 1), _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Starts a command: the next request is sent even if earlier ones did not reach the cluster, so that the first command after an outage works.</summary>
    internal void BeginCommand() => _client.AllowCircuitTest();

    /// <summary>Ends the session and closes its connections.</summary>
    public void Dispose()
    {
        _closed = true;
        _client.Dispose();
    }

    /// <summary>URL and namespace.</summary>
    public override string ToString() => $"{ApiUrl} as {Namespace}";

    /// <summary>
    /// An expired token is a 401, or from a server that takes us for a browser a redirect to its root.
    /// Every other redirect is an error and is told as one.
    /// </summary>
    private bool IsTokenRefusal(ApiAnswer answer) => answer.Status == 401
        || (answer.Status == 302 && answer.Location is { AbsolutePath: "/" } location && location.Host == ApiUrl.Host);

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

    /// <summary>The new base: of the same host, never from https down to http, or the key would go astray, and fit to be shown, since sessions show it.</summary>
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

            // It makes nothing but one more token, and a transfer of hours should not end because a front end was away for a second.
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

        // Not said, or nonsense: then the server's refusal will tell when it has ended.
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
