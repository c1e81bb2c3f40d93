using System.Globalization;
using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Client.Tests.Properties;

public sealed class WrittenJsonProperties
{
    /// <summary>Any UTF-16 text, with characters that need escaping and unpaired surrogates more often than at random.</summary>
    internal static Gen<string> Text => Gen.Frequency(
        (6, Gen.Choose(0, 0xFFFF)), (3, Gen.Choose(' ', '~')), (2, Gen.Choose(0xD800, 0xDFFF)), (2, Gen.Choose(0, 31)), (2, Gen.Elements('"', '\\', '/', '\u007f', '\u2028', '\ufeff').Select(c => (int)c)))
        .ListOf().Select(codes => new string([.. codes.Select(code => (char)code)]));

    private static Gen<object?> Leaf => Gen.OneOf(
        Gen.Elements<object?>(null, true, false, "", "NaN", "-Infinity", "1e999", "null"),
        Text.Select(text => (object?)text),
        ArbMap.Default.GeneratorFor<long>().Select(n => (object?)n),
        Gen.Elements<object?>(0L, long.MaxValue, long.MinValue, BigInteger.One + long.MaxValue, -BigInteger.One + long.MinValue, BigInteger.Pow(10, 4300) - 1, 1 - BigInteger.Pow(10, 4300)),
        ArbMap.Default.GeneratorFor<double>().Select(n => (object?)n),
        Gen.Elements<object?>(double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.0, -0.0, 1.0, -5.0, 1e16, 1e-5, 1e300, double.Epsilon, double.MaxValue, double.MinValue, 123456789.12345679));

    private static Gen<object?> Tree(int depth) => depth == 0
        ? Leaf
        : Gen.OneOf(
            Leaf,
            Tree(depth - 1).ListOf().Select(items => (object?)items.ToList()),
            Text.Zip(Tree(depth - 1)).ListOf().Select(members => (object?)Map(members)));

    private static Dictionary<string, object?> Map(IEnumerable<(string Key, object? Value)> members)
    {
        Dictionary<string, object?> map = new(StringComparer.Ordinal);
        foreach ((string key, object? value) in members)
        {
            map[key] = value;
        }

        return map;
    }

    [Cases(400)]
    public Property A_written_value_is_read_back_unchanged() =>
        Prop.ForAll(Tree(3).ToArbitrary(), value =>
        {
            byte[] written = JsonWriter.Write(value);
            return Same(value, JsonTree.Parse(written)) && written.All(b => b is >= (byte)' ' and <= (byte)'~');
        });

    [Cases(200)]
    public Property Any_text_is_read_back_unchanged_as_value_and_as_key() =>
        Prop.ForAll(Text.ToArbitrary(), text =>
            Same(new Dictionary<string, object?> { [text] = text }, JsonTree.Parse(JsonWriter.Write(new Dictionary<string, object?> { [text] = text }))));

    [Cases(200)]
    public bool Every_float_is_read_back_exactly(double number)
    {
        string written = Encoding.ASCII.GetString(JsonWriter.Write(number));
        return BitConverter.DoubleToInt64Bits(Assert.IsType<double>(JsonTree.Parse(Encoding.ASCII.GetBytes(written)))) == BitConverter.DoubleToInt64Bits(number)
            && (!double.IsFinite(number) || double.Parse(written, CultureInfo.InvariantCulture).Equals(number));
    }

    /// <summary>Whether two values are exactly the same.</summary>
    internal static bool Same(object? one, object? other) => (one, other) switch
    {
        (null, null) => true,
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => Same(pair.First, pair.Second)),
        (Dictionary<string, object?> a, Dictionary<string, object?> b) => a.Keys.SequenceEqual(b.Keys, StringComparer.Ordinal) && a.All(m => Same(m.Value, b[m.Key])),

        // Equals does not distinguish 0 from -0, nor types of numbers.
        (double a, double b) => double.IsNaN(a) ? double.IsNaN(b) : BitConverter.DoubleToInt64Bits(a) == BitConverter.DoubleToInt64Bits(b),
        (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
        _ => one?.GetType() == other?.GetType() && Equals(one, other),
    };
}
