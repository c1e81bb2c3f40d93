using System.IO.Compression;
using System.Text;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Applies a fault to a response.</summary>
internal static class FaultInjector
{
    private const long LargestCompressed = 64L << 20;

    /// <summary>Returns the response that replaces that of the server. Null if the fault only changes it.</summary>
    public static Reply? Instead(Fault fault, RequestRecord request, Tokens tokens, string? accept) => fault.Kind switch
    {
        FaultKind.Status => Reply.Text(fault.Status, fault.ContentType ?? GuessType(fault.Body), fault.Body ?? ""),
        FaultKind.CutBeforeHeaders => Reply.None with { Ending = fault.Reset ? Ending.Reset : Ending.Cut },
        FaultKind.WrongBody => Reply.Text(fault.Status == 0 ? 200 : fault.Status, fault.ContentType ?? Reply.Data, fault.Body ?? ""),
        FaultKind.Redirect => Reply.Redirect(fault.Status == 0 ? 302 : fault.Status, fault.Location ?? "/"),
        FaultKind.ExpireToken => tokens.Expired(accept),
        FaultKind.NullJson => Reply.NullJson(),
        _ => null,
    };

    /// <summary>Returns the part of a request body that the server receives.</summary>
    public static byte[] ReceivedOf(byte[] body, Fault fault) =>
        fault.Kind == FaultKind.CutRequest || (fault.Kind == FaultKind.Late && fault.AfterBytes > 0)
            ? body[..(int)Math.Min(fault.AfterBytes, body.Length)]
            : body;

    public static Reply Change(Reply reply, Fault fault)
    {
        Reply changed = fault.Kind switch
        {
            FaultKind.CutAfter or FaultKind.IgnoreRange when fault.Kind == FaultKind.CutAfter || fault.AfterBytes > 0 => Cut(reply, fault.AfterBytes) with { Ending = fault.Reset ? Ending.Reset : Ending.Cut },
            FaultKind.Stall => Cut(reply, fault.AfterBytes) with
            {
                Ending = Ending.Stall,
                StallFor = fault.Delay > TimeSpan.Zero ? fault.Delay : Timeout.InfiniteTimeSpan,
            },
            FaultKind.CutRequest or FaultKind.LoseAnswer or FaultKind.Late => Reply.None with { Ending = fault.Reset ? Ending.Reset : Ending.Cut },
            FaultKind.ReplaceAnswer => Reply.Text(fault.Status == 0 ? 200 : fault.Status, fault.ContentType ?? GuessType(fault.Body), fault.Body ?? ""),
            FaultKind.EndShort => reply with { Body = Head(reply.Body, fault.AfterBytes) },
            FaultKind.TruncateJson when fault.AfterBytes > 0 => reply with { Body = Head(reply.Body, fault.AfterBytes) },
            FaultKind.TruncateJson => reply with { Body = Head(reply.Body, reply.Body.Length / 2) },
            FaultKind.Slow => reply with { BytesPerSecond = Math.Max(1, fault.BytesPerSecond) },
            FaultKind.ExtraBytes => reply with { Body = new PaddedContent(reply.Body, Math.Max(1, fault.AfterBytes)) },
            FaultKind.LyingLength => reply with { AnnouncedLength = fault.AfterBytes, Streamed = false },
            FaultKind.ContentEncoding => Encode(reply, fault.Body),
            _ => reply,
        };
        return fault.Headers is null
            ? changed
            : changed with { Headers = [.. changed.Headers, .. fault.Headers.Select(h => (h.Key, h.Value))] };
    }

    /// <summary>Announces the whole body and sends the headers.</summary>
    private static Reply Cut(Reply reply, long after) => reply with
    {
        AnnouncedLength = reply.AnnouncedLength ?? reply.Body.Length,
        Body = Head(reply.Body, after),
    };

    private static RangeContent Head(BlobContent body, long length) => new(body, 0, Math.Clamp(length, 0, body.Length));

    private static Reply Encode(Reply reply, string? encoding)
    {
        Reply labelled = reply with { Headers = [.. reply.Headers, ("Content-Encoding", encoding ?? "gzip")] };
        if (encoding is not null || reply.Body.Length > LargestCompressed)
        {
            return labelled;
        }

        byte[] plain = new byte[reply.Body.Length];
        reply.Body.Read(0, plain);
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(plain);
        }

        return labelled with { Body = new MemoryContent(packed.ToArray()) };
    }

    private static string GuessType(string? body) =>
        body is null ? Reply.Html
        : PythonJsonReader.TryRead(Encoding.UTF8.GetBytes(body), out _) ? Reply.Json
        : Reply.Html;
}
