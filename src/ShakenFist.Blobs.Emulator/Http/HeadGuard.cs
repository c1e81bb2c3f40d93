using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace ShakenFist.Blobs.Emulator;

/// <summary>
/// Processes requests before Kestrel parses them. Kestrel rejects request lines that gunicorn accepts: raw bytes above 127 (read as Latin-1) and %00. Such a line is
/// replaced with one for "/", and its target is moved to a header.
/// </summary>
internal static class HeadGuard
{
    public const string TargetHeader = "X-Emulator-Target";

    // The application rejects longer lines with the response of gunicorn.
    private const int LongestLine = 64 * 1024;

    public static async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        PipeReader input = connection.Transport.Input;
        byte[]? replacement = null;
        try
        {
            while (true)
            {
                ReadResult read = await input.ReadAsync(connection.ConnectionClosed);
                (SequencePosition after, byte[]? head, bool known) = Inspect(read.Buffer);
                if (known || read.IsCompleted || read.Buffer.Length > LongestLine)
                {
                    input.AdvanceTo(head is null ? read.Buffer.Start : after);
                    replacement = head;
                    break;
                }

                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            return;
        }

        if (replacement is null)
        {
            await next(connection);
        }
        else if (replacement.AsSpan().StartsWith("HTTP/1.1 "u8))
        {
            await connection.Transport.Output.WriteAsync(replacement);
        }
        else
        {
            await RunReplacedAsync(connection, next, replacement);
        }
    }

    /// <returns>The end of the request line, its replacement or the response, and whether the line is complete.</returns>
    private static (SequencePosition After, byte[]? Replacement, bool Known) Inspect(ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> bytes, "\r\n"u8))
        {
            return (buffer.Start, null, false);
        }

        string line = Encoding.Latin1.GetString(bytes);
        string[] words = line.Split(' ');
        if (words.Length > 3 && words[^1].StartsWith("HTTP/", StringComparison.Ordinal))
        {
            return (reader.Position, BadVersion(string.Join(' ', words[2..])), true);
        }

        bool isOdd = line.AsSpan().ContainsAnyExceptInRange(' ', '~') || line.Contains("%00", StringComparison.Ordinal);
        if (!isOdd || words.Length != 3)
        {
            return (buffer.Start, null, true);
        }

        string target = string.Concat(words[1].Select(c => c < 128 ? c.ToString() : Uri.EscapeDataString(c.ToString())));
        return (reader.Position, Encoding.ASCII.GetBytes($"{words[0]} / {words[2]}\r\n{TargetHeader}: {target}\r\n"), true);
    }

    private static byte[] BadVersion(string version)
    {
        Reply reply = GunicornError.Of(400, "Bad Request", $"Invalid HTTP Version 'Invalid HTTP Version: '{version}''");
        byte[] body = new byte[reply.Body.Length];
        reply.Body.Read(0, body);
        string headers = $"Connection: close\r\nContent-Type: {reply.ContentType}\r\nContent-Length: {body.Length}";
        return [.. Encoding.ASCII.GetBytes($"HTTP/1.1 400 Bad Request\r\n{headers}\r\n\r\n"), .. body];
    }

    private static async Task RunReplacedAsync(ConnectionContext connection, ConnectionDelegate next, byte[] replacement)
    {
        IDuplexPipe original = connection.Transport;
        var front = new Pipe();
        await front.Writer.WriteAsync(replacement);
        Task copying = CopyAsync(original.Input, front.Writer);
        connection.Transport = new Replaced(front.Reader, original.Output);
        await next(connection);
        connection.Transport = original;
        original.Input.CancelPendingRead();
        await copying;
    }

    private static async Task CopyAsync(PipeReader from, PipeWriter to)
    {
        try
        {
            while (true)
            {
                ReadResult read = await from.ReadAsync();
                foreach (ReadOnlyMemory<byte> piece in read.Buffer)
                {
                    to.Write(piece.Span);
                }

                from.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted || read.IsCanceled || (await to.FlushAsync()).IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException)
        {
            // The client has disconnected. Kestrel detects this when the pipe is completed.
        }

        await to.CompleteAsync();
    }

    private sealed record Replaced(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
