using System.Net;
using System.Net.Http.Headers;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class RangeEndpointTests
{
    [Theory]
    [InlineData(0L, 9L, 0, 10)]
    [InlineData(5L, null, 5, 95)]
    [InlineData(90L, 900L, 90, 10)]
    [InlineData(null, 3L, 97, 3)]
    public async Task A_range_is_served_like_by_a_file_server(long? from, long? to, int start, int length)
    {
        await using SfEmulator emulator = await SfEmulator.StartAsync(null, Limit.Token);
        byte[] content = Download.Random(100);
        Guid uuid = emulator.State.AddBlob(EmulatedBlob.FromBytes(content)).Uuid;
        using HttpClient http = new() { BaseAddress = emulator.Url };
        using HttpRequestMessage request = new(HttpMethod.Get, $"/emulator/data/{uuid}") { Headers = { Range = new RangeHeaderValue(from, to) } };
        using HttpResponseMessage answer = await http.SendAsync(request, Limit.Token);
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal($"bytes {start}-{start + length - 1}/100", answer.Content.Headers.ContentRange!.ToString());
        Assert.Equal(content[start..(start + length)], await answer.Content.ReadAsByteArrayAsync(Limit.Token));
        Assert.Equal(content, await http.GetByteArrayAsync(new Uri(emulator.Url, $"/emulator/data/{uuid}"), Limit.Token));
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri(emulator.Url, $"/emulator/data/{Guid.NewGuid()}"), Limit.Token)).StatusCode);
        using HttpRequestMessage beyond = new(HttpMethod.Get, $"/emulator/data/{uuid}") { Headers = { Range = new RangeHeaderValue(100, null) } };
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, (await http.SendAsync(beyond, Limit.Token)).StatusCode);
    }
}
