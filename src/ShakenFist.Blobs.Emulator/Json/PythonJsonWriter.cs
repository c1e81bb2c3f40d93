using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>
/// Writes JSON like json.dumps in Python: a space after each comma and colon, ASCII only, NaN and Infinity as literals, and unpaired surrogates. System.Text.Json does
/// not write the last two, but clients must be able to read them.
/// </summary>
internal ref struct PythonJsonWriter(IBufferWriter<byte> output)
{
    private bool _comma;

    public void Raw(string ascii) => Encoding.ASCII.GetBytes(ascii, output);

    public void OpenObject() => Open("{");

    public void CloseObject() => Close("}");

    public void OpenArray() => Open("[");

    public void CloseArray() => Close("]");

    public void Name(string name)
    {
        Separate();
        Quote(name);
        Raw(": ");
        _comma = false;
    }

    public void Value(string? text)
    {
        Separate();
        if (text is null)
        {
            Raw("null");
        }
        else
        {
            Quote(text);
        }
    }

    public void Value(long number)
    {
        Separate();
        Raw(number.ToString(CultureInfo.InvariantCulture));
    }

    public void Value(double number)
    {
        Separate();
        Raw(PythonNumber.Repr(number));
    }

    /// <summary>Writes text without changing it. It can be invalid JSON on purpose.</summary>
    public void Literal(string json)
    {
        Separate();
        Encoding.UTF8.GetBytes(json, output);
    }

    /// <summary>Writes any value. With <paramref name="sorted"/>, the members are in the order of the database.</summary>
    public void Node(JsonNode? node, bool sorted = false)
    {
        switch (node)
        {
            case JsonObject members:
                OpenObject();
                foreach ((string name, JsonNode? member) in sorted ? Sorted(members) : members)
                {
                    Name(name);
                    Node(member, sorted);
                }

                CloseObject();
                break;
            case JsonArray items:
                OpenArray();
                foreach (JsonNode? item in items)
                {
                    Node(item, sorted);
                }

                CloseArray();
                break;
            case JsonValue value when value.TryGetValue(out string? text):
                Value(text);
                break;
            case JsonValue value when value.TryGetValue(out bool flag):
                Literal(flag ? "true" : "false");
                break;
            case JsonValue value:
                Literal(PythonNumber.Format(value));
                break;
            default:
                Value((string?)null);
                break;
        }
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Sorted(JsonObject members) =>
        members.OrderBy(member => member.Key, CodePointOrder.Instance);

    private void Open(string bracket)
    {
        Separate();
        Raw(bracket);
        _comma = false;
    }

    private void Close(string bracket)
    {
        Raw(bracket);
        _comma = true;
    }

    private void Separate()
    {
        if (_comma)
        {
            Raw(", ");
        }

        _comma = true;
    }

    private readonly void Quote(string text)
    {
        // The longest escape sequence of a character has six bytes.
        Span<byte> span = output.GetSpan(text.Length * 6 + 2);
        int at = 0;
        span[at++] = (byte)'"';
        foreach (char c in text)
        {
            if (c is >= ' ' and <= '~' and not '"' and not '\\')
            {
                span[at++] = (byte)c;
                continue;
            }

            span[at++] = (byte)'\\';
            int shorthand = "\"\\\n\r\t\b\f".IndexOf(c, StringComparison.Ordinal);
            if (shorthand >= 0)
            {
                span[at++] = (byte)"\"\\nrtbf"[shorthand];
                continue;
            }

            // DEL is the only ASCII control character that json.dumps does not escape.
            if (c == '\u007f')
            {
                span[at - 1] = (byte)c;
                continue;
            }

            span[at++] = (byte)'u';
            for (int shift = 12; shift >= 0; shift -= 4)
            {
                span[at++] = (byte)"0123456789abcdef"[(c >> shift) & 15];
            }
        }

        span[at++] = (byte)'"';
        output.Advance(at);
    }
}
