using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace ShakenFist.Blobs.Json;

/// <summary>
/// Parses the JSON of this server into .NET values: dictionaries (ordinal, in the order of the text), lists, strings,
/// <see cref="long"/>, <see cref="BigInteger"/>, <see cref="double"/>, <see cref="bool"/> and null.
/// Also accepts what Python's encoder writes: the literals NaN, Infinity, and -Infinity, unpaired surrogates, and repeated keys (the last one is used).
/// </summary>
internal static class JsonTree
{
    /// <summary>
    /// The maximum depth of parsed values. Values that are nested more deeply are kept as JSON text: any namespace can store such metadata, and it must not make the blob
    /// or the list unreadable.
    /// </summary>
    public const int MaxDepth = 128;

    /// <summary>The maximum number of digits, the same as in Python. The parsing time grows with the square of the number.</summary>
    public const int MaxDigits = 4300;

    /// <summary>
    /// The maximum number of values in one text, not counting member names. Without it, a few bytes of a malicious text could use a hundred bytes of memory each.
    /// </summary>
    public const int MaxValues = 2 * 1024 * 1024;

    // Valid JSON numbers replace the literals that JSON does not have. The infinities are numbers that overflow.
    // NaN is a form of zero that no encoder writes.
    private const string NaNSpelling = "-0.00000000e-000000097";
    private const string InfinitySpelling = "1e999";

    /// <summary>Parses one value.</summary>
    /// <exception cref="JsonException">The text is not valid, even with these extensions.</exception>
    public static object? Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return ParseStrict(utf8);
        }
        catch (JsonException)
        {
            byte[]? repaired = SpellOutLiterals(utf8);
            if (repaired is null)
            {
                throw;
            }

            return ParseStrict(repaired);
        }
    }

    private static object? ParseStrict(ReadOnlySpan<byte> utf8)
    {
        Utf8JsonReader reader = new(utf8, new JsonReaderOptions { MaxDepth = int.MaxValue });
        reader.Read();
        int left = MaxValues;
        object? value = ReadValue(ref reader, utf8, ref left);
        return reader.Read() ? throw new JsonException("The JSON text contains more than one value.") : value;
    }

    private static object? ReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, ref int left) => --left < 0 ? throw new JsonException($"The JSON text contains more than {MaxValues} values.") : reader.TokenType switch
    {
        JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth >= MaxDepth => ReadRaw(ref reader, utf8),
        JsonTokenType.StartObject => ReadObject(ref reader, utf8, ref left),
        JsonTokenType.StartArray => ReadArray(ref reader, utf8, ref left),
        JsonTokenType.String => ReadString(ref reader),
        JsonTokenType.Number => ReadNumber(ref reader),
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => null,
    };

    private static Dictionary<string, object?> ReadObject(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, ref int left)
    {
        Dictionary<string, object?> members = new(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string name = ReadString(ref reader);
            reader.Read();
            members[name] = ReadValue(ref reader, utf8, ref left);
        }

        return members;
    }

    private static List<object?> ReadArray(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, ref int left)
    {
        List<object?> items = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(ReadValue(ref reader, utf8, ref left));
        }

        return items;
    }

    private static string ReadRaw(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        return Encoding.UTF8.GetString(utf8[start..(int)reader.BytesConsumed]);
    }

    private static object ReadNumber(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out long integer))
        {
            return integer;
        }

        ReadOnlySpan<byte> text = reader.ValueSpan;
        if (text.IndexOfAny("eE."u8) < 0)
        {
            if (text.Length > MaxDigits + 1)
            {
                throw new JsonException($"A number has more than {MaxDigits} digits.");
            }

            return BigInteger.Parse(Encoding.ASCII.GetString(text), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        }

        return text.SequenceEqual(Encoding.ASCII.GetBytes(NaNSpelling)) ? double.NaN : reader.GetDouble();
    }

    private static string ReadString(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // An unpaired surrogate or an invalid byte: the reader rejects it, but a .NET string can contain it.
            return Unescape(Encoding.UTF8.GetString(reader.ValueSpan));
        }
    }

    private static string Unescape(string raw)
    {
        StringBuilder text = new(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\' || i + 1 >= raw.Length)
            {
                text.Append(raw[i]);
                continue;
            }

            char escape = raw[++i];
            if (escape == 'u' && i + 4 < raw.Length)
            {
                text.Append((char)ushort.Parse(raw.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
            }
            else
            {
                text.Append(escape switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', _ => escape });
            }
        }

        return text.ToString();
    }

    /// <summary>Replaces each literal outside strings. Returns null if there is none.</summary>
    private static byte[]? SpellOutLiterals(ReadOnlySpan<byte> utf8)
    {
        ArrayBufferWriter<byte> output = new(utf8.Length + 64);
        bool inString = false;
        bool found = false;
        for (int i = 0; i < utf8.Length; i++)
        {
            byte b = utf8[i];
            if (inString && b == '\\' && i + 1 < utf8.Length)
            {
                output.Write(utf8.Slice(i++, 2));
                continue;
            }

            if (b == '"')
            {
                inString = !inString;
            }

            bool alone = !inString && (i == 0 || !char.IsAsciiLetterOrDigit((char)utf8[i - 1]));
            if (alone && b == 'N' && utf8[i..].StartsWith("NaN"u8))
            {
                output.Write(Encoding.ASCII.GetBytes(NaNSpelling + " "));
                i += "NaN"u8.Length - 1;
                found = true;
            }
            else if (alone && b == 'I' && utf8[i..].StartsWith("Infinity"u8))
            {
                output.Write(Encoding.ASCII.GetBytes(InfinitySpelling + " "));
                i += "Infinity"u8.Length - 1;
                found = true;
            }
            else
            {
                output.Write(utf8.Slice(i, 1));
            }
        }

        return found ? output.WrittenSpan.ToArray() : null;
    }
}
