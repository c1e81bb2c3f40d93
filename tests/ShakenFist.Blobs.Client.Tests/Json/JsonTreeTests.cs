using System.Numerics;
using System.Text;
using System.Text.Json;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class JsonTreeTests
{
    private static object? Parse(string text) => JsonTree.Parse(Encoding.UTF8.GetBytes(text));

    private static Dictionary<string, object?> Members(string text) => Assert.IsType<Dictionary<string, object?>>(Parse(text));

    [Fact]
    public void Plain_values_are_returned_as_plain_types()
    {
        Dictionary<string, object?> members = Members("""{"i": -42, "d": 1.5, "t": true, "f": false, "n": null, "s": "x", "l": [1, "two", []], "o": {}}""");
        Assert.Equal(-42L, members["i"]);
        Assert.Equal(1.5, members["d"]);
        Assert.Equal(true, members["t"]);
        Assert.Equal(false, members["f"]);
        Assert.Null(members["n"]);
        Assert.Equal("x", members["s"]);
        Assert.Equal([1L, "two", new List<object?>()], Assert.IsType<List<object?>>(members["l"]));
        Assert.Empty(Assert.IsType<Dictionary<string, object?>>(members["o"]));
    }

    [Fact]
    public void The_literals_of_Python_are_numbers_outside_strings_and_text_inside()
    {
        Dictionary<string, object?> members = Members("""{"NaN": NaN, "Infinity":Infinity,"m":-Infinity, "s": "NaN, \"Infinity", "l": [NaN,-Infinity]}""");
        Assert.Equal(double.NaN, members["NaN"]);
        Assert.Equal(double.PositiveInfinity, members["Infinity"]);
        Assert.Equal(double.NegativeInfinity, members["m"]);
        Assert.Equal("NaN, \"Infinity", members["s"]);
        Assert.Equal([double.NaN, double.NegativeInfinity], Assert.IsType<List<object?>>(members["l"]));
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData(" NaN\n")]
    public void A_literal_can_be_the_whole_text(string text) => Assert.Equal(double.NaN, Parse(text));

    [Theory]
    [InlineData("1NaN")]
    [InlineData("-NaN1")]
    [InlineData("[1Infinity]")]
    [InlineData("[Infinity5]")]
    [InlineData("[InfinityNaN]")]
    [InlineData("[--Infinity]")]
    [InlineData("{NaN: 1}")]
    public void A_literal_that_is_not_separated_is_rejected(string text) => Assert.ThrowsAny<JsonException>(() => Parse(text));

    [Fact]
    public void Lone_surrogates_survive_in_values_and_names()
    {
        Dictionary<string, object?> members = Members("""{"a\ud800\n\t\r\b\f\"\\\/z": "\udfff\ud83d\ude00", "ok": "\ud83d\ude00"}""");
        Assert.Equal("\udfff\ud83d\ude00", members["a\ud800\n\t\r\b\f\"\\/z"]);
        Assert.Equal("\ud83d\ude00", members["ok"]);
    }

    [Fact]
    public void Numbers_too_large_for_a_long_stay_exact()
    {
        List<object?> items = Assert.IsType<List<object?>>(Parse("[9223372036854775807, 9223372036854775808, -9223372036854775809, 123456789012345678901234567890]"));
        Assert.Equal(long.MaxValue, items[0]);
        Assert.Equal(BigInteger.Parse("9223372036854775808", null), items[1]);
        Assert.Equal(BigInteger.Parse("-9223372036854775809", null), items[2]);
        Assert.Equal(BigInteger.Parse("123456789012345678901234567890", null), items[3]);
    }

    [Fact]
    public void A_number_of_a_million_digits_is_rejected_without_computing_it()
    {
        Assert.IsType<BigInteger>(Parse(new string('9', 4300)));
        Assert.ThrowsAny<JsonException>(() => Parse(new string('9', 1_000_000)));
    }

    [Fact]
    public void The_last_of_duplicate_keys_is_used() => Assert.Equal(2L, Members("""{"a": 1, "b": 0, "a": 2}""")["a"]);

    [Fact]
    public void Keys_that_differ_in_case_are_different_keys() => Assert.Equal(2, Members("""{"a": 1, "A": 2}""").Count);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000_000)]
    public void A_value_nested_deeper_than_the_limit_is_kept_as_text(int deeper)
    {
        string rest = new string('[', deeper) + new string(']', deeper);
        object? value = Parse($"{new string('[', JsonTree.MaxDepth)}{rest}{new string(']', JsonTree.MaxDepth)}");
        for (int level = 1; level < JsonTree.MaxDepth; level++)
        {
            value = Assert.Single(Assert.IsType<List<object?>>(value));
        }

        Assert.Equal(deeper == 0 ? [] : [rest], Assert.IsType<List<object?>>(value));
    }

    [Fact]
    public void A_value_that_was_partly_kept_as_text_is_not_written()
    {
        string deep = new string('[', JsonTree.MaxDepth + 1) + new string(']', JsonTree.MaxDepth + 1);
        Assert.Throws<JsonException>(() => JsonWriter.Write(Parse(deep)));
        Assert.Throws<JsonException>(() => JsonWriter.Write(Members("{\"metadata\": {\"deep\": " + deep + "}}")["metadata"]));
    }

    [Fact]
    public void Unlimited_nesting_is_a_parse_error() => Assert.ThrowsAny<JsonException>(() => Parse(new string('[', 1_000_000)));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{} {}")]
    [InlineData("{}x")]
    [InlineData("1 2")]
    [InlineData("{\"a\": NaN} junk")]
    [InlineData("{\"a\"")]
    [InlineData("[1,]")]
    [InlineData("'a'")]
    [InlineData("\"\\x41\"")]
    [InlineData("\"a\nb\"")]
    public void Text_that_is_not_one_JSON_value_is_a_parse_error(string text) => Assert.ThrowsAny<JsonException>(() => Parse(text));

    [Fact]
    public void Broken_UTF8_inside_a_text_becomes_replacement_characters()
    {
        byte[] text = [.. "{\"a\": \""u8, 0xFF, 0x41, 0xC3, .. "\"}"u8];
        Assert.Equal("\uFFFDA\uFFFD", Assert.IsType<Dictionary<string, object?>>(JsonTree.Parse(text))["a"]);
    }

    [Fact]
    public void Broken_UTF8_outside_a_text_is_a_parse_error() => Assert.ThrowsAny<JsonException>(() => JsonTree.Parse([0xFF, (byte)'1']));
}
