using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Sends a reply as fast as possible, or at the specified rate.</summary>
internal static class ReplyWriter
{
    // Slightly less than a power of two, so that the chunk including its frame fits into the pooled array of that size.
    private const int PieceSize = (1 << 19) - 4096;

    /// <returns>A task that completes when the operating system has accepted all bytes.</returns>
    public static async Task SendAsync(HttpContext http, Reply reply, RequestRecord record)
    {
        if (reply.Status > 0)
        {
            await StartAsync(http, reply, record);
            if (!HttpMethods.IsHead(record.Method))
            {
                await SendBodyAsync(http, reply, record);
            }

            // Without a body, the headers would still be in the buffer of Kestrel when the connection is closed.
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
        }

        if (reply.Ending == Ending.Stall)
        {
            await Pause.ForAsync(reply.StallFor, http.RequestAborted);
        }

        bool fallsShort = !reply.Streamed && reply.Body.Length < reply.AnnouncedLength && !HttpMethods.IsHead(record.Method);
        if (reply.Ending != Ending.Proper || fallsShort)
        {
            Cut(http, reply.Ending == Ending.Reset);
        }
    }

    private static async Task StartAsync(HttpContext http, Reply reply, RequestRecord record)
    {
        HttpResponse response = http.Response;
        response.StatusCode = reply.Status;
        record.Status = reply.Status;
        http.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = Reasons.Of(reply.Status, reply.Origin);
        if (reply.ContentType.Length > 0)
        {
            response.Headers.ContentType = reply.ContentType;
        }

        foreach ((string name, string value) in reply.Headers)
        {
            response.Headers.Append(name, value);
        }

        if (!reply.Streamed)
        {
            response.ContentLength = reply.AnnouncedLength ?? reply.Body.Length;
        }

        await response.StartAsync(http.RequestAborted);
    }

    private static async Task SendBodyAsync(HttpContext http, Reply reply, RequestRecord record)
    {
        PipeWriter writer = http.Response.BodyWriter;
        CancellationToken gone = http.RequestAborted;
        long length = Math.Min(reply.Body.Length, reply.Streamed ? long.MaxValue : reply.AnnouncedLength ?? long.MaxValue);
        long rate = reply.BytesPerSecond ?? 0;
        long piece = rate > 0 ? Math.Clamp(rate / 20, 1, PieceSize) : PieceSize;
        long start = TimeProvider.System.GetTimestamp();
        for (long offset = 0; offset < length;)
        {
            int count = (int)Math.Min(piece, length - offset);
            reply.Body.Read(offset, writer.GetSpan(count)[..count]);
            writer.Advance(count);
            FlushResult flushed = await writer.FlushAsync(gone);
            offset += count;
            record.BytesSent = offset;
            record.LastSentAt = DateTimeOffset.UtcNow;
            if (flushed.IsCompleted || flushed.IsCanceled)
            {
                return;
            }

            if (rate > 0)
            {
                TimeSpan due = TimeSpan.FromSeconds((double)offset / rate);
                await Pause.ForAsync(due - TimeProvider.System.GetElapsedTime(start), gone);
            }
        }
    }

    private static void Cut(HttpContext http, bool reset)
    {
        if (reset)
        {
            http.Features.Get<IConnectionSocketFeature>()?.Socket.Close(timeout: 0);
        }

        http.Abort();
    }
}
