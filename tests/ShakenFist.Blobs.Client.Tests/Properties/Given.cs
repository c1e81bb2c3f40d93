using FsCheck;
using FsCheck.Fluent;

namespace ShakenFist.Blobs.Client.Tests.Properties;

/// <summary>Generators that several properties use.</summary>
internal static class Given
{
    /// <summary>Integers of any size, with values near powers of two more often than at random.</summary>
    public static Gen<long> Positive => Gen.OneOf(
        Gen.Choose(1, 5000).Select(n => (long)n),
        from power in Gen.Choose(0, 62) from near in Gen.Choose(-1, 1) select Math.Max(1, (1L << power) + near),
        from high in Gen.Choose(0, int.MaxValue) from low in Gen.Choose(1, int.MaxValue) select ((long)high << 31) | (uint)low,
        Gen.Elements(long.MaxValue, long.MaxValue - 1));

    /// <summary>Any bytes, with those that have a meaning to a parser more often than others.</summary>
    public static Arbitrary<byte[]> Bytes => Shrinking(Gen.Frequency(
        (3, Gen.Choose(0, 255).Select(b => (byte)b)),
        (4, Gen.Elements("{}[]\",:<>\\ \n\r\t0129-+.eEnulNaInfity"u8.ToArray()))).ArrayOf());

    /// <summary>Lists of generated elements. A failure is reduced to as few elements as possible.</summary>
    public static Arbitrary<T[]> List<T>(Gen<T> element, int atLeast = 0) => Shrinking(element.ListOf().Where(l => l.Count >= atLeast).Select(l => l.ToArray()), atLeast);

    private static Arbitrary<T[]> Shrinking<T>(Gen<T[]> lists, int atLeast = 0) => Arb.From(lists, list => Shorter(list).Where(l => l.Length >= atLeast));

    /// <summary>Returns the list without one half, without a quarter, and so on, down to single elements.</summary>
    private static IEnumerable<T[]> Shorter<T>(T[] list)
    {
        for (int cut = (list.Length + 1) / 2; cut > 0; cut /= 2)
        {
            for (int at = 0; at < list.Length; at += cut)
            {
                yield return [.. list[..at], .. list[Math.Min(list.Length, at + cut)..]];
            }
        }
    }
}
