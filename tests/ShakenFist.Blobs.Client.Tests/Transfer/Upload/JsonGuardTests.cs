using System.Text;
using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>The test for chunks that the server interprets as JSON, compared with the JSON reader of the emulator.</summary>
public sealed class JsonGuardTests
{
    private static readonly Encoding[] Encodings =
        [new UTF8Encoding(false), new UTF8Encoding(true), new UnicodeEncoding(false, false), new UnicodeEncoding(false, true), new UnicodeEncoding(true, false), new UnicodeEncoding(true, true), new UTF32Encoding(false, false), new UTF32Encoding(false, true), new UTF32Encoding(true, false), new UTF32Encoding(true, true)];

    [Theory]
    [InlineData("{\"a\":1}")]
    [InlineData(" [1]\r\n")]
    [InlineData("\"x\"")]
    [InlineData("7")]
    [InlineData("-1.5E+7")]
    [InlineData("-Infinity")]
    [InlineData("Infinity")]
    [InlineData("NaN")]
    [InlineData("true\t")]
    public void Every_value_that_the_server_uses_as_arguments_is_guarded(string json)
    {
        foreach (Encoding encoding in Encodings)
        {
            byte[] whole = [.. encoding.GetPreamble(), .. encoding.GetBytes(json)];
            for (int length = 1; length <= whole.Length; length++)
            {
                byte[] chunk = whole[..length];

                Assert.True(JsonGuard.IsNeeded(chunk) || !IsTaken(chunk), $"{encoding.WebName}, {length} bytes of {json}");
                Assert.False(IsTaken([.. chunk, JsonGuard.Byte]), $"{encoding.WebName}, {length} bytes of {json} and the additional byte");
            }
        }
    }

    [Fact]
    public void Random_chunks_that_are_not_guarded_are_not_JSON()
    {
        Random random = new(7);
        string letters = "{}[]\",:0123456789-.eE+truefalsnNaIity \n\0";
        for (int i = 0; i < 200_000; i++)
        {
            byte[] chunk = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(1, 7)).Select(_ => letters[random.Next(letters.Length)])));
            Assert.True(JsonGuard.IsNeeded(chunk) || !IsTaken(chunk), Convert.ToHexString(chunk));
        }
    }

    [Fact]
    public void Ordinary_data_is_rarely_guarded()
    {
        byte[] data = Download.Random(1 << 20);

        Assert.InRange(Enumerable.Range(0, 10_000).Count(i => JsonGuard.IsNeeded(data.AsSpan(i * 100, 100))), 0, 100);
        Assert.False(JsonGuard.IsNeeded(new byte[1000]));
    }

    private static bool IsTaken(byte[] chunk) => PythonJsonReader.TryRead(chunk, out JsonNode? node) && PythonType.IsTruthy(node);
}
