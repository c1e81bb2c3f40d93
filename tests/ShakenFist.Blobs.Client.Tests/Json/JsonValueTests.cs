using System.Numerics;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class JsonValueTests
{
    public static TheoryData<object?, long?> Longs => new()
    {
        { 5L, 5 },
        { 5.0, 5 },
        { 1e15, 1_000_000_000_000_000 },
        { "5", 5 },
        { "5.0", 5 },
        { "1e3", 1000 },
        { -1L, -1 },
        { double.NaN, null },
        { double.PositiveInfinity, null },
        { 1e300, null },
        { -9223372036854775808.0, long.MinValue },
        { 9223372036854775808.0, null },
        { 9223372036854774784.0, 9223372036854774784 },
        { "1e300", null },
        { "Infinity", null },
        { "five", null },
        { "", null },
        { true, null },
        { null, null },
        { new BigInteger(5), null },
    };

    [Theory]
    [MemberData(nameof(Longs))]
    public void Integers_are_converted_from_every_form(object? value, long? expected) => Assert.Equal(expected, JsonValue.AsLong(value));

    [Fact]
    public void Floats_are_converted_from_every_form()
    {
        Assert.Equal(1.1, JsonValue.AsDouble(1.1));
        Assert.Equal(1.0, JsonValue.AsDouble(1L));
        Assert.Equal(1.1, JsonValue.AsDouble("1.1"));
        Assert.Equal(1e20, JsonValue.AsDouble(BigInteger.Pow(10, 20)));
        Assert.Equal(double.NaN, JsonValue.AsDouble(double.NaN));
        Assert.Null(JsonValue.AsDouble("1,1"));
        Assert.Null(JsonValue.AsDouble(false));
    }

    [Fact]
    public void Numbers_and_booleans_are_converted_to_text_but_objects_and_lists_are_not()
    {
        Assert.Equal("4 KiB", JsonValue.AsText("4 KiB"));
        Assert.Equal("4096", JsonValue.AsText(4096L));
        Assert.Equal("1.5", JsonValue.AsText(1.5));
        Assert.Equal("true", JsonValue.AsText(true));
        Assert.Equal("false", JsonValue.AsText(false));
        Assert.Null(JsonValue.AsText(null));
        Assert.Null(JsonValue.AsText(new List<object?>()));
    }

    [Fact]
    public void Booleans_are_converted_from_booleans_words_and_numbers()
    {
        Assert.True(JsonValue.AsBool(true));
        Assert.False(JsonValue.AsBool("false"));
        Assert.True(JsonValue.AsBool("True"));
        Assert.False(JsonValue.AsBool(0L));
        Assert.Null(JsonValue.AsBool("no"));
        Assert.Null(JsonValue.AsBool(1.5));
    }

    [Theory]
    [InlineData(0.0, "1970-01-01T00:00:00.0000000")]
    [InlineData(1795373770.7644176, "2026-11-22T18:56:10.7644180")]
    [InlineData(-1.5, "1969-12-31T23:59:58.5000000")]
    public void Times_are_local_to_the_microsecond(double seconds, string expected)
    {
        DateTime? time = JsonValue.AsTime(seconds);
        Assert.Equal(DateTimeKind.Local, time!.Value.Kind);
        Assert.Equal(expected + "Z", time.Value.ToUniversalTime().ToString("O", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e18)]
    [InlineData(-1e18)]
    [InlineData(253402300800.0)]
    [InlineData(-62135596800.0)]
    public void Times_outside_the_range_of_DateTime_are_null(double seconds) => Assert.Null(JsonValue.AsTime(seconds));

    [Fact]
    public void The_last_moments_of_the_calendar_do_not_overflow()
    {
        Assert.NotNull(JsonValue.AsTime(Math.BitDecrement(253402300800.0)));
        Assert.NotNull(JsonValue.AsTime(Math.BitIncrement(-62135596800.0)));
        Assert.Equal(JsonValue.AsTime(5L), JsonValue.AsTime("5.0"));
    }

    [Fact]
    public void A_list_with_an_invalid_element_is_null()
    {
        Guid one = Guid.NewGuid();
        Assert.Equal([one], JsonValue.AsGuids(new List<object?> { one.ToString() })!);
        Assert.Null(JsonValue.AsGuids(new List<object?> { one.ToString(), "x" }));
        Assert.Null(JsonValue.AsGuids("x"));
        Assert.Equal(["a", "b"], JsonValue.AsTexts(new List<object?> { "a", "b" })!);
        Assert.Null(JsonValue.AsTexts(new List<object?> { "a", 1L }));
        Assert.Null(JsonValue.AsTexts(null));
        Assert.Null(JsonValue.AsGuid(7L));
    }
}
