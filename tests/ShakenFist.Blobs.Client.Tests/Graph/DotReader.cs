using System.Text;

namespace ShakenFist.Blobs.Client.Tests.Graph;

/// <summary>Parses the DOT language by its grammar, as far as a flat directed graph needs it. It shares no code with the writer.</summary>
internal sealed class DotReader
{
    private readonly List<string> _tokens = [];
    private int _at;

    public DotReader(string text)
    {
        Tokenize(text);
        SfAssert("digraph");
        _at++;
        SfAssert("{");
        while (Peek != "}")
        {
            Statement();
        }

        SfAssert("}");
        Assert.Equal(_tokens.Count, _at);
    }

    public Dictionary<string, Dictionary<string, string>> Nodes { get; } = [];

    public List<(string From, string To, string Label)> Edges { get; } = [];

    private string Peek => _tokens[_at];

    /// <summary>Returns the text that Graphviz shows, with backslash escapes and character references resolved.</summary>
    public static string Shown(string label)
    {
        StringBuilder shown = new();
        for (int i = 0; i < label.Length; i++)
        {
            if (label[i] == '\\')
            {
                Assert.True(i + 1 < label.Length, "A backslash ends the label.");
                i++;
                Assert.Contains(label[i], "\\n");
                shown.Append(label[i] == 'n' ? '\n' : label[i]);
            }
            else
            {
                shown.Append(label[i]);
            }
        }

        return System.Net.WebUtility.HtmlDecode(shown.ToString());
    }

    private void Statement()
    {
        string name = _tokens[_at++];
        if (Peek == "->")
        {
            _at++;
            string to = _tokens[_at++];
            Edges.Add((name, to, Attributes()["label"]));
        }
        else if (Attributes() is { } attributes && name is not ("graph" or "node" or "edge"))
        {
            Nodes.Add(name, attributes);
        }

        SfAssert(";");
    }

    private Dictionary<string, string> Attributes()
    {
        Dictionary<string, string> attributes = [];
        SfAssert("[");
        while (Peek != "]")
        {
            string name = _tokens[_at++];
            SfAssert("=");
            attributes.Add(name, _tokens[_at++].TrimStart('\u0001'));
            if (Peek == ",")
            {
                _at++;
            }
        }

        SfAssert("]");
        return attributes;
    }

    private void SfAssert(string token) => Assert.Equal(token, _tokens[_at++]);

    private void Tokenize(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            int start = i;
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
            }
            else if (text[i] == '"')
            {
                // The language itself has only one escape in quoted text. The mark distinguishes a quoted "]" from a bare one.
                StringBuilder quoted = new("\u0001");
                for (i++; text[i] != '"'; i++)
                {
                    if (text[i] == '\\')
                    {
                        i++;
                        quoted.Append(text[i] == '"' ? "\"" : $"\\{text[i]}");
                    }
                    else
                    {
                        Assert.False(char.IsControl(text[i]));
                        quoted.Append(text[i]);
                    }
                }

                i++;
                _tokens.Add(quoted.ToString());
            }
            else if (text[i] == '-')
            {
                Assert.Equal('>', text[i + 1]);
                i += 2;
                _tokens.Add("->");
            }
            else if ("{}[]=,;".Contains(text[i], StringComparison.Ordinal))
            {
                _tokens.Add(text[i++].ToString());
            }
            else
            {
                while (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '.')
                {
                    i++;
                }

                Assert.NotEqual(start, i);
                _tokens.Add(text[start..i]);
            }
        }
    }
}
