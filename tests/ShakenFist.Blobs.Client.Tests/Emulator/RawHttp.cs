using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ShakenFist.Blobs.Tests;

/// <summary>A raw response.</summary>
internal sealed record RawAnswer
{
    /// <summary>The status. 0 if the connection was closed without a response.</summary>
    public int Status { get; init; }

    public string Reason { get; init; } = "";

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The body, up to <see cref="RawHttp.LargestKept"/>.</summary>
    public byte[] Body { get; init; } = [];

    public long BodyLength { get; init; }

    /// <summary>All bytes of the response, including the framing.</summary>
    public long TotalBytes { get; init; }

    /// <summary>Whether the body was complete according to its framing.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Whether the server closed the connection afterwards.</summary>
    public bool IsClosed { get; init; }

    /// <summary>Whether the server reset the connection.</summary>
    public bool IsReset { get; init; }

    public string Text => Encoding.UTF8.GetString(Body);

    public string? Header(string name) => Headers.FirstOrDefault(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}

/// <summary>Sends bytes unchanged, and reads the response without the checks of an HTTP client.</summary>
internal sealed class RawHttp : IDisposable
{
    public const int LargestKept = 4 << 20;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[1 << 18];
    private int _start;
    private int _end;
    private long _total;
    private bool _reset;

    public static async Task<RawAnswer> SendAsync(Uri server, byte[] request, CancellationToken ct, Func<Task>? beforeReading = null)
    {
        using var raw = new RawHttp();
        await raw._socket.ConnectAsync(IPAddress.Loopback, server.Port, ct);
        await raw._socket.SendAsync(request, ct);
        await (beforeReading?.Invoke() ?? Task.CompletedTask);
        return await raw.ReadAsync(isHead: request.AsSpan().StartsWith("HEAD "u8), ct);
    }

    public static byte[] Request(
        string method, string target, IEnumerable<(string Name, string Value)> headers, ReadOnlySpan<byte> body = default)
    {
        var head = new StringBuilder($"{method} {target} HTTP/1.1\r\n");
        foreach ((string name, string value) in headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        return [.. Encoding.UTF8.GetBytes(head.Append("\r\n").ToString()), .. body];
    }

    public void Dispose() => _socket.Dispose();

    private async Task<RawAnswer> ReadAsync(bool isHead, CancellationToken ct)
    {
        string? line;
        List<(string Name, string Value)> headers;
        int status;
        do
        {
            line = await LineAsync(ct);
            if (line is null)
            {
                return new RawAnswer { IsClosed = true, IsReset = _reset, TotalBytes = _total };
            }

            status = int.Parse(line.AsSpan(9, 3), CultureInfo.InvariantCulture);
            headers = await HeadersAsync(ct);
        }
        while (status < 200);

        var answer = new RawAnswer { Status = status, Reason = line[13..], Headers = headers };
        var body = new MemoryStream();
        (long length, bool complete) = isHead ? (0, true) : await BodyAsync(answer, body, ct);
        bool closed = answer.Header("Connection") == "close" ? !await FillAsync(ct) : _socket.Poll(0, SelectMode.SelectRead);
        return answer with
        {
            Body = body.ToArray(),
            BodyLength = length,
            IsComplete = complete,
            IsClosed = closed,
            IsReset = _reset,
            TotalBytes = _total,
        };
    }

    private async Task<List<(string Name, string Value)>> HeadersAsync(CancellationToken ct)
    {
        var headers = new List<(string, string)>();
        while (await LineAsync(ct) is { Length: > 0 } line)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Add((line[..colon], line[(colon + 1)..].TrimStart(' ')));
        }

        return headers;
    }

    private async Task<(long Length, bool Complete)> BodyAsync(RawAnswer answer, MemoryStream body, CancellationToken ct)
    {
        if (answer.Header("Transfer-Encoding") == "chunked")
        {
            long length = 0;
            while (await LineAsync(ct) is { } size)
            {
                long chunk = long.Parse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                long got = await TakeAsync(chunk, body, ct);
                length += got;
                if (got < chunk || await LineAsync(ct) is null)
                {
                    return (length, false);
                }

                if (chunk == 0)
                {
                    return (length, true);
                }
            }

            return (length, false);
        }

        long announced = answer.Header("Content-Length") is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : long.MaxValue;
        long taken = await TakeAsync(announced, body, ct);
        return (taken, taken == announced);
    }

    private async Task<long> TakeAsync(long count, MemoryStream body, CancellationToken ct)
    {
        long left = count;
        while (left > 0 && (_start < _end || await FillAsync(ct)))
        {
            int piece = (int)Math.Min(left, _end - _start);
            if (body.Length < LargestKept)
            {
                body.Write(_buffer, _start, (int)Math.Min(piece, LargestKept - body.Length));
            }

            _start += piece;
            left -= piece;
        }

        return count - left;
    }

    /// <returns>Null at the end of the connection.</returns>
    private async Task<string?> LineAsync(CancellationToken ct)
    {
        var line = new StringBuilder();
        while (_start < _end || await FillAsync(ct))
        {
            int newline = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            int count = newline < 0 ? _end - _start : newline + 1;
            line.Append(Encoding.Latin1.GetString(_buffer, _start, count));
            _start += count;
            if (newline >= 0)
            {
                return line.ToString().TrimEnd('\r', '\n');
            }
        }

        return null;
    }

    private async Task<bool> FillAsync(CancellationToken ct)
    {
        if (_start < _end)
        {
            return true;
        }

        try
        {
            _start = 0;
            _end = await _socket.ReceiveAsync(_buffer, ct);
        }
        catch (SocketException)
        {
            _reset = true;
            _end = 0;
        }

        _total += _end;
        return _end > 0;
    }
}
