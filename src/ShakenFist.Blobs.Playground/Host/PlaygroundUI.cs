using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace ShakenFist.Blobs.Playground.Host;

/// <summary>Writes to the console: output plain, other streams marked and coloured, progress as one line that comes and goes.</summary>
internal sealed class PlaygroundUI : PSHostUserInterface
{
    private const string Reset = "\e[0m";
    private const string Red = "\e[31;1m";
    private const string Yellow = "\e[33;1m";
    private const string Dim = "\e[2m";

    private static readonly bool NoColor = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };

    private readonly Lock _gate = new();
    private readonly ProgressLine _progress;
    private readonly TextWriter? _picture;
    private bool _afterBlankLine;
    private bool _outputIsError;

    /// <param name="picture">Gets what a terminal of 80 columns would show; null writes to the console.</param>
    public PlaygroundUI(TextWriter? picture = null)
    {
        _picture = picture;
        _progress = new ProgressLine(this);
        RawUI = new PlaygroundRawUI(isPicture: IsPicture);
    }

    /// <summary>Nothing moves in a picture.</summary>
    public bool IsPicture => _picture is not null;

    /// <summary>
    /// What is shown is to be read as one story, as in the tour: errors stand between the output instead of on the error stream, messages are wrapped
    /// between words, and where progress cannot be drawn it gets a line now and then.
    /// </summary>
    public bool Presenting { get; set; }

    public override PSHostRawUserInterface RawUI { get; }

    public override bool SupportsVirtualTerminal => IsPicture || (!NoColor && !Console.IsOutputRedirected);

    private TextWriter Out => _picture ?? Console.Out;

    public override void Write(string value)
    {
        lock (_gate)
        {
            _progress.Clear();
            _afterBlankLine = false;
            Out.Write(GetOutputString(value, SupportsVirtualTerminal));
        }
    }

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value)
    {
        lock (_gate)
        {
            _progress.Clear();
            bool coloured = SupportsVirtualTerminal && !IsPicture;
            if (coloured)
            {
                Console.ForegroundColor = foregroundColor;
            }

            Out.Write(value);
            if (coloured)
            {
                Console.ResetColor();
            }
        }
    }

    public override void WriteLine(string value)
    {
        if (_outputIsError)
        {
            WriteErrorLine(value);
        }
        else
        {
            WriteOutputLine(value);
        }
    }

    public override void WriteErrorLine(string value)
    {
        lock (_gate)
        {
            _progress.Clear();
            if (Presenting)
            {
                WriteMessage(Red, GetOutputString(value, supportsVirtualTerminal: false));
                return;
            }

            Out.Flush();
            Console.Error.WriteLine(Console.IsErrorRedirected ? GetOutputString(value, supportsVirtualTerminal: false) : Paint(Red, value));
        }
    }

    public override void WriteDebugLine(string message) => WriteMessage(Dim, "DEBUG: " + message);

    public override void WriteVerboseLine(string message) => WriteMessage(Dim, "VERBOSE: " + message);

    public override void WriteWarningLine(string message) => WriteMessage(Yellow, "WARNING: " + message);

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        lock (_gate)
        {
            _progress.Show(record);
        }
    }

    /// <summary>A command has ended; whatever it left of its progress goes.</summary>
    public void EndProgress()
    {
        lock (_gate)
        {
            _progress.End();
        }
    }

    public override string ReadLine() => Questions.ReadLine();

    public override SecureString ReadLineAsSecureString() => Questions.ReadSecret();

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        WriteHead(caption, message);
        return Questions.Fields(this, descriptions);
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        WriteHead(caption, message);
        return Questions.Choice(this, choices, defaultChoice);
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName)
    {
        WriteHead(caption, message);
        return Questions.Credential(this, userName);
    }

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        PromptForCredential(caption, message, userName, targetName);

    /// <summary>Text in a colour of its own, where there are colours and it brings none.</summary>
    public string Paint(string color, string text) =>
        SupportsVirtualTerminal && !text.Contains('\e', StringComparison.Ordinal) ? color + text + Reset : text;

    /// <summary>Until disposed, what is written as output is part of an error: PowerShell's formatter does not tell the two apart for a host.</summary>
    public IDisposable OutputIsError()
    {
        _outputIsError = true;
        return new Ending(() => _outputIsError = false);
    }

    private void WriteOutputLine(string value)
    {
        lock (_gate)
        {
            // PowerShell's tables end with more of these than a story needs, some with nothing in them but the end of a colour.
            bool blank = string.IsNullOrWhiteSpace(GetOutputString(value, supportsVirtualTerminal: false));
            if (!(Presenting && blank && _afterBlankLine))
            {
                Write(value + Environment.NewLine);
                _afterBlankLine = blank;
            }
        }
    }

    private void WriteMessage(string color, string message)
    {
        foreach (string line in Presenting ? Wrapping.Lines(message, RawUI.WindowSize.Width) : [message])
        {
            WriteOutputLine(Paint(color, line));
        }
    }

    private void WriteHead(string caption, string message)
    {
        Questions.RequireTerminal();
        foreach (string line in (string[])[caption, message])
        {
            if (!string.IsNullOrEmpty(line))
            {
                WriteLine(line);
            }
        }
    }

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
