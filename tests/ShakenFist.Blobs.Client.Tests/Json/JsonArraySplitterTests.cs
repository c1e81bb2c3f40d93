using System.Text;
using System.Text.Json;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class JsonArraySplitterTests
{
    /// <summary>Returns the elements of a text that arrives in pieces of these lengths. The last length is repeated.</summary>
    internal static async Task<List<string>> SplitAsync(byte[] text, params int[] pieces)
    {
        int at = 0;
        int piece = 0;
        ValueTask<int> Read(Memory<byte> buffer)
        {
            Assert.False(buffer.IsEmpty);
            int wanted = pieces.Length == 0 ? int.MaxValue : pieces[Math.Min(piece++, pieces.Length - 1)];
            int count = Math.Min(Math.Min(wanted, buffer.Length), text.Length - at);
            text.AsSpan(at, count).CopyTo(buffer.Span);
            at += count;
            return ValueTask.FromResult(count);
        }

        List<string> elements = [];
        await foreach (ReadOnlyMemory<byte> element in new JsonArraySplitter().ReadAsync(Read))
        {
            elements.Add(Encoding.UTF8.GetString(element.Span).Trim());
        }

        return elements;
    }

    private static Task<List<string>> SplitAsync(string text, params int[] pieces) => SplitAsync(Encoding.UTF8.GetBytes(text), pieces);

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Elements_are_complete_regardless_of_how_the_bytes_arrive(int piece) =>
        Assert.Equal(
            ["{\"a\": \"],[\\\"}\\\\\", \"b\": [1, {}]}", "7", "\"\\\\\"", "null", "[[],[]]"],
            await SplitAsync(" \r\n[ {\"a\": \"],[\\\"}\\\\\", \"b\": [1, {}]}\t, 7,\"\\\\\" , null,[[],[]]\n] \n", piece));

    [Theory]
    [InlineData("[]")]
    [InlineData(" [ ] ")]
    [InlineData("[\n]\n")]
    public async Task An_empty_list_has_no_elements(string text) => Assert.Empty(await SplitAsync(text, 1));

    [Theory]
    [InlineData("", "empty")]
    [InlineData("  ", "empty")]
    [InlineData("[", "cut off")]
    [InlineData("[1", "cut off")]
    [InlineData("[1,", "cut off")]
    [InlineData("[1, {\"a\": 2}", "cut off")]
    [InlineData("[\"abc]", "cut off")]
    [InlineData("[}]", "cut off")]
    public async Task An_early_end_is_reported(string text, string message)
    {
        Assert.Contains(message, (await Assert.ThrowsAsync<JsonException>(() => SplitAsync(text))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<JsonException>(() => SplitAsync(text, 1));
    }

    [Theory]
    [InlineData("{}", "not a list")]
    [InlineData("null", "not a list")]
    [InlineData("\"[]\"", "not a list")]
    [InlineData("<html>", "not a list")]
    [InlineData("[,1]", "not valid JSON")]
    [InlineData("[1,]", "not valid JSON")]
    [InlineData("[1,,2]", "not valid JSON")]
    [InlineData("[1] 2", "not valid JSON")]
    [InlineData("[]]", "not valid JSON")]
    public async Task A_response_that_is_not_one_list_is_reported(string text, string message) =>
        Assert.Contains(message, (await Assert.ThrowsAsync<JsonException>(() => SplitAsync(text))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task An_element_larger_than_the_buffer_is_returned_and_one_larger_than_the_limit_is_rejected()
    {
        string large = "\"" + new string('x', 1_000_000) + "\"";
        Assert.Equal([large, "1"], await SplitAsync($"[{large},1]", 70_000));
        byte[] endless = new byte[JsonArraySplitter.MaxElementBytes + 2];
        Array.Fill(endless, (byte)'1');
        endless[0] = (byte)'[';
        JsonException e = await Assert.ThrowsAsync<JsonException>(() => SplitAsync(endless));
        Assert.Contains("16 MiB", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_element_is_returned_before_the_second_is_read()
    {
        Queue<string> arriving = new(["[1,", "2,", "3]"]);
        await foreach (ReadOnlyMemory<byte> element in new JsonArraySplitter().ReadAsync(Read))
        {
            int number = element.Span[0] - '0';
            Assert.Equal(3 - number, arriving.Count);
        }

        ValueTask<int> Read(Memory<byte> buffer) => ValueTask.FromResult(arriving.TryDequeue(out string? text) ? Encoding.ASCII.GetBytes(text, buffer.Span) : 0);
    }
}
