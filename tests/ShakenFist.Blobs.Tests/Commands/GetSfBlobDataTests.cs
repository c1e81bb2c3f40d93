using System.Management.Automation;
using System.Text;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests the output of the data of a blob to the pipeline.</summary>
public sealed class GetSfBlobDataTests
{
    private const string Command = ",ShakenFist.Blobs.Commands.GetSfBlobDataCommand";

    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.B)]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task Chunks_of_bytes_together_are_the_blob(ServerGeneration generation)
    {
        await using Cluster cluster = await StartAsync(generation);
        EngineResult result = cluster.Run("Get-SfBlobData $blob; $blob | Get-SfBlobData").Good;
        Assert.All(result.Output, o => Assert.IsType<byte[]>(o.BaseObject));
        Assert.Equal(6, result.Output.Count);
        byte[] content = Content(cluster);
        Assert.Equal([.. content, .. content], Bytes(result));
    }

    [Theory]
    [InlineData("-Offset 0", 0, 9_000_001)]
    [InlineData("-Offset 1", 1, 9_000_000)]
    [InlineData("-Offset 9000000", 9_000_000, 1)]
    [InlineData("-Offset 9000001", 0, 0)]
    [InlineData("-Offset ([long]::MaxValue)", 0, 0)]
    [InlineData("-Length 0", 0, 0)]
    [InlineData("-Length 1", 0, 1)]
    [InlineData("-Offset 4194303 -Length 2", 4_194_303, 2)]
    [InlineData("-Offset 8999999 -Length 100", 8_999_999, 2)]
    [InlineData("-Offset 5 -Length ([long]::MaxValue)", 5, 8_999_996)]
    [InlineData("-First 0", 0, 0)]
    [InlineData("-First 7", 0, 7)]
    [InlineData("-First 4194305", 0, 4_194_305)]
    [InlineData("-First ([long]::MaxValue)", 0, 9_000_001)]
    [InlineData("-Last 0", 0, 0)]
    [InlineData("-Last 7", 8_999_994, 7)]
    [InlineData("-Last 99999999", 0, 9_000_001)]
    public async Task A_range_is_exactly_the_requested_bytes_and_little_else_is_fetched(string parameters, int offset, int length)
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run($"Get-SfBlobData $blob {parameters}").Good;
        Assert.Equal(Content(cluster)[offset..(offset + length)], Bytes(result));

        // Requests have at least 4 KiB, because fewer bytes could not be distinguished from an error of another node.
        Assert.InRange(cluster.DataRequests.Sum(r => r.BytesSent), length, length == 0 ? 0 : length + 4096);
    }

    [Theory]
    [InlineData("Get-SfBlobData $blob -Offset -1", "ParameterArgumentValidationError")]
    [InlineData("Get-SfBlobData $blob -First -1", "ParameterArgumentValidationError")]
    [InlineData("Get-SfBlobData $blob -First 1 -Last 1", "AmbiguousParameterSet")]
    [InlineData("Get-SfBlobData $blob -AsStream -AsText", "AmbiguousParameterSet")]
    [InlineData("Get-SfBlobData $blob -AsText -Encoding klingon", "ParameterArgumentTransformationError")]
    [InlineData("Get-SfBlobData klingon", "BlobUuidInvalid")]
    [InlineData("Get-SfBlobData $unknown", "BlobNotFound")]
    [InlineData("Get-SfBlobData $initial", "BlobNotReady")]
    [InlineData("Get-SfBlobData $initial -AsStream", "BlobNotReady")]
    [InlineData("Get-SfBlobData $vast -AsText", "TextTooLong")]
    public async Task Invalid_input_is_an_error_before_any_data_request(string script, string id)
    {
        await using Cluster cluster = await StartAsync();
        cluster.Emulator.State.AddBlob(new EmulatedBlob { Uuid = (Guid)(cluster.Engine["vast"] = Guid.NewGuid()), Content = new ZeroContent(1L << 29) });
        Assert.Equal(id + Command, cluster.Run(script).OnlyError.FullyQualifiedErrorId);
        Assert.Empty(cluster.DataRequests);
    }

    [Theory]
    [InlineData("utf-8", "")]
    [InlineData("utf-8", "-Encoding utf8")]
    [InlineData("utf-16", "-Encoding Unicode")]
    [InlineData("utf-16BE", "-Encoding bigendianunicode")]
    [InlineData("utf-32", "-Encoding utf-32")]
    [InlineData("latin1", "-Encoding ([Text.Encoding]::Latin1)")]
    [InlineData("ascii", "-Encoding ascii")]
    [InlineData("us-ascii", "-Encoding 20127")]
    [InlineData("utf-32BE", "-Encoding bigendianutf32")]
    [InlineData("ascii", "-Encoding ansi")]
    [InlineData("ascii", "-Encoding OEM")]
    public async Task Text_is_one_string_even_if_a_character_is_split_between_two_chunks(string encoding, string parameter)
    {
        await using Cluster cluster = await Cluster.StartAsync();

        // Each character has three bytes in UTF-8, and the length of a chunk (4 MiB) is not a multiple of three.
        string text = encoding is "utf-8" or "utf-16" or "utf-16BE" or "utf-32" ? "x" + new string('\u20ac', 1_500_000) + "\U0001F600 end" : "plain, 7 bits";
        cluster.Engine["text"] = cluster.Emulator.State.AddBlob(EmulatedBlob.FromBytes(Encoding.GetEncoding(encoding).GetBytes(text))).Uuid;
        string back = Assert.IsType<string>(cluster.Run($"Get-SfBlobData $text -AsText {parameter}").Only.BaseObject);
        Assert.True(text == back, $"{back.Length} characters came back of {text.Length}.");
    }

    [Fact]
    public async Task Text_is_one_string_for_each_blob_and_empty_for_an_empty_range()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Engine["one"] = cluster.Emulator.State.AddBlob(EmulatedBlob.FromBytes("eins\n"u8.ToArray())).Uuid;
        cluster.Engine["two"] = cluster.Emulator.State.AddBlob(EmulatedBlob.FromBytes("zwei"u8.ToArray())).Uuid;
        EngineResult result = cluster.Run("$one, $two | Get-SfBlobData -AsText; Get-SfBlobData $one -AsText -First 0; Get-SfBlobData $one -AsText -Offset 1 -Length 2; Get-SfBlobData $two -Last 2 -AsText").Good;
        Assert.Equal(["eins\n", "zwei", "", "in", "ei"], result.Output.Select(o => (string)o.BaseObject));
    }

    [Fact]
    public async Task A_byte_order_mark_is_removed_and_Encoding_selects_text()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Engine["marked"] = cluster.Emulator.State.AddBlob(EmulatedBlob.FromBytes([.. Encoding.UTF8.Preamble, .. "one"u8])).Uuid;
        cluster.Engine["wide"] = cluster.Emulator.State.AddBlob(EmulatedBlob.FromBytes([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("two")])).Uuid;
        EngineResult result = cluster.Run("Get-SfBlobData $marked -AsText; Get-SfBlobData $wide -Encoding utf-16").Good;
        Assert.Equal(["one", "two"], result.Output.Select(o => (string)o.BaseObject));
    }

    [Fact]
    public async Task A_stream_is_seekable_and_read_only_and_returns_the_requested_bytes()
    {
        await using Cluster cluster = await StartAsync();
        await using Stream stream = Assert.IsType<Stream>(cluster.Run("Get-SfBlobData $blob -AsStream").Only.BaseObject, exactMatch: false);
        byte[] content = Content(cluster);
        Assert.Equal((true, true, false, content.Length), (stream.CanRead, stream.CanSeek, stream.CanWrite, stream.Length));
        Assert.Empty(cluster.DataRequests);
        byte[] buffer = new byte[1000];
        Assert.Equal(8_000_000, stream.Seek(8_000_000, SeekOrigin.Begin));
        await stream.ReadExactlyAsync(buffer, TestContext.Current.CancellationToken);
        Assert.Equal(content[8_000_000..8_001_000], buffer);
        stream.Position = 5;
        stream.ReadExactly(buffer);
        Assert.Equal(content[5..1005], buffer);
        Assert.Equal(content.Length - 3, stream.Seek(-3, SeekOrigin.End));
        Assert.Equal(3, stream.Read(buffer, 0, buffer.Length));
        Assert.Equal(0, stream.Read(buffer, 0, buffer.Length));
        Assert.Equal(content.Length + 10, stream.Seek(10, SeekOrigin.Current));
        Assert.Equal(0, stream.Read(buffer, 0, buffer.Length));
        Assert.Throws<NotSupportedException>(() => stream.Write(buffer));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(1));
        Assert.True(cluster.DataRequests.Sum(r => r.BytesSent) < 4 << 20);
    }

    [Fact]
    public async Task Data_that_does_not_match_the_hash_is_an_error_after_the_last_chunk()
    {
        await using Cluster cluster = await StartAsync();
        _ = cluster.Emulator.State.Blob((Guid)cluster.Engine["blob"]!)!.Sha512;
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.FlipBit, AfterBytes = 100, Times = int.MaxValue });
        EngineResult result = cluster.Run("Get-SfBlobData $blob");
        Assert.Equal(3, result.Output.Count);
        Assert.Equal("HashMismatch" + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidData, result.OnlyError.CategoryInfo.Category);

        // A range cannot be verified with the hash of the whole blob.
        Assert.Empty(cluster.Run("Get-SfBlobData $blob -First 8999999").Errors);
    }

    [Theory]
    [InlineData(FaultKind.CutAfter)]
    [InlineData(FaultKind.EndShort)]
    public async Task An_interrupted_transfer_continues_at_the_last_received_byte(FaultKind kind)
    {
        await using Cluster cluster = await StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = kind, AfterBytes = 1_000_000, Times = 3 });
        Assert.Equal(Content(cluster), Bytes(cluster.Run("Get-SfBlobData $blob").Good));
    }

    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task Select_First_stops_the_transfer_after_the_first_chunk(ServerGeneration generation)
    {
        await using Cluster cluster = await StartAsync(generation);
        EngineResult result = cluster.Run("do { Get-SfBlobData $large | ForEach-Object { $_.Length; break } } while ($false)").Good;
        Assert.Equal(4 << 20, result.Only.BaseObject);
        Assert.InRange(cluster.DataRequests.Sum(r => r.BytesSent), 4 << 20, 32 << 20);

        // A request that was in progress at that time can still be recorded.
        await Task.Delay(300, TestContext.Current.CancellationToken);
        int requests = cluster.DataRequests.Count;
        _ = cluster.Run("Get-SfBlob $large").Good;
        Assert.Equal(requests, cluster.DataRequests.Count);
    }

    [Fact]
    public async Task No_more_than_one_chunk_is_fetched_ahead_of_the_reader()
    {
        await using Cluster cluster = await StartAsync();
        cluster.Engine["requests"] = (Func<int>)(() => cluster.DataRequests.Count);
        EngineResult result = cluster.Run("Get-SfBlobData $large | ForEach-Object { $requests.Invoke() }").Good;
        Assert.Equal(16, result.Output.Count);
        Assert.All(result.Output.Select((o, i) => (Asked: (int)o.BaseObject, Chunk: i + 1)), pair => Assert.InRange(pair.Asked, pair.Chunk, pair.Chunk + 1));
    }

    [Theory]
    [InlineData("Get-SfBlobData $blob")]
    [InlineData("Get-SfBlobData $blob -AsText")]
    public async Task A_stalled_transfer_can_be_stopped(string script)
    {
        await using Cluster cluster = await StartAsync();
        Task met = cluster.Meet(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Stall, AfterBytes = 1_000_000, Skip = 1 });
        using StoppableRun run = cluster.Engine.Start(script);
        await run.StopAfterAsync(met);
        Assert.Empty(run.Stopped().Errors);
    }

    private static async Task<Cluster> StartAsync(ServerGeneration generation = ServerGeneration.C)
    {
        Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { Generation = generation });
        cluster.AddBlob("blob", 9_000_001);
        return cluster;
    }

    private static byte[] Content(Cluster cluster) => cluster.ContentOf((Guid)cluster.Engine["blob"]!);

    private static byte[] Bytes(EngineResult result) => [.. result.Output.SelectMany(o => (byte[])o.BaseObject)];
}
