using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;

namespace ShakenFist.Blobs.Emulator;

/// <summary>
/// Serves the data of a blob like an ordinary file server, with HTTP ranges, under /emulator/data/&lt;uuid&gt;. Benchmarks use it to compare with tools that do not
/// support the API. The real API has no such endpoint.
/// </summary>
internal static class RangeEndpoint
{
    public const string Prefix = "/emulator/data/";

    private const int ChunkBytes = (1 << 19) - 4096;

    public static async Task SendAsync(HttpContext http, BlobContent? content)
    {
        HttpResponse response = http.Response;
        if (content is null)
        {
            response.StatusCode = 404;
            return;
        }

        long length = content.Length;
        response.Headers.AcceptRanges = "bytes";
        response.ContentType = "application/octet-stream";
        (long from, long to) = (0, length - 1);
        if (RangeHeaderValue.TryParse(http.Request.Headers.Range.ToString(), out RangeHeaderValue? range) && range.Unit == "bytes" && range.Ranges.Count == 1)
        {
            RangeItemHeaderValue item = range.Ranges.Single();
            from = item.From ?? Math.Max(0, length - item.To!.Value);
            to = item.From is null ? length - 1 : Math.Min(item.To ?? long.MaxValue, length - 1);
            if (from > to)
            {
                response.StatusCode = 416;
                response.Headers.ContentRange = $"bytes */{length}";
                return;
            }

            response.StatusCode = 206;
            response.Headers.ContentRange = $"bytes {from}-{to}/{length}";
        }

        response.ContentLength = to - from + 1;
        await response.StartAsync(http.RequestAborted);
        PipeWriter writer = response.BodyWriter;
        while (from <= to && !HttpMethods.IsHead(http.Request.Method))
        {
            int count = (int)Math.Min(ChunkBytes, to - from + 1);
            content.Read(from, writer.GetSpan(count)[..count]);
            writer.Advance(count);
            from += count;
            if ((await writer.FlushAsync(http.RequestAborted)).IsCompleted)
            {
                return;
            }
        }
    }
}
