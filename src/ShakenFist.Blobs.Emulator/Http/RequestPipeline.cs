using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Processes a request: the limits of gunicorn, the faults, the route, the token, and the handler.</summary>
internal sealed class RequestPipeline(EmulatorOptions options, EmulatorState state, FaultPlan faults, Tokens tokens, RequestLog log)
{
    private const int LargestKeptBody = 64 * 1024;

    private readonly RouteTable _routes = new(options.Generation);
    private readonly ControlEndpoints _control = new(state, faults, tokens, log);

    public async Task RunAsync(HttpContext http)
    {
        string target = TargetOf(http);
        (string path, string query) = Split(target);
        if (path.TrimStart('/').StartsWith("emulator/", StringComparison.Ordinal))
        {
            await _control.RunAsync(http, "/" + path.TrimStart('/'));
            return;
        }

        string? forwarded = options.Prefix.Length == 0 ? path : ApacheFront.Forward(path, options.Prefix);
        RequestRecord record = Record(http.Request, target, forwarded ?? path, query);
        log.Add(record);
        using CancellationTokenSource? budget = options.RequestBudget is { } time ? new CancellationTokenSource(time) : null;
        using CancellationTokenRegistration cut = budget?.Token.Register(http.Abort) ?? default;
        try
        {
            await AnswerAsync(http, record, forwarded, budget?.Token ?? CancellationToken.None);
        }
        catch (Exception e) when (http.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            // The client has disconnected, or the time limit was reached, so no response is sent.
        }
        finally
        {
            record.Completed = true;
        }
    }

    private async Task AnswerAsync(HttpContext http, RequestRecord record, string? forwarded, CancellationToken timeIsUp)
    {
        (byte[] body, bool isWhole) = await ReadBodyAsync(http, timeIsUp);
        record.Body = body.Length <= LargestKeptBody ? body : ReadOnlyMemory<byte>.Empty;
        string? accept = Header(http.Request, "Accept");
        Fault? fault = faults.Take(record);
        Received received = new(fault is null ? body : FaultInjector.ReceivedOf(body, fault), isWhole, fault, timeIsUp);
        if (fault is { Kind: FaultKind.Late })
        {
            http.Abort();
        }

        if (fault is { Kind: not (FaultKind.Stall or FaultKind.SlowHash) })
        {
            await Pause.ForAsync(fault.Delay, fault.Kind == FaultKind.Late ? CancellationToken.None : http.RequestAborted);
        }

        Reply? instead = fault is null ? null : FaultInjector.Instead(fault, record, tokens, accept);
        Reply reply = instead ?? await ServeAsync(http, record, forwarded, received);
        if (fault is { Kind: FaultKind.Repeat })
        {
            reply = await ServeAsync(http, record, forwarded, received);
        }

        if (fault is not null)
        {
            reply = FaultInjector.Change(reply, fault);
        }

        AddFrontHeaders(http, reply, record);
        await ReplyWriter.SendAsync(http, reply with { BytesPerSecond = reply.BytesPerSecond ?? options.BytesPerSecond }, record);
    }

    private async ValueTask<Reply> ServeAsync(HttpContext http, RequestRecord record, string? forwarded, Received received)
    {
        if (forwarded is null)
        {
            return ApacheFront.NotFound();
        }

        string targetOfApi = record.Query.Length > 0 ? $"{forwarded}?{record.Query}" : forwarded;
        if (GunicornError.Check(record.Method, targetOfApi, http.Request.Protocol, http.Request.Headers) is { } error)
        {
            return error;
        }

        (Route? route, Dictionary<string, string> variables, string? merged) = _routes.Find(WireText.Decode(forwarded));
        if (route is null)
        {
            string query = record.Query.Length > 0 ? "?" + record.Query : "";
            return merged is null
                ? Reply.NotFoundPage()
                : Reply.Redirect(308, $"{http.Request.Scheme}://{http.Request.Host}{merged}{query}");
        }

        if (HttpMethods.IsOptions(record.Method))
        {
            return Reply.Text(200, Reply.Html, "") with { Headers = [("Allow", route.Allow)] };
        }

        return route.Method(record.Method) is { } method
            ? await CallAsync(http, record, route, method, variables, received)
            : Reply.Message(405, "The method is not allowed for the requested URL.") with { Headers = [("Allow", route.Allow)] };
    }

