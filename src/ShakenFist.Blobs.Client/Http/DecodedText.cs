using System.Globalization;
using System.Net;
using System.Text;

namespace ShakenFist.Blobs.Http;

/// <summary>Text without its escapes, and the position in the original text of each of its characters.</summary>
internal sealed class DecodedText
{
    private const uint MaxRune = 0x10ffff;

    private readonly string _text;

    // The start of each character in the original text, and the end of the last one.
    private readonly int[] _starts;

    public DecodedText(string text)
        : this(text, [.. Enumerable.Range(0, text.Length + 1)])
    {
    }

    private DecodedText(string text, int[] starts)
    {
        _text = text;
        _starts = starts;
    }

    private delegate (string Value, int Length)? Escape(ReadOnlySpan<char> text);

    /// <summary>Finds the range in the original text of each place where this text contains a value.</summary>
    public IEnumerable<(int Start, int End)> Find(string value, int before, int after)
    {
        for (int at = _text.IndexOf(value, StringComparison.Ordinal); at >= 0; at = _text.IndexOf(value, at + value.Length, StringComparison.Ordinal))
        {
            yield return (_starts[Math.Max(0, at - before)], _starts[Math.Min(_text.Length, at + value.Length + after)]);
        }
    }

    /// <summary>Gets this text without each kind of escapes that it contains.</summary>
    public IEnumerable<DecodedText> Decode() =>
        new DecodedText?[] { Without('&', OfHtml), Without('\\', OfCode), Without('%', OfUrl) }.OfType<DecodedText>();

    private DecodedText? Without(char first, Escape read)
    {
        StringBuilder text = new();
        List<int> starts = [];
        int copied = 0;
        for (int at = _text.IndexOf(first, StringComparison.Ordinal); at >= 0; at = _text.IndexOf(first, at))
        {
            if (read(_text.AsSpan(at)) is not { } escape)
            {
                at++;
                continue;
            }

            text.Append(_text, copied, at - copied).Append(escape.Value);
            starts.AddRange(_starts.AsSpan(copied..at));
            starts.AddRange(Enumerable.Repeat(_starts[at], escape.Value.Length));
            at += escape.Length;
            copied = at;
        }

        if (copied == 0)
        {
            return null;
        }

        text.Append(_text, copied, _text.Length - copied);
        starts.AddRange(_starts.AsSpan(copied));
        return new DecodedText(text.ToString(), [.. starts]);
    }

    /// <summary>Reads an entity of HTML, such as <c>&amp;quot;</c> or <c>&amp;#x22;</c>.</summary>
    private static (string Value, int Length)? OfHtml(ReadOnlySpan<char> text)
    {
        const int Longest = 12;
        int end = text[..Math.Min(text.Length, Longest)].IndexOf(';');
        return end > 0 && WebUtility.HtmlDecode(text[..(end + 1)].ToString()) is var value && value.Length <= 2 ? (value, end + 1) : null;
    }

    /// <summary>Reads an escape of JSON, Python, and similar languages, such as <c>\"</c>, <c>\u0022</c>, or <c>\x22</c>.</summary>
    private static (string Value, int Length)? OfCode(ReadOnlySpan<char> text)
    {
        if (text.Length < 2)
        {
            return null;
        }

        int digits = text[1] switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            return Hex(text[2..], digits) is { } code ? (code <= char.MaxValue ? ((char)code).ToString() : char.ConvertFromUtf32((int)Math.Min(code, MaxRune)), 2 + digits) : null;
        }

        char value = text[1] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', _ => text[1] };
        return (value.ToString(), 2);
    }

    /// <summary>Reads a byte of a URL, such as <c>%2f</c>.</summary>
    private static (string Value, int Length)? OfUrl(ReadOnlySpan<char> text) => Hex(text[1..], 2) is { } code ? (((char)code).ToString(), 3) : null;

    private static uint? Hex(ReadOnlySpan<char> text, int digits) =>
        text.Length >= digits && uint.TryParse(text[..digits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code) ? code : null;
}
