using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Unexpected responses of a server while a blob is saved.</summary>
public sealed class HttpFaults
{
    private const int RequestSize = 2 * FaultRun.Part;
    private const string Unauthorized = """{"error": "invalid JWT in Authorization header", "status": 401}""";
    private const string Page = "<html><body><h1>502 Proxy Error</h1></body></html>";
    private const string BlobMissing = """{"error": "blob missing", "status": 404}""";

    private static readonly Dictionary<string, DataFault> Rows = new()
    {
        ["500, once"] = Once(500),
        ["500, always"] = Ever(500, SfErrors.ServerError),
        ["502, once"] = Once(502),
        ["502, always"] = Ever(502, SfErrors.ServerUnavailable),
        ["503, once"] = Once(503),
        ["503, always"] = Ever(503, SfErrors.ServerUnavailable),
        ["504, once"] = Once(504),
        ["504, always"] = Ever(504, SfErrors.RequestTimeout),
        ["406 until it is ready"] = Once(406) with { Emulated = [new() { Kind = FaultKind.Status, Status = 406, Times = 3 }] },
        ["429, once"] = Once(429),
        ["429, always"] = Ever(429, SfErrors.TooManyRequests),
        ["507 with Retry-After, once"] = Once(507) with { Emulated = [new() { Kind = FaultKind.Status, Status = 507, Headers = new() { ["Retry-After"] = "0" } }] },
        ["507 without Retry-After"] = Ever(507, SfErrors.InsufficientResources),
        ["503 with a Retry-After that is no time, once"] = Once(503) with { Emulated = [new() { Kind = FaultKind.Status, Status = 503, Headers = new() { ["Retry-After"] = "soon, -1" } }] },
        ["401, once"] = new() { Emulated = [new() { Kind = FaultKind.ExpireToken }] },
        ["401, always"] = new() { Emulated = [new() { Kind = FaultKind.ExpireToken, Times = DataFault.Always }], Error = SfErrors.TokenRejected },
        ["302 to the root, once"] = new() { Emulated = [new() { Kind = FaultKind.Redirect, Location = "/" }] },
        ["302 to the root, always"] = Moved("/"),
        ["a redirect to itself"] = Moved("?again"),
        ["a redirect to another host"] = Moved("http://elsewhere.invalid/"),
        ["a redirect to another scheme"] = Moved("file:///etc/passwd"),
        ["403"] = Ever(403, SfErrors.AccessForbidden),
        ["404 as a page"] = Ever(404, SfErrors.ResourceNotFound),
        ["404 for data from the start"] = new() { Emulated = [Missing(DataFault.Always)], Error = SfErrors.BlobDataMissing },
        ["404 for data in the middle, then there again"] = new() { Emulated = [Cut, Missing(3)], Repeated = (0, 1) },
        ["404 for data from the middle on"] = new() { Emulated = [Cut, Missing(DataFault.Always)], Error = SfErrors.BlobDataMissing },
        ["another node's error, shorter than the range, once"] = False(Unauthorized, 1) with { Repeated = (0, Unauthorized.Length) },
        ["another node's error, shorter than the range, always"] = False(Unauthorized, DataFault.Always) with { Error = SfErrors.UnexpectedContent },
        ["another node's error, as long as the range, once"] = False(LongError(RequestSize), 1) with { On = [ServerGeneration.B, ServerGeneration.C, ServerGeneration.D], Repeated = (1, RequestSize + 128) },
        ["another node's error, as long as the range, always"] = False(LongError(RequestSize), DataFault.Always) with { On = [ServerGeneration.B, ServerGeneration.C, ServerGeneration.D], Error = SfErrors.UnexpectedContent },
        ["another node's error, longer than the range, once"] = False(LongError(FaultRun.Size + 7), 1) with { Repeated = (1, FaultRun.Size + 1024) },
        ["another node's error, longer than the range, always"] = False(LongError(FaultRun.Size + 7), DataFault.Always) with { Error = SfErrors.UnexpectedContent },
        ["a load balancer's page as data, once"] = False(Page, 1) with { Repeated = (0, Page.Length) },
        ["a load balancer's page as data, always"] = False(Page, DataFault.Always) with { Error = SfErrors.UnexpectedContent },
        ["the limit is ignored"] = new() { On = [ServerGeneration.B, ServerGeneration.C, ServerGeneration.D], Emulated = [new() { Kind = FaultKind.IgnoreLimit, Times = DataFault.Always }], Repeated = (0, RequestSize + 128) },
        ["offset and limit are ignored in the middle"] = new() { Emulated = [Cut, new() { Kind = FaultKind.IgnoreRange, Times = 2 }], Repeated = (0, 4 * FaultRun.Size) },
        ["bytes of another offset, once"] = new() { On = [ServerGeneration.B, ServerGeneration.C, ServerGeneration.D], Emulated = [new() { Kind = FaultKind.WrongOffset, AfterBytes = 7 }], Repeated = (FaultRun.Size, FaultRun.Size) },
        ["Content-Length says more than comes, once"] = new() { On = [ServerGeneration.B], Emulated = [new() { Kind = FaultKind.LyingLength, AfterBytes = RequestSize + 9 }], Repeated = (0, FaultRun.Part) },
        ["Content-Length says less than comes, once"] = new() { On = [ServerGeneration.B], Emulated = [new() { Kind = FaultKind.LyingLength, AfterBytes = 9 }], Repeated = (0, 9) },
        ["Content-Length says the range and less comes, once"] = new() { Raw = (x, blob) => blob.Asked > 1 ? blob.ServeAsync(x) : ShortAsync(x, blob) },
        ["a Content-Encoding, once"] = new() { Emulated = [new() { Kind = FaultKind.ContentEncoding }] },
        ["a Content-Encoding, always"] = new() { Emulated = [new() { Kind = FaultKind.ContentEncoding, Body = "br", Times = DataFault.Always }], Error = SfErrors.UnexpectedContent },
        ["204"] = Ever(204, SfErrors.UnexpectedStatus),
        ["206"] = Ever(206, SfErrors.UnexpectedStatus),
        ["a body after 204"] = new() { Raw = (x, _) => x.SendAsync(Page, "text/html", 204), Error = SfErrors.UnexpectedStatus },
        ["a huge header"] = new() { Raw = (x, blob) => blob.ServeAsync(x, $"X-Huge: {new string('x', 100_000)}\r\n"), Error = SfErrors.UnexpectedContent },
        ["headers without an end"] = new() { Raw = EndlessAsync("X-More: and more\r\n"), Error = SfErrors.UnexpectedContent },
        ["interim answers without an end"] = new() { Raw = EndlessAsync("HTTP/1.1 102 Wait\r\n\r\n"), Error = SfErrors.UnexpectedContent },
        ["every header twice"] = new() { Raw = (x, blob) => blob.ServeAsync(x, string.Concat(Enumerable.Repeat($"Content-Length: {blob.Range(x).Length}\r\nX-Request-ID: a\r\nDate: now\r\n", 2))) },
        ["two lengths that differ, once"] = new() { Raw = (x, blob) => blob.ServeAsync(x, $"Content-Length: {blob.Range(x).Length}\r\n{(blob.Asked == 1 ? "Content-Length: 7\r\n" : string.Empty)}"), Repeated = (0, RequestSize) },
        ["a length below zero"] = new() { Raw = (x, blob) => blob.ServeAsync(x, "Content-Length: -1\r\n") },
        ["neither length nor chunks"] = new() { Raw = (x, blob) => blob.ServeAsync(x, string.Empty) },
        ["no HTTP at all"] = new() { Raw = (x, _) => x.WriteAsync("SSH-2.0-OpenSSH\r\n\r\n"), Error = SfErrors.UnexpectedContent },
        ["the record is cut off, once"] = new() { Emulated = [Record with { Kind = FaultKind.TruncateJson }] },
        ["the record is cut off, always"] = new() { Emulated = [Record with { Kind = FaultKind.TruncateJson, Times = DataFault.Always }], Error = SfErrors.InvalidResponse },
        ["the record is null"] = new() { Emulated = [Record with { Kind = FaultKind.NullJson, Times = DataFault.Always }], Error = SfErrors.InvalidResponse },
        ["the record is a page"] = new() { Emulated = [Record with { Kind = FaultKind.WrongBody, Body = Page, Times = DataFault.Always }], Error = SfErrors.UnexpectedContent },
        ["NaN where the size is due"] = new() { Change = (_, blob) => blob.ExtraRaw["size"] = "NaN", Mend = (_, blob) => blob.ExtraRaw.Clear(), Error = SfErrors.BlobNotReady },
        ["NaN and Infinity beside the size"] = new() { Change = (_, blob) => { blob.ExtraRaw["modified"] = "NaN"; blob.ExtraRaw["virtual size"] = "-Infinity"; } },
    };