    private async ValueTask<Reply> CallAsync(
        HttpContext http,
        RequestRecord record,
        Route route,
        RouteMethod method,
        Dictionary<string, string> variables,
        Received received)
    {
        if (!received.IsWhole && !method.TakesPartOfBody)
        {
            return Reply.None;
        }

        (PythonArguments arguments, Reply? badBody) = PythonArguments.From(variables, received.Body);
        bool validates = options.Generation >= ServerGeneration.D;
        if (badBody is not null && !validates)
        {
            return badBody;
        }

        (string caller, Reply? refusal) = method.IsOpen
            ? ("", null)
            : tokens.Check(Header(http.Request, "Authorization"), Header(http.Request, "Accept"), Scopes.Of(route, method));
        if (refusal is null && validates)
        {
            refusal = InputValidation.Check(method, variables, received.Body);
        }

        if (refusal is not null)
        {
            return refusal;
        }

        var call = new Call
        {
            Options = options,
            State = state,
            Tokens = tokens,
            Request = record,
            Arguments = arguments,
            BadCall = arguments.FirstUnknown(method.Arguments) is { } unknown
                ? Reply.Error(400, $"{route.PythonClass}.{method.Name.ToLowerInvariant()}() got an unexpected keyword argument '{unknown}'")
                : null,
            Body = received.Body,
            Fault = received.Fault,
            Caller = caller,
            Gone = http.RequestAborted,
            TimeIsUp = received.TimeIsUp,
        };
        Reply reply = await method.Handler(call);

        // D does not return the text of an exception.
        return validates && reply.Status == 500 ? Reply.Error(500, "server error") : reply;
    }

    private void AddFrontHeaders(HttpContext http, Reply reply, RequestRecord record)
    {
        IHeaderDictionary headers = http.Response.Headers;
        if (!options.KeepAlive || reply.Origin == Origin.Gunicorn)
        {
            headers.Connection = "close";
        }
        else if (string.Equals(Header(http.Request, "Connection"), "keep-alive", StringComparison.OrdinalIgnoreCase))
        {
            headers.Connection = "Keep-Alive";
            headers["Keep-Alive"] = "timeout=5, max=100";
        }

        if (reply.Origin == Origin.Application)
        {
            headers.Server = "gunicorn";
            headers["X-Request-ID"] = record.RequestId;
        }
        else if (options.Prefix.Length > 0)
        {
            headers.Server = ApacheFront.Server;
        }
    }

    private static RequestRecord Record(HttpRequest request, string target, string path, string query)
    {
        var headers = new Dictionary<string, IReadOnlyList<string>>(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, StringValues values) in request.Headers)
        {
            if (name != HeadGuard.TargetHeader)
            {
                headers[name] = [.. values.Select(v => v ?? "")];
            }
        }

        // WSGI does not distinguish the two names, and joins repeated headers without a space.
        string? id = Header(request, "X-Request-ID", ",") ?? Header(request, "X_Request_ID", ",");
        return new RequestRecord
        {
            Method = request.Method,
            Target = target,
            Path = path,
            Query = query,
            Headers = headers,
            StartedAt = TimeProvider.System.GetUtcNow(),
            RequestId = id ?? Guid.NewGuid().ToString(),
        };
    }

    private static string TargetOf(HttpContext http)
    {
        string raw = Header(http.Request, HeadGuard.TargetHeader) ?? http.Features.Get<IHttpRequestFeature>()!.RawTarget;

        // A request to a proxy contains the scheme and the host.
        return raw.StartsWith('/') || !Uri.TryCreate(raw, UriKind.Absolute, out Uri? absolute) ? raw : absolute.PathAndQuery;
    }

    private static (string Path, string Query) Split(string target)
    {
        int question = target.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? (target, "") : (target[..question], target[(question + 1)..]);
    }

    private static string? Header(HttpRequest request, string name, string separator = ", ") =>
        request.Headers.TryGetValue(name, out StringValues values) ? string.Join(separator, values.ToArray()) : null;

    /// <summary>Reads the body. If the client disconnects before its end, returns the bytes that arrived. gunicorn does not compare them with the Content-Length header.</summary>
    private static async Task<(byte[] Body, bool IsWhole)> ReadBodyAsync(HttpContext http, CancellationToken timeIsUp)
    {
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return ([], true);
        }

        var buffer = new MemoryStream((int)Math.Clamp(http.Request.ContentLength ?? 0, 0, 1 << 26));
        try
        {
            await http.Request.Body.CopyToAsync(buffer, CancellationToken.None);
            return (buffer.ToArray(), true);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && !timeIsUp.IsCancellationRequested)
        {
            return (buffer.ToArray(), false);
        }
    }

    /// <summary>The received body of a request, and what limits or changes its processing.</summary>
    private sealed record Received(byte[] Body, bool IsWhole, Fault? Fault, CancellationToken TimeIsUp);
}
