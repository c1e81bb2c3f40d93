using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class JsonWriterTests
{
    private static string Write(object? value) => Encoding.ASCII.GetString(JsonWriter.Write(value));

    private static object? Nested(int levels)
    {
        object? value = levels > 0 ? new List<object?>() : "x";
        for (int i = 1; i < levels; i++)
        {
            value = i % 2 == 0 ? new List<object?> { value } : new Dictionary<string, object?> { ["k"] = value };
        }

        return value;
    }

    public static TheoryData<object?, string> Values => new()
    {
        { null, "null" },
        { true, "true" },
        { false, "false" },
        { 42, "42" },
        { (byte)7, "7" },
        { sbyte.MinValue, "-128" },
        { ushort.MaxValue, "65535" },
        { uint.MaxValue, "4294967295" },
        { ulong.MaxValue, "18446744073709551615" },
        { BigInteger.Parse("-123456789012345678901234567890", CultureInfo.InvariantCulture), "-123456789012345678901234567890" },
        { 1.10m, "1.10" },
        { 1.0, "1.0" },
        { -0.0, "-0.0" },
        { 1.5f, "1.5" },
        { 1e300, "1E+300" },
        { double.NaN, "NaN" },
        { double.PositiveInfinity, "Infinity" },
        { double.NegativeInfinity, "-Infinity" },
        { float.NaN, "NaN" },
        { "", "\"\"" },
        { "a\"\\/\n\0\u007fé😀\ud800", "\"a\\\"\\\\/\\u000a\\u0000\\u007f\\u00e9\\ud83d\\ude00\\ud800\"" },
        { new object?[] { 1, "two", null, Array.Empty<int>() }, "[1,\"two\",null,[]]" },
        { new Hashtable { [1] = true }, "{\"1\":true}" },
        { new Dictionary<string, object?> { ["b"] = 1, ["a"] = new Hashtable() }, "{\"b\":1,\"a\":{}}" },
        { Enumerable.Range(1, 2).Where(n => n > 0), "[1,2]" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Each_type_is_written_in_one_form(object? value, string json) => Assert.Equal(json, Write(value));

    // Bodies of the recorded exchanges, which a Python server has parsed and stored.
    [Theory]
    [InlineData("""{"colour":"blue","count":42,"flag":true,"owner":{"n":3,"name":"ada","tags":["a","b"]},"\u00fcnic\u00f6de key":"\u2713 \ud83d\ude00"}""")]
    [InlineData("""{"value":["a",{"b":[1,null]}]}""")]
    [InlineData("""{"value":12345678901234567890}""")]
    [InlineData("""{"value":123456789.12345679}""")]
    [InlineData("""{"value":"\u2713 \ud83d\ude00 \u00fc"}""")]
    public void Values_from_the_server_are_written_in_the_same_form(string json) => Assert.Equal(json, Write(JsonTree.Parse(Encoding.UTF8.GetBytes(json))));

    [Fact]
    public void Numbers_do_not_depend_on_the_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            foreach (string culture in new[] { "de-DE", "ar-SA", "tr-TR", "sv-SE" })
            {
                CultureInfo.CurrentCulture = new CultureInfo(culture);
                Assert.Equal("[-1.5,-7,2.5,1E-05,{\"-1\":1}]", Write(new object[] { -1.5, -7, 2.5m, 1e-5, new Hashtable { [-1] = 1 } }));
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void The_depth_is_limited_so_that_a_written_value_can_be_read_inside_a_record()
    {
        byte[] written = JsonWriter.Write(Nested(JsonWriter.MaxDepth));
        byte[] record = [.. "{\"metadata\":"u8, .. written, .. "}"u8];
        Assert.IsType<Dictionary<string, object?>>(JsonTree.Parse(record));
        Assert.Throws<JsonException>(() => JsonWriter.Write(Nested(JsonWriter.MaxDepth + 1)));
        Assert.Throws<JsonException>(() => JsonWriter.Write(Nested(1_000)));
    }

    [Fact]
    public void A_value_that_contains_itself_is_rejected()
    {
        List<object?> list = [];
        list.Add(list);
        Hashtable map = [];
        map["self"] = map;
        Assert.Throws<JsonException>(() => JsonWriter.Write(list));
        Assert.Throws<JsonException>(() => JsonWriter.Write(map));
    }

    [Fact]
    public void Numbers_with_more_digits_than_the_limit_are_not_written()
    {
        BigInteger largest = BigInteger.Pow(10, JsonTree.MaxDigits) - 1;
        Assert.Equal(largest, JsonTree.Parse(JsonWriter.Write(largest)));
        Assert.Equal(-largest, JsonTree.Parse(JsonWriter.Write(-largest)));
        Assert.Throws<JsonException>(() => JsonWriter.Write(largest + 1));
        Assert.Throws<JsonException>(() => JsonWriter.Write(-largest - 1));
    }

    public static TheoryData<object> Strangers => [new object(), 'c', DateTime.UnixEpoch, Guid.Empty, new Uri("http://h"), DayOfWeek.Friday, (Action)(() => { }), new KeyValuePair<string, int>("a", 1)];

    [Theory]
    [MemberData(nameof(Strangers))]
    public void A_type_without_a_JSON_form_is_rejected_with_its_name(object stranger)
    {
        JsonException e = Assert.Throws<JsonException>(() => JsonWriter.Write(new object[] { stranger }));
        Assert.Contains(stranger.GetType().Name, e.Message, StringComparison.Ordinal);
    }
}
