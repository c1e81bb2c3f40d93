using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>
/// Parses JSON like json.loads in Python: UTF-8, UTF-16, or UTF-32, NaN and Infinity, unpaired surrogates, and integers of any size. Of several members with the same
/// name, the last is used. Throws <see cref="FormatException"/> if the text is not valid.
/// </summary>
internal ref struct PythonJsonReader
{
    private readonly ReadOnlySpan<char> _text;
    private int _at;
    private int _depth;

    private PythonJsonReader(ReadOnlySpan<char> text) => _text = text;

    /// <returns>False if the bytes are not valid JSON. True, with a null node, for the JSON value null.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out JsonNode? node)
    {
        node = null;
        try
        {
            var reader = new PythonJsonReader(Decode(bytes));
            node = reader.Value();
            reader.SkipSpace();
            return reader._at == reader._text.Length;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            return false;
        }
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        Encoding encoding = bytes switch
        {
            [0xFF, 0xFE, 0, 0, ..] or [not 0, 0, 0, 0, ..] => new UTF32Encoding(false, true, true),
            [0xFF, 0xFE, ..] or [not 0, 0, ..] => new UnicodeEncoding(false, true, true),
            [0, 0, _, _, ..] => new UTF32Encoding(true, true, true),
            [0xFE, 0xFF, ..] or [0, _, ..] => new UnicodeEncoding(true, true, true),
            _ => new UTF8Encoding(true, true),
        };
        ReadOnlySpan<byte> preamble = encoding.Preamble;
        return encoding.GetString(bytes.StartsWith(preamble) ? bytes[preamble.Length..] : bytes);
    }

    private JsonNode? Value()
    {
        // Python fails at its recursion limit of about 1000.
        if (++_depth > 900)
        {
            throw new FormatException("Too deep.");
        }

        SkipSpace();
        JsonNode? node = Peek() switch
        {
            '{' => Members(),
            '[' => Items(),
            '"' => JsonValue.Create(Text()),
            't' when Word("true") => JsonValue.Create(true),
            'f' when Word("false") => JsonValue.Create(false),
            'n' when Word("null") => null,
            'N' when Word("NaN") => JsonValue.Create(double.NaN),
            'I' when Word("Infinity") => JsonValue.Create(double.PositiveInfinity),
            '-' when Word("-Infinity") => JsonValue.Create(double.NegativeInfinity),
            _ => Number(),
        };
        _depth--;
        return node;
    }

    private JsonObject Members()
    {
        var members = new JsonObject();
        _at++;
        SkipSpace();
        if (Take('}'))
        {
            return members;
        }

        do
        {
            SkipSpace();
            string name = Text();
            SkipSpace();
            Expect(':');
            members[name] = Value();
            SkipSpace();
        }
        while (Take(','));

        Expect('}');
        return members;
    }

    private JsonArray Items()
    {
        var items = new JsonArray();
        _at++;
        SkipSpace();
        if (Take(']'))
        {
            return items;
        }

        do
        {
            items.Add(Value());
            SkipSpace();
        }
        while (Take(','));

        Expect(']');
        return items;
    }

    private string Text()
    {
        Expect('"');
        var text = new StringBuilder();
        while (true)
        {
            char c = Next();
            switch (c)
            {
                case '"':
                    return text.ToString();
                case '\\':
                    text.Append(Escape());
                    break;
                case < ' ':
                    throw new FormatException("A control character in a string.");
                default:
                    text.Append(c);
                    break;
            }
        }
    }

    private char Escape()
    {
        char c = Next();
        if (c == 'u')
        {
            _at += 4;
            return _at <= _text.Length
                ? (char)ushort.Parse(_text[(_at - 4).._at], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                : throw new FormatException("A short escape.");
        }

        int index = "\"\\/bfnrt".IndexOf(c, StringComparison.Ordinal);
        return index >= 0 ? "\"\\/\b\f\n\r\t"[index] : throw new FormatException("An unknown escape.");
    }

    private JsonValue Number()
    {
        int start = _at;
        _ = Take('-');
        int whole = Digits();
        if (whole == 0 || (whole > 1 && _text[_at - whole] == '0'))
        {
            throw new FormatException("Not a value.");
        }

        if (Take('.') && Digits() == 0)
        {
            throw new FormatException("A number without digits after its point.");
        }

        if (Take('e') || Take('E'))
        {
            _ = Take('+') || Take('-');
            if (Digits() == 0)
            {
                throw new FormatException("A number without an exponent.");
            }
        }

        return PythonNumber.Parse(_text[start.._at]);
    }

    private int Digits()
    {
        int start = _at;
        while (char.IsAsciiDigit(Peek()))
        {
            _at++;
        }

        return _at - start;
    }

    private bool Word(string word)
    {
        bool there = _text[_at..].StartsWith(word, StringComparison.Ordinal);
        _at += there ? word.Length : 0;
        return there;
    }

    private void SkipSpace()
    {
        while (Peek() is ' ' or '\t' or '\n' or '\r')
        {
            _at++;
        }
    }

    private readonly char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private char Next() => _at < _text.Length ? _text[_at++] : throw new FormatException("An early end.");

    private bool Take(char c)
    {
        bool there = _at < _text.Length && _text[_at] == c;
        _at += there ? 1 : 0;
        return there;
    }

    private void Expect(char c)
    {
        if (!Take(c))
        {
            throw new FormatException($"'{c}' is missing.");
        }
    }
}
