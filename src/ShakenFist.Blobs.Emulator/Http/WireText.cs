using System.Globalization;
using System.Numerics;
using System.Text;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Decodes paths and queries like gunicorn and Werkzeug.</summary>
internal static class WireText
{
    /// <summary>Decodes percent-encoded UTF-8. Invalid bytes become U+FFFD.</summary>
    public static string Decode(ReadOnlySpan<char> raw)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(raw.Length)];
        int count = 0;
        while (!raw.IsEmpty)
        {
            if (raw is ['%', var high, var low, ..] && char.IsAsciiHexDigit(high) && char.IsAsciiHexDigit(low))
            {
                bytes[count++] = byte.Parse(raw[1..3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                raw = raw[3..];
                continue;
            }

            int next = raw[1..].IndexOf('%');
            int plain = next < 0 ? raw.Length : next + 1;
            count += Encoding.UTF8.GetBytes(raw[..plain], bytes.AsSpan(count));
            raw = raw[plain..];
        }

        return Encoding.UTF8.GetString(bytes.AsSpan(0, count));
    }

    /// <summary>Returns the first value of a query parameter. Null if the parameter is missing.</summary>
    public static string? QueryValue(string query, string name)
    {
        foreach (string pair in query.Split('&'))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string key = equals < 0 ? pair : pair[..equals];
            if (Decode(key.Replace('+', ' ')) == name)
            {
                return equals < 0 ? "" : Decode(pair[(equals + 1)..].Replace('+', ' '));
            }
        }

        return null;
    }

    /// <summary>Parses an integer like int() in Python: surrounding white space, a sign, digits of any script, and single underscores between them.</summary>
    public static bool TryParseInteger(string text, out BigInteger number)
    {
        var digits = new StringBuilder();
        string trimmed = text.Trim();
        bool lastWasDigit = false;
        for (int i = 0; i < trimmed.Length; i++)
        {
            char c = trimmed[i];
            if (CharUnicodeInfo.GetDecimalDigitValue(c) is >= 0 and var digit)
            {
                digits.Append((char)('0' + digit));
                lastWasDigit = true;
            }
            else if ((i == 0 && c is '+' or '-') || (c == '_' && lastWasDigit))
            {
                digits.Append(c == '-' ? "-" : "");
                lastWasDigit = false;
            }
            else
            {
                number = 0;
                return false;
            }
        }

        number = 0;
        return lastWasDigit
            && BigInteger.TryParse(digits.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Returns the Python error for a name that cannot be encoded as Latin-1, which the keys of the database require. Null if it can.</summary>
    public static string? Latin1Error(string prefix, string name)
    {
        int bad = name.AsSpan().IndexOfAnyExceptInRange('\0', '\u00ff');
        if (bad < 0)
        {
            return null;
        }

        int run = name.AsSpan(bad).IndexOfAnyInRange('\0', '\u00ff');
        int end = run < 0 ? name.Length : bad + run;
        string place = $"{prefix.Length + bad}, {prefix.Length + end}";
        return $"UnicodeEncodeError('latin-1', '{prefix}{name}', {place}, 'ordinal not in range(256)')";
    }
}
