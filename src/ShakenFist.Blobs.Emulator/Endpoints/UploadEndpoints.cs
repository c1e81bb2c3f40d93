using System.Numerics;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Handles uploads: creates them, appends bytes, and sets their length. Any namespace can change an upload whose UUID it knows.</summary>
internal static class UploadEndpoints
{
    private const string FileMissing = "FileNotFoundError(2, 'No such file or directory')";

    // The maximum file size of ext4.
    private static readonly BigInteger LargestFile = BigInteger.One << 44;

    public static ValueTask<Reply> Create(Call call)
    {
        if (call.BadCall is { } bad)
        {
            return ValueTask.FromResult(bad);
        }

        EmulatedUpload upload = call.State.AddUpload(new EmulatedUpload
        {
            Node = call.State.UploadNode ?? call.Options.NodeName,
            CreatedAt = (call.Options.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds,
        });
        return ValueTask.FromResult(Call.Json((ref json) =>
        {
            json.OpenObject();
            json.Name("uuid");
            json.Value(upload.Uuid.ToString());
            json.Name("state");
            json.Value("created");
            json.Name("metadata");
            json.OpenObject();
            json.CloseObject();
            json.Name("version");
            json.Value(3);
            json.Name("node");
            json.Value(upload.Node);
            json.Name("created_at");
            json.Value(upload.CreatedAt);
            json.CloseObject();
        }));
    }

    /// <summary>Appends the body. The body was already interpreted as arguments, so JSON can be refused, or name another upload.</summary>
    public static ValueTask<Reply> Append(Call call)
    {
        (EmulatedUpload? upload, Reply? refusal) = Find(call);
        return ValueTask.FromResult(refusal ?? Size(upload!.Append(Spoil(call.Body, call.Fault))));
    }

    public static ValueTask<Reply> Truncate(Call call)
    {
        (EmulatedUpload? upload, Reply? refusal) = Find(call);
        return ValueTask.FromResult(refusal ?? Truncate(upload!, call.Arguments.Text("offset")));
    }

    /// <summary>Returns the upload that a request names, or the response if it is missing or its node does not respond.</summary>
    public static (EmulatedUpload? Upload, Reply? Refusal) Find(Call call)
    {
        string uuid = call.Arguments.Text("upload_uuid");
        if (call.Fault?.Kind == FaultKind.ForgetUpload)
        {
            call.State.RemoveUpload(uuid);
        }

        return call.State.Upload(uuid) is not { } upload ? (null, Reply.Error(404, "upload not found"))
            : NodeFailure(call, upload) is { } failure ? (null, failure)
            : (upload, call.BadCall);
    }

    private static Reply? NodeFailure(Call call, EmulatedUpload upload) =>
        upload.Node == call.Options.NodeName || call.State.Node(upload.Node) == NodeCondition.Up ? null
        : Reply.ServerError(
            $"ConnectionError(MaxRetryError(\"HTTPConnectionPool(host='{upload.Node}', port=13000): Max retries exceeded with url: {call.Request.Path} "
            + "(Caused by NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7fc95ae54510>: Failed to establish a new connection: "
            + "[Errno -2] Name or service not known'))\"))");

    private static Reply Truncate(EmulatedUpload upload, string offset)
    {
        if (!WireText.TryParseInteger(offset, out BigInteger length))
        {
            return Reply.ServerError($"ValueError(\"invalid literal for int() with base 10: '{offset}'\")");
        }

        return upload.Content is null ? Reply.ServerError(FileMissing)
            : length < 0 ? Reply.ServerError("OSError(22, 'Invalid argument')")
            : length > long.MaxValue ? Reply.ServerError("OverflowError('Python int too large to convert to C long')")
            : length > LargestFile ? Reply.ServerError("OSError(27, 'File too large')")
            : upload.TryTruncate((long)length) ? Reply.NullJson() : Reply.ServerError(FileMissing);
    }

    private static ReadOnlySpan<byte> Spoil(ReadOnlyMemory<byte> body, Fault? fault)
    {
        if (fault?.Kind != FaultKind.FlipBit || fault.AfterBytes >= body.Length)
        {
            return body.Span;
        }

        byte[] spoiled = body.ToArray();
        spoiled[fault.AfterBytes] ^= 1;
        return spoiled;
    }

    private static Reply Size(long length) => Call.Json((ref json) => json.Value(length));
}
