using System.Text;
using System.Text.Json;

namespace ShakenFist.Blobs.Http;

/// <summary>Reads the whole body of a JSON response, limited in size and time.</summary>
internal static class AnswerBody
{
    /// <summary>The maximum length of a response in bytes.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    // The root page has a few thousand bytes.
    private const int MaxPageBytes = 1024 * 1024;

    /// <summary>Reads the body and passes it to <paramref name="parse"/>.</summary>
    /// <exception cref="SfException">The body is too long, is not JSON, or is not accepted by <paramref name="parse"/>.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public static async Task<T> ReadAsync<T>(ApiAnswer answer, JsonParser<T> parse, SfTransportOptions options, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body = await ReadBytesAsync(answer, MaxBytes, options, cancellationToken).ConfigureAwait(false);
        if (body.Span.TrimStart(" \t\r\n"u8).StartsWith("<"u8))
        {
            throw Unexpected(answer, "is an HTML page instead of JSON");
        }

        try
        {
            return parse(body.Span);
        }
        catch (JsonException e)
        {
            throw Invalid(answer, e);
        }
    }

    /// <summary>Reads a text page and passes it to <paramref name="parse"/>.</summary>
    public static async Task<T> ReadPageAsync<T>(ApiAnswer answer, Func<string, T> parse, SfTransportOptions options, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body = await ReadBytesAsync(answer, MaxPageBytes, options, cancellationToken).ConfigureAwait(false);
        return parse(Encoding.UTF8.GetString(body.Span));
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(ApiAnswer answer, int max, SfTransportOptions options, CancellationToken cancellationToken)
    {
        RefuseEncoding(answer);
        byte[] buffer = new byte[(int)Math.Clamp(answer.Message.Content.Headers.ContentLength + 1 ?? 0, 4096, 1024 * 1024)];
        int length = 0;
        using IdleTimeoutReader reader = await IdleTimeoutReader.OpenAsync(answer, options, cancellationToken, IdleTimeoutReader.AnswerBudget).ConfigureAwait(false);
        int read;
        while ((read = await reader.ReadAsync(buffer.AsMemory(length, Math.Min(buffer.Length - length, max + 1 - length))).ConfigureAwait(false)) > 0)
        {
            length += read;
            if (length > max)
            {
                throw Unexpected(answer, $"is larger than {max / (1024 * 1024)} MiB");
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }

        return buffer.AsMemory(0, length);
    }

    public static SfException Invalid(ApiAnswer answer, Exception e) =>
        new(SfErrors.InvalidResponse, $"Cannot read the response to {answer.Request.Method} {answer.Request.Url.AbsolutePath} (request id {answer.RequestId}): {ErrorText.Sentence(answer.Secrets.Show(e.Message))}", answer.Secrets.IfFit(e))
        {
            StatusCode = answer.Status,
            RequestId = answer.RequestId,
        };

    public static void RefuseEncoding(ApiAnswer answer)
    {
        if (answer.ContentEncoding is { } encoding)
        {
            throw Unexpected(answer, $"is encoded as '{answer.Secrets.Show(encoding, 40)}', which was not requested");
        }
    }

    private static SfException Unexpected(ApiAnswer answer, string what) =>
        new(SfErrors.UnexpectedContent, $"The response to {answer.Request.Method} {answer.Request.Url.AbsolutePath} {what} (request id {answer.RequestId}).")
        {
            StatusCode = answer.Status,
            RequestId = answer.RequestId,
        };
}

/// <summary>Creates a value from JSON text.</summary>
internal delegate T JsonParser<T>(ReadOnlySpan<byte> utf8);
