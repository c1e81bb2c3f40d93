using System.Text.Json;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Http;

/// <summary>Converts an unexpected response to an error of the error table.</summary>
internal static class AnswerErrors
{
    private const int MaxErrorBytes = 16 * 1024;
    private static readonly Secrets NoSecrets = new();
    private static readonly TimeSpan ErrorBodyTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Reads the error text of the server and creates the exception.</summary>
    public static async Task<SfException> OfAsync(ApiAnswer answer, SfTransportOptions options, CancellationToken cancellationToken)
    {
        string? serverText = await ReadReasonAsync(answer, options, cancellationToken).ConfigureAwait(false);
        SfError error = ErrorFor(answer);
        string subject = answer.Request.Subject ?? $"complete {answer.Request.Method} {answer.Request.Url.AbsolutePath}";
        string reason = ErrorText.Clause(Reason(error, answer, serverText));
        return new SfException(error, $"Cannot {subject}: {reason} (status {answer.Status}, request id {answer.RequestId}).")
        {
            StatusCode = answer.Status,
            RequestId = answer.RequestId,
            RetryAfter = Backoff.Asked(answer.Message.Headers.RetryAfter, options.TimeProvider.GetUtcNow()),
        };
    }

    private static SfError ErrorFor(ApiAnswer answer) => answer.Status switch
    {
        400 => IsJson(answer) ? answer.Request.Refused : SfErrors.RequestRefused,
        401 => answer.Request.Unauthorized,
        403 => SfErrors.AccessForbidden,

        // A 404 response that is not from the application is not about the object.
        404 => IsJson(answer) ? answer.Request.NotFound : SfErrors.ResourceNotFound,
        405 or 501 => SfErrors.MethodNotSupported,
        406 => SfErrors.NotReady,
        407 => SfErrors.ProxyFailed,
        408 or 504 => SfErrors.RequestTimeout,
        409 => SfErrors.StateConflict,
        429 => SfErrors.TooManyRequests,
        502 or 503 => SfErrors.ServerUnavailable,
        507 => SfErrors.InsufficientResources,
        >= 500 and < 600 => SfErrors.ServerError,
        >= 300 and < 400 => SfErrors.UnexpectedRedirect,
        _ => SfErrors.UnexpectedStatus,
    };

    private static bool IsJson(ApiAnswer answer) =>
        answer.Message.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.OrdinalIgnoreCase) == true;

    private static string Reason(SfError error, ApiAnswer answer, string? serverText)
    {
        if (answer.IsRedirect)
        {
            return answer.Location is { } location
                ? $"the response is a redirect to {answer.Secrets.Show(location.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped))}"
                : "the response is a redirect without a valid address";
        }

        return error.Id switch
        {
            nameof(SfErrors.BlobNotFound) => "the blob does not exist",
            nameof(SfErrors.ArtifactNotFound) => "the artifact does not exist, or the namespace cannot use it",
            nameof(SfErrors.ArtifactVersionNotFound) => "the artifact or the version does not exist, or the namespace cannot change it",
            nameof(SfErrors.AgentOperationNotFound) => "the agent operation does not exist in the namespace",
            nameof(SfErrors.InstanceNotFound) => "the instance does not exist in the namespace",
            nameof(SfErrors.BlobDataMissing) => "no node of the cluster has the data",
            nameof(SfErrors.MetadataKeyNotDeletable) => Quoting("this cluster can store such a key, but cannot delete it", serverText),
            nameof(SfErrors.AccessForbidden) when serverText?.Contains("scope", StringComparison.OrdinalIgnoreCase) == true && Routes.ScopeOf(answer.Request) is { } scope =>
                Quoting($"the key does not have the required scope {scope}", serverText),
            nameof(SfErrors.AdministratorRequired) => "this requires the system namespace",
            nameof(SfErrors.NamespaceNotFound) => "the namespace does not exist",
            nameof(SfErrors.AuthenticationFailed) => "the cluster rejected the key",
            nameof(SfErrors.TokenRejected) => Quoting("the cluster rejected the token, and a new one as well", serverText),
            _ => Quoting("the cluster returned an error", serverText),
        };
    }

    private static string Quoting(string own, string? serverText) => string.IsNullOrEmpty(serverText) ? own : $"{own}: {serverText}";

    /// <summary>Reads the error text of the body, cleaned and cut. Null if there is none.</summary>
    private static async Task<string?> ReadReasonAsync(ApiAnswer answer, SfTransportOptions options, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(ErrorBodyTimeout, options.TimeProvider);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        byte[] body = new byte[MaxErrorBytes];
        int length = 0;
        try
        {
            using IdleTimeoutReader reader = await IdleTimeoutReader.OpenAsync(answer, options, limit.Token).ConfigureAwait(false);
            int read;
            while (length < body.Length && (read = await reader.ReadAsync(body.AsMemory(length)).ConfigureAwait(false)) > 0)
            {
                length += read;
            }
        }
        catch (Exception e) when (e is IOException or SfException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The status is reported without the text.
        }

        return ReasonIn(body.AsSpan(0, length), answer.Secrets);
    }

    /// <summary>Gets the text in any error format of this API: <c>error</c>, <c>message</c>, or an HTML page of a front end.</summary>
    public static string? ReasonIn(ReadOnlySpan<byte> body, Secrets? secrets = null)
    {
        ReadOnlySpan<byte> text = body.TrimStart(" \t\r\n"u8);
        if (text.IsEmpty)
        {
            return null;
        }

        if (text[0] == '<')
        {
            return "an HTML page, which is not from the API";
        }

        try
        {
            if (JsonTree.Parse(text) is Dictionary<string, object?> members)
            {
                return (secrets ?? NoSecrets).Show(JsonValue.AsText(members.GetValueOrDefault("error")) ?? JsonValue.AsText(members.GetValueOrDefault("message")));
            }
        }
        catch (JsonException)
        {
            // None of the formats, so there is no text to report.
        }

        return null;
    }
}