    public static TheoryData<string, ServerGeneration?> Cases => FaultRun.Cases(Rows);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task After_any_response_of_the_server_the_file_is_correct_or_the_error_is_reported(string row, ServerGeneration? generation) => FaultRun.CheckAsync(Rows[row], generation);

    private static Fault Cut => new() { Kind = FaultKind.CutAfter, AfterBytes = RequestSize, When = r => r.Query.Split('&')[0] == "offset=0" };

    private static Fault Record => new() { Path = "/blobs/*", When = r => !r.Path.EndsWith("/data", StringComparison.Ordinal) };

    private static DataFault Once(int status) => new() { Emulated = [new() { Kind = FaultKind.Status, Status = status }] };

    private static DataFault Ever(int status, SfError error) => new() { Emulated = [new() { Kind = FaultKind.Status, Status = status, Times = DataFault.Always }], Error = error };

    private static DataFault Moved(string location) => new() { Emulated = [new() { Kind = FaultKind.Redirect, Location = location, Times = DataFault.Always }], Error = SfErrors.UnexpectedRedirect };

    private static Fault Missing(int times) => new() { Kind = FaultKind.Status, Status = 404, Body = BlobMissing, Times = times, When = IsForData };

    /// <summary>Excludes the check whether offsets are honored, which requests the last byte.</summary>
    private static bool IsForData(RequestRecord request) => request.Query != $"offset={FaultRun.Size - 1}";

    private static DataFault False(string body, int times) => new() { Emulated = [new() { Kind = FaultKind.WrongBody, Body = body, Times = times }] };

    private static string LongError(int length) => $"{{\"error\": \"{new string('x', length - 13)}\"}}";

    private static async Task ShortAsync(RawExchange x, RawBlob blob)
    {
        await x.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Length: {blob.Range(x).Length}\r\n\r\n");
        await x.WriteAsync(blob.Range(x)[..^1]);
    }

    private static Func<RawExchange, RawBlob, Task> EndlessAsync(string line) => async (x, _) =>
    {
        await x.WriteAsync(line.StartsWith("HTTP", StringComparison.Ordinal) ? line : "HTTP/1.1 200 OK\r\n" + line);
        while (true)
        {
            await x.WriteAsync(line);
        }
    };
}
