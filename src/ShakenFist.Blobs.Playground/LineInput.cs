using System.Management.Automation;

namespace ShakenFist.Blobs.Playground;

/// <summary>
/// A line typed at the terminal, with history (up, down) and completion (Tab, Shift+Tab). It uses no escape sequence: the line is drawn over itself, and a part
/// of it where it is wider than the terminal.
/// </summary>
internal sealed class LineInput(Func<string, int, CommandCompletion> complete)
{
    private readonly List<string> _history = [];
    private string _prompt = string.Empty;
    private string _text = string.Empty;
    private int _cursor;
    private int _recalled;
    private string _unfinished = string.Empty;
    private Cycle? _cycle;

    /// <summary>The next line; empty when the user gave it up with Ctrl+C, null at the end of the input (Ctrl+D).</summary>
    public string? Read(string prompt)
    {
        (_prompt, _text, _cursor, _recalled, _cycle) = (prompt, string.Empty, 0, _history.Count, null);
        Console.TreatControlCAsInput = true;
        try
        {
            while (true)
            {
                Draw();
                ConsoleKeyInfo key = Console.ReadKey(intercept: true);
                bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
                if (key.Key == ConsoleKey.Enter)
                {
                    return Finish(_text);
                }

                if (control && key.Key == ConsoleKey.C)
                {
                    return Finish(string.Empty);
                }

                if (control && key.Key == ConsoleKey.D && _text.Length == 0)
                {
                    Finish(string.Empty);
                    return null;
                }

                Take(key);
            }
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    private void Take(ConsoleKeyInfo key)
    {
        if (key.Key == ConsoleKey.Tab)
        {
            Complete(key.Modifiers.HasFlag(ConsoleModifiers.Shift) ? -1 : 1);
            return;
        }

        _cycle = null;
        switch (key.Key)
        {
            case ConsoleKey.LeftArrow:
                _cursor = Math.Max(0, _cursor - 1);
                break;
            case ConsoleKey.RightArrow:
                _cursor = Math.Min(_text.Length, _cursor + 1);
                break;
            case ConsoleKey.Home:
                _cursor = 0;
                break;
            case ConsoleKey.End:
                _cursor = _text.Length;
                break;
            case ConsoleKey.UpArrow:
                Recall(_recalled - 1);
                break;
            case ConsoleKey.DownArrow:
                Recall(_recalled + 1);
                break;
            case ConsoleKey.Escape:
                Replace(0, _text.Length, string.Empty);
                break;
            case ConsoleKey.Backspace when _cursor > 0:
                Replace(_cursor - 1, 1, string.Empty);
                break;
            case ConsoleKey.Delete when _cursor < _text.Length:
                Replace(_cursor, 1, string.Empty);
                break;
            default:
                if (!char.IsControl(key.KeyChar))
                {
                    Replace(_cursor, 0, key.KeyChar.ToString());
                }

                break;
        }
    }

    private void Recall(int index)
    {
        if (index < 0 || index > _history.Count)
        {
            return;
        }

        if (_recalled == _history.Count)
        {
            _unfinished = _text;
        }

        _recalled = index;
        Replace(0, _text.Length, index == _history.Count ? _unfinished : _history[index]);
    }

    /// <summary>Puts in the first completion, and with each further Tab the next one in its place.</summary>
    private void Complete(int step)
    {
        if (_cycle is null)
        {
            CommandCompletion found = complete(_text, _cursor);
            if (found.CompletionMatches.Count == 0)
            {
                return;
            }

            _cycle = new Cycle([.. found.CompletionMatches.Select(m => m.CompletionText)], found.ReplacementIndex, found.ReplacementLength, step > 0 ? -1 : 0);
        }

        int next = (_cycle.Current + step + _cycle.Texts.Length) % _cycle.Texts.Length;
        Replace(_cycle.Start, _cycle.Length, _cycle.Texts[next]);
        _cycle = _cycle with { Current = next, Length = _cycle.Texts[next].Length };
    }

    private void Replace(int start, int length, string text)
    {
        _text = string.Concat(_text.AsSpan(0, start), text, _text.AsSpan(start + length));
        _cursor = start + text.Length;
    }

    private string Finish(string line)
    {
        _cursor = _text.Length;
        Draw();
        Console.WriteLine();
        if (line.Trim().Length > 0 && (_history.Count == 0 || _history[^1] != line))
        {
            _history.Add(line);
        }

        return line;
    }

    private void Draw()
    {
        // The last column stays free, since a character there may move the terminal to the next line.
        int width = Math.Max(Console.WindowWidth - 1, 20);
        string prompt = _prompt.Length > width / 2 ? _prompt[^(width / 2)..] : _prompt;
        int room = width - prompt.Length;
        int from = Math.Max(0, _cursor - room);
        string shown = _text.Substring(from, Math.Min(room, _text.Length - from));
        Console.Write("\r" + prompt + shown.PadRight(room) + "\r" + prompt + shown[..(_cursor - from)]);
    }

    private sealed record Cycle(string[] Texts, int Start, int Length, int Current);
}
