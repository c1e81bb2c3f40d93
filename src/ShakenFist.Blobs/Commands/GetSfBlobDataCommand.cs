using System.Management.Automation;
using System.Text;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Commands;

/// <summary>Gets the data of blobs as chunks of bytes, as text, or as a stream.</summary>
[Cmdlet(VerbsCommon.Get, "SfBlobData", DefaultParameterSetName = RangeSet)]
[OutputType(typeof(byte[]), typeof(string), typeof(Stream))]
public sealed class GetSfBlobDataCommand : SfBlobCmdlet
{
    private const string RangeSet = "Range";
    private const string FirstSet = "First";
    private const string LastSet = "Last";
    private const string StreamSet = "Stream";
    private const char ByteOrderMark = '\uFEFF';
    private const long MaxTextBytes = 256 * 1024 * 1024;

    // Selects a view of one line. The chunk is still an array of bytes.
    private const string ChunkTypeName = "ShakenFist.Blobs.SfBlobDataChunk";

    private bool _hasAnswered;

    /// <summary>Specifies the first byte, counted from 0.</summary>
    [Parameter(ParameterSetName = RangeSet)]
    [ValidateRange(0, long.MaxValue)]
    public long Offset { get; set; }

    /// <summary>Specifies the number of bytes. The default is all remaining bytes. Bytes beyond the end of the data are ignored.</summary>
    [Parameter(ParameterSetName = RangeSet)]
    [ValidateRange(0, long.MaxValue)]
    public long Length { get; set; } = long.MaxValue;

    /// <summary>Gets only this number of bytes from the start.</summary>
    [Parameter(ParameterSetName = FirstSet, Mandatory = true)]
    [ValidateRange(0, long.MaxValue)]
    public long First { get; set; }

    /// <summary>Gets only this number of bytes from the end.</summary>
    [Parameter(ParameterSetName = LastSet, Mandatory = true)]
    [ValidateRange(0, long.MaxValue)]
    public long Last { get; set; }

    /// <summary>Returns one string for each blob instead of bytes.</summary>
    [Parameter(ParameterSetName = RangeSet)]
    [Parameter(ParameterSetName = FirstSet)]
    [Parameter(ParameterSetName = LastSet)]
    public SwitchParameter AsText { get; set; }

    /// <summary>Specifies the encoding of the text by a .NET name, such as utf-8, utf-16, latin1, or ascii. The default is utf-8. Implies -AsText.</summary>
    [Parameter(ParameterSetName = RangeSet)]
    [Parameter(ParameterSetName = FirstSet)]
    [Parameter(ParameterSetName = LastSet)]
    [TextEncoding]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding? Encoding { get; set; }

    /// <summary>Returns a seekable, read-only System.IO.Stream for each blob, for other .NET code. Data is fetched when the stream is read. Dispose of it after use.</summary>
    [Parameter(ParameterSetName = StreamSet, Mandatory = true)]
    public SwitchParameter AsStream { get; set; }

    /// <summary>
    /// How long, in seconds, to continue without receiving at least 1 MiB of data, or what is left if that is less. After that time, the command reports the error
    /// TransferInterrupted. The default is 300. With 0, the first failed request that gained less than 64 KiB ends it. Unless this parameter is specified, the first
    /// request of the command fails after a few seconds if the cluster cannot be reached.
    /// </summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int RetryTimeoutSeconds { get; set; } = (int)SfBlobSaveOptions.DefaultRetryTimeout.TotalSeconds;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        TimeSpan retryTimeout = TimeSpan.FromSeconds(RetryTimeoutSeconds);
        bool waits = MyInvocation.BoundParameters.ContainsKey(nameof(RetryTimeoutSeconds));
        foreach (Guid uuid in ResolveUuids(Uuid))
        {
            TransferProgress? progress = null;
            RunFor(
                uuid,
                async (sink, stop) =>
                {
                    SfBlob blob = await session.GetBlobWithRetryAsync(uuid, waits || Volatile.Read(ref _hasAnswered) ? retryTimeout : TimeSpan.Zero, sink, stop).ConfigureAwait(false);
                    Volatile.Write(ref _hasAnswered, true);
                    if (AsStream)
                    {
                        await sink.WriteObjectAsync(new BlobStream(session, blob, retryTimeout, NullLog.Instance)).ConfigureAwait(false);
                        return;
                    }

                    (long offset, long end) = RangeOf(BlobRange.SizeOf(blob));
                    DownloadProgress reached = new() { Total = end - offset, Activity = "Reading" };
                    Volatile.Write(ref progress, new TransferProgress($"Reading blob {uuid:D}", reached, session.Options.TimeProvider));
                    IAsyncEnumerable<byte[]> chunks = BlobChunks.ReadAsync(session, blob, offset, end, retryTimeout, reached, sink, stop);
                    await (AsText || Encoding is not null ? WriteTextAsync(uuid, end - offset, chunks, sink) : WriteBytesAsync(chunks, sink)).ConfigureAwait(false);
                },
                () => Volatile.Read(ref progress)?.Sample());
        }
    }

    private (long Offset, long End) RangeOf(long size) => ParameterSetName switch
    {
        FirstSet => (0, Math.Min(First, size)),
        LastSet => (size - Math.Min(Last, size), size),
        _ => (Math.Min(Offset, size), Math.Min(Offset, size) + Math.Min(Length, size - Math.Min(Offset, size))),
    };

    private static async Task WriteBytesAsync(IAsyncEnumerable<byte[]> chunks, PipelineSink sink)
    {
        await foreach (byte[] chunk in chunks.ConfigureAwait(false))
        {
            // One chunk at a time, so that chunks that the pipeline has not processed do not accumulate in memory.
            PSObject output = new(chunk);
            output.TypeNames.Insert(0, ChunkTypeName);
            await sink.WriteAndWaitAsync(output).ConfigureAwait(false);
        }
    }

    private async Task WriteTextAsync(Guid uuid, long length, IAsyncEnumerable<byte[]> chunks, PipelineSink sink)
    {
        if (length > MaxTextBytes)
        {
            throw new SfException(SfErrors.TextTooLong, $"Cannot return {SfFormat.Size(length)} of blob {uuid:D} as text. The maximum is {SfFormat.Size(MaxTextBytes)}.");
        }

        StringBuilder text = new();
        Encoding encoding = Encoding ?? Encoding.UTF8;
        Decoder decoder = encoding.GetDecoder();
        char[] characters = new char[encoding.GetMaxCharCount(BlobChunks.ChunkBytes)];
        await foreach (byte[] chunk in chunks.ConfigureAwait(false))
        {
            text.Append(characters, 0, decoder.GetChars(chunk, characters, flush: false));
        }

        text.Append(characters, 0, decoder.GetChars([], characters, flush: true));
        if (text.Length > 0 && text[0] == ByteOrderMark)
        {
            // The byte order mark specifies the encoding and is not part of the text.
            text.Remove(0, 1);
        }

        await sink.WriteObjectAsync(text.ToString()).ConfigureAwait(false);
    }
}
