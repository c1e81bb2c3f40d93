using System.Text.RegularExpressions;

namespace ShakenFist.Blobs.Packager;

/// <summary>Parses a PowerShell data file that consists of tables, arrays, and single-quoted strings, such as a module manifest, without PowerShell.</summary>
internal sealed partial class DataFile
{
    private readonly Queue<string> _tokens;

    private DataFile(IEnumerable<string> tokens) => _tokens = new Queue<string>(tokens);

    /// <summary>Parses the file. Values are strings, lists of values, or tables.</summary>
    /// <exception cref="FormatException">The file contains something else.</exception>
    public static IReadOnlyDictionary<string, object> Parse(string text)
    {
        List<string> tokens = [];
        for (int at = 0; at < text.Length;)
        {
            Match token = Token().Match(text, at);
            if (!token.Success)
            {
                throw new FormatException($"The data file contains text that is not valid: {text[at..Math.Min(at + 40, text.Length)]}");
            }

            at += token.Length;
            if (token.Groups["token"].Success)
            {
                tokens.Add(token.Value);
            }
        }

        DataFile file = new(tokens);
        file.Take("@{");
        Dictionary<string, object> table = file.Table();
        return file._tokens.Count == 0 ? table : throw new FormatException("The data file contains text after the table.");
    }

    private Dictionary<string, object> Table()
    {
        Dictionary<string, object> table = new(StringComparer.OrdinalIgnoreCase);
        while (!TakeIf("}"))
        {
            string name = Next();
            Take("=");
            table.Add(name, Value());
            TakeIf(";");
        }

        return table;
    }

    private List<object> Array()
    {
        List<object> values = [];
        while (!TakeIf(")"))
        {
            object value = Value();
            values.AddRange(value as List<object> ?? [value]);
        }

        return values;
    }

    /// <summary>Parses one value, or several that are separated by commas.</summary>
    private object Value()
    {
        object first = Single();
        if (!TakeIf(","))
        {
            return first;
        }

        List<object> values = [first];
        do
        {
            values.Add(Single());
        }
        while (TakeIf(","));
        return values;
    }

    private object Single() => Next() switch
    {
        "@{" => Table(),
        "@(" => Array(),
        ['\'', .. string quoted, '\''] => quoted.Replace("''", "'", StringComparison.Ordinal),
        string other => throw new FormatException($"The data file contains the value {other}, which is not valid."),
    };

    private string Next() => _tokens.TryDequeue(out string? token) ? token : throw new FormatException("The table in the data file is not closed.");

    private void Take(string expected)
    {
        string token = Next();
        if (token != expected)
        {
            throw new FormatException($"The data file contains {token}, but {expected} was expected.");
        }
    }

    private bool TakeIf(string token) => _tokens.TryPeek(out string? next) && next == token && _tokens.TryDequeue(out _);

    [GeneratedRegex(@"\G(?:\s+|#[^\n]*|(?<token>@\{|@\(|[}),;=]|'(?:[^']|'')*'|[A-Za-z]\w*))")]
    private static partial Regex Token();
}
