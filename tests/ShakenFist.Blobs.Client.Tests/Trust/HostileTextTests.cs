using System.Text;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Json;
using ShakenFist.Blobs.Model;

namespace ShakenFist.Blobs.Client.Tests.Trust;

/// <summary>
/// Tests that parsers of malicious text allocate memory in proportion to its length. The allocations of one thread are counted, so other threads have no effect.
/// </summary>
public sealed class HostileTextTests
{
    private const int Length = 1024 * 1024;

    // Maximum memory for each byte of text, and the constant overhead. An empty dictionary takes 80 bytes, and its text is three bytes long.
    private const int Factor = 60;
    private const int Base = 64 * 1024 * 1024;

    private static readonly Dictionary<string, Action<byte[]>> Readers = new()
    {
        ["JSON"] = utf8 => JsonTree.Parse(utf8),
        ["a blob"] = utf8 => BlobReader.Read(utf8),
        ["an error"] = utf8 => AnswerErrors.ReasonIn(utf8),
        ["the root page"] = utf8 => SfCapabilities.Parse(Encoding.UTF8.GetString(utf8)),
        ["text to be shown"] = utf8 => ServerText.Clean(Encoding.UTF8.GetString(utf8), int.MaxValue),
    };

    private static readonly Dictionary<string, Func<byte[]>> Texts = new()
    {
        ["arrays in arrays"] = () => Repeat("", "[", ""),
        ["objects in objects"] = () => Repeat("", "{\"a\":", ""),
        ["empty lists"] = () => Repeat("[", "[],", "[]]"),
        ["empty objects"] = () => Repeat("[", "{},", "{}]"),
        ["members of one name"] = () => Repeat("{", "\"a\":1,", "\"a\":1}"),
        ["members of many names"] = () => Numbered("{", i => $"\"{i}\":{i},", "\"a\":1}"),
        ["one long string"] = () => Repeat("{\"metadata\":{\"a\":\"", "x", "\"}}"),
        ["escapes"] = () => Repeat("{\"error\":\"", "\\u001b", "\"}"),
        ["lone surrogates"] = () => Repeat("{\"error\":\"", "\\ud800", "\"}"),
        ["NaN"] = () => Repeat("[", "NaN,", "NaN]"),
        ["one long number"] = () => Repeat("", "9", ""),
        ["long numbers"] = () => Repeat("[", new string('9', 4000) + ",", "1]"),
        ["spaces"] = () => Repeat("", " ", ""),
        ["a string without an end"] = () => Repeat("\"", "a", ""),
        ["capabilities"] = () => Repeat("<ul>", "<li>a:b,c", "</ul>"),
        ["one family of many names"] = () => Repeat("<li>a:", "b,", "</li>"),
        ["tags without an end"] = () => Repeat("", "<li>", ""),
        ["broken bytes"] = () => Enumerable.Repeat((byte)0xff, Length).ToArray(),
    };

    public static TheoryData<string, string> Pairs
    {
        get
        {
            TheoryData<string, string> pairs = [];
            foreach (string reader in Readers.Keys)
            {
                foreach (string text in Texts.Keys)
                {
                    pairs.Add(reader, text);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Parsing_uses_memory_in_proportion_to_the_text(string reader, string text)
    {
        byte[] utf8 = Texts[text]();
        long allocated = await Task.Run(() => Measure(() => Readers[reader](utf8))).WaitAsync(Limit.Token);
        Assert.InRange(allocated, 0, Base + (Factor * (long)utf8.Length));
    }

    [Fact]
    public void A_text_with_too_many_values_is_rejected()
    {
        byte[] utf8 = Repeat("[", "1,", "1]", 2 * (JsonTree.MaxValues + 10));
        System.Text.Json.JsonException e = Assert.Throws<System.Text.Json.JsonException>(() => JsonTree.Parse(utf8));
        Assert.Contains($"more than {JsonTree.MaxValues} values", e.Message, StringComparison.Ordinal);
    }

    private static long Measure(Action read)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read();
        }
        catch (System.Text.Json.JsonException)
        {
            // Rejecting the text is also acceptable.
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static byte[] Repeat(string begin, string again, string end, int length = Length) => Numbered(begin, _ => again, end, length);

    private static byte[] Numbered(string begin, Func<int, string> again, string end, int length = Length)
    {
        StringBuilder text = new(begin, length + 5000);
        for (int i = 0; text.Length < length; i++)
        {
            text.Append(again(i));
        }

        return Encoding.ASCII.GetBytes(text.Append(end).ToString());
    }
}
