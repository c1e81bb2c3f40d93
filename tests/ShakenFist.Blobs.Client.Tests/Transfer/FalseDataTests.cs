using System.Text;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Responses with status 200 that do not contain data of the blob.</summary>
public sealed class FalseDataTests
{
    private const string Error = """{"error": "invalid JWT in Authorization header", "status": 401}""";
    private const string Page = "<html><body><h1>502 Proxy Error</h1></body></html>";

    public static TheoryData<int, ServerGeneration, bool, string> Errors
    {
        get
        {
            TheoryData<int, ServerGeneration, bool, string> rows = [];
            foreach (string body in new[] { Error, Page, "upstream connect error or disconnect/reset before headers" })
            {
                // The last one cannot be distinguished from data by its form, only by its length.
                int[] sizes = body[0] is '{' or '<' ? [20, body.Length - 1, body.Length, body.Length + 1, 5_000] : [20, body.Length - 1, body.Length + 1, 5_000];
                foreach (int size in sizes)
                {
                    foreach (ServerGeneration generation in Enum.GetValues<ServerGeneration>())
                    {
                        rows.Add(size, generation, true, body);
                        rows.Add(size, generation, false, body);
                    }
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task An_error_of_another_node_is_never_data_and_the_blob_is_fetched_from_another_location(int size, ServerGeneration generation, bool publish, string body)
    {
        await using Download download = await Download.StartAsync(size, generation, publish);
        download.With(new Fault { Kind = FaultKind.WrongBody, Body = body, Times = 2 });
        await download.SavesAsync();
    }

    [Theory]
    [InlineData(20, true)]
    [InlineData(20, false)]
    [InlineData(63, true)]
    [InlineData(63, false)]
    [InlineData(64, false)]
    [InlineData(5_000, false)]
    public async Task A_permanent_error_of_another_node_is_reported_and_the_old_file_is_kept(int size, bool publish)
    {
        Assert.Equal(63, Error.Length);
        foreach (ServerGeneration generation in Enum.GetValues<ServerGeneration>())
        {
            await using Download download = await Download.StartAsync(size, generation, publish);
            download.Cluster.State.SetNode("sf-4", NodeCondition.Unauthorized);
            download.Blob.Locations = ["sf-4"];
            SfException e = await download.FailsOverOldFileAsync(SfErrors.TransferInterrupted);
            Assert.Equal(SfErrors.UnexpectedContent, Assert.IsType<SfException>(e.InnerException).Error);
            Assert.Contains(ErrorText.Received(0, size), e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.B)]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task An_error_instead_of_a_later_range_affects_only_that_range(ServerGeneration generation)
    {
        await using Download download = await Download.StartAsync(400_030, generation, publish: false);
        download.Options = Cluster.Quick with { RequestBytes = 200_000 };
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 400_000, When = r => r.Query == "offset=0" })
            .With(new Fault { Kind = FaultKind.WrongBody, Body = Error, When = r => r.Query.StartsWith("offset=400000", StringComparison.Ordinal), Times = 3 });
        SfBlobSaveResult transfer = await download.SavesAsync();
        Assert.InRange(transfer.BytesReceived, 400_030, 410_000);
    }

    public static TheoryData<string> Beginnings => ["{\"error\": 1}", " {\n \"message\" : \"x\"}", "<html>", "<!DOCTYPE html>", "<?xml version=\"1.0\"?>", "{\"a\": [NaN]}", Error];

    [Theory]
    [MemberData(nameof(Beginnings))]
    public async Task A_blob_that_begins_like_an_error_is_saved_correctly(string beginning)
    {
        foreach (int more in new[] { 0, 1, 300_000 })
        {
            byte[] content = [.. Encoding.ASCII.GetBytes(beginning), .. Download.Random(more)];
            await using Download download = await Download.StartAsync(content, more == 1 ? ServerGeneration.B : ServerGeneration.C, publish: more == 1);
            Assert.Equal(2, (await download.SavesAsync()).RequestCount);
        }
    }

    [Fact]
    public async Task A_blob_that_begins_like_an_error_is_resumed()
    {
        byte[] content = [.. Encoding.ASCII.GetBytes(Error), .. Download.Random(300_000)];
        foreach (ServerGeneration generation in Enum.GetValues<ServerGeneration>())
        {
            await using Download download = await Download.StartAsync(content, generation, publish: false);
            download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = 150_000 });
            Assert.InRange((await download.SavesAsync()).BytesReceived, content.Length, content.Length + 8192 + 200);
        }
    }

    [Fact]
    public async Task A_truncated_error_is_not_accepted_as_the_first_bytes()
    {
        byte[] content = Download.Random(10_000);
        int asked = 0;
        foreach (string body in new[] { Error, "upstream connect error" })
        {
            asked = 0;
            await using RawServer server = RawServer.StartCluster(x => ++asked == 1
                ? x.SendChunkedAsync(Encoding.ASCII.GetBytes(body), properEnd: false)
                : x.SendChunkedAsync(content.AsMemory((int)x.Query("offset")), properEnd: true));
            await SavesAsync(server, content);
        }
    }

    [Fact]
    public async Task A_whole_body_that_is_cut_off_at_the_length_of_the_range_is_not_accepted()
    {
        // Ignores offset and limit, and disconnects after 100 000 bytes. Three such responses have the right total length but the wrong content.
        byte[] content = Download.Random(300_000);
        int asked = 0;
        await using RawServer server = RawServer.StartCluster(x => ++asked <= 3
            ? x.SendChunkedAsync(content.AsMemory(0, 100_000), properEnd: false)
            : x.SendChunkedAsync(content, properEnd: true));
        await SavesAsync(server, content);
    }

    private static async Task SavesAsync(RawServer server, byte[] content)
    {
        using TempFolder folder = new();
        using SfSession session = await Cluster.ConnectAsync(server.Url, null, "banana", false, Cluster.Key, NullLog.Instance);
        SfBlob blob = new() { Uuid = Guid.NewGuid(), Size = content.Length, State = "created" };
        await session.SaveBlobDataAsync(blob, folder.Target, Cluster.Save, NullLog.Instance, Limit.Token);
        Assert.True((await File.ReadAllBytesAsync(folder.Target, Limit.Token)).AsSpan().SequenceEqual(content), "The file is not the blob.");
        folder.ContainsNoPartialFile();
    }

    [Theory]
    [InlineData("{\"error\"", true)]
    [InlineData(" \r\n\t{ \"status\": 1", true)]
    [InlineData("<HTML>", true)]
    [InlineData("<h1>", true)]
    [InlineData("<!--", true)]
    [InlineData("", false)]
    [InlineData("{", false)]
    [InlineData("{1", false)]
    [InlineData("<", false)]
    [InlineData("< a", false)]
    [InlineData("QFI\u00fb", false)]
    [InlineData("x{\"error\"", false)]
    public void A_body_that_begins_like_an_error_is_detected(string head, bool suspected) =>
        Assert.Equal(suspected, ErrorBodyDetector.LooksLikeError(Encoding.Latin1.GetBytes(head)));
}
