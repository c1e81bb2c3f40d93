using System.Numerics;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Handles GET /blobs/&lt;uuid&gt;/data. Returns the bytes of the local file, or the response of another node.</summary>
internal static class DataEndpoint
{
    // The maximum offset of ext4. The real server fails beyond it.
    private const long FarthestSeek = 1L << 44;

    private static readonly TimeSpan WorkerTimeout = TimeSpan.FromSeconds(30);

    public static async ValueTask<Reply> Get(Call call)
    {
        bool knowsLimit = call.Options.Generation != ServerGeneration.A;
        bool isValid = TryNumber(call, "offset", out BigInteger offset) & (TryNumber(call, "limit", out BigInteger limit) || !knowsLimit);
        if (call.Options.Generation >= ServerGeneration.D && (!isValid || offset < 0 || limit < 0))
        {
            return Reply.Error(400, (TryNumber(call, "offset", out _) && offset >= 0 ? "limit" : "offset") + ": Must be an integer greater than or equal to 0.");
        }

        if (!isValid)
        {
            return Reply.ServerError("<UnprocessableEntity '422: Unprocessable Entity'>");
        }

        (EmulatedBlob? blob, Reply? refusal) = call.FindBlob();
        if (refusal is not null)
        {
            return refusal;
        }

        if (call.Options.Generation == ServerGeneration.C && (offset < 0 || limit < 0))
        {
            return Reply.Error(400, (offset < 0 ? "offset" : "limit") + " cannot be negative");
        }

        if (!knowsLimit || call.Fault?.Kind is FaultKind.IgnoreLimit or FaultKind.IgnoreRange)
        {
            limit = 0;
        }

        offset = call.Fault?.Kind == FaultKind.IgnoreRange ? 0 : offset;
        Reply reply = Placement.HasLocalFile(blob!, call.Options.NodeName)
            ? FromFile(call, blob!, offset, limit)
            : FromOtherNode(call, blob!, offset, limit);
        await Pause.ForAsync(call.Options.BufferDelay, call.Gone);
        return reply;
    }

    private static bool TryNumber(Call call, string name, out BigInteger number)
    {
        number = 0;
        return WireText.QueryValue(call.Request.Query, name) is not { } text || WireText.TryParseInteger(text, out number);
    }

    private static Reply FromFile(Call call, EmulatedBlob blob, BigInteger offset, BigInteger limit)
    {
        bool streams = call.Options.Streams;
        BlobContent content = blob.Content!;
        long size = content.Length;
        bool seekFails = offset < 0 || offset > Math.Max(FarthestSeek, size);
        if (seekFails || (limit < 0 && !streams))
        {
            // When a streaming server detects the problem, its worker process ends before the response begins.
            return streams ? Reply.None : Reply.InternalError();
        }

        if (call.Fault?.Kind == FaultKind.WrongOffset)
        {
            offset += call.Fault.AfterBytes;
        }

        long start = (long)BigInteger.Min(offset, size);
        long length = limit > 0 ? (long)BigInteger.Min(limit, size - start) : size - start;
        return new Reply(200, Reply.Data, new RangeContent(Spoil(content, call.Fault), start, length))
        {
            Streamed = streams,
            Ending = limit < 0 ? Ending.Cut : Ending.Proper,
        };
    }

    private static BlobContent Spoil(BlobContent content, Fault? fault) => fault?.Kind switch
    {
        FaultKind.FlipBit => new FlippedContent(content, fault.AfterBytes),
        FaultKind.Zeros => new ZeroedContent(content, fault.AfterBytes),
        _ => content,
    };

    /// <summary>Requests the data from a random location of the blob, and returns the body of the response regardless of its status.</summary>
    private static Reply FromOtherNode(Call call, EmulatedBlob blob, BigInteger offset, BigInteger limit)
    {
        string[] all = [.. Placement.LocationsOf(blob, call.Options.NodeName).Select(NodeName)];
        if (all.Length == 0)
        {
            return Reply.Error(404, "blob missing");
        }

        string[] others = [.. all.Where(name => name != call.Options.NodeName)];
        if (others.Length == 0)
        {
            // The real node forwards the request to itself until all workers are busy. They are then killed after the worker timeout.
            return Reply.None with { Ending = Ending.Stall, StallFor = call.Options.RequestBudget ?? WorkerTimeout };
        }

        return call.State.Node(others[Random.Shared.Next(others.Length)]) switch
        {
            NodeCondition.Up => PassOn(call, blob.Content is null ? Reply.Error(404, "blob missing") : FromFile(call, blob, offset, limit)),
            NodeCondition.Unauthorized => PassOn(call, Reply.Error(401, "invalid JWT in Authorization header")),
            NodeCondition.BadGateway => PassOn(call, Reply.Text(502, Reply.Html, "<html><body><h1>502 Proxy Error</h1></body></html>")),
            _ => call.Options.Streams ? Reply.None : Reply.InternalError(),
        };
    }

    private static Reply PassOn(Call call, Reply inner) => inner.Status == 0
        ? inner
        : new Reply(200, Reply.Data, inner.Body) { Streamed = call.Options.Streams, Ending = inner.Ending };

    /// <summary>Returns the node name from a location. Generation C can append the load of the node: <c>sf-2 (42.0%)</c>.</summary>
    private static string NodeName(string location) => location.Split(' ')[0];
}
