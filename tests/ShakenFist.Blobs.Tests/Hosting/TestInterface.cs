using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using System.Text;

namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>Stores the displayed text, and counts prompts instead of asking a user.</summary>
internal sealed class TestInterface(bool isTerminal) : PSHostUserInterface
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private int _questions;

    public override PSHostRawUserInterface RawUI { get; } = new TestScreen();

    public override bool SupportsVirtualTerminal => isTerminal;

    public int Questions => Volatile.Read(ref _questions);

    public string Text
    {
        get
        {
            lock (_gate)
            {
                return _text.ToString();
            }
        }
    }

    public override void Write(string value)
    {
        lock (_gate)
        {
            _text.Append(value);
        }
    }

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteLine(string value) => Write(value + "\n");

    public override void WriteErrorLine(string value) => WriteLine(value);

    public override void WriteDebugLine(string message) => WriteLine(message);

    public override void WriteVerboseLine(string message) => WriteLine(message);

    public override void WriteWarningLine(string message) => WriteLine(message);

    // Use the engine's stream, which contains every record.
    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        Interlocked.Increment(ref _questions);
        return defaultChoice;
    }

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        Interlocked.Increment(ref _questions);
        return [];
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw Asked();

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw Asked();

    public override string ReadLine() => throw Asked();

    public override SecureString ReadLineAsSecureString() => throw Asked();

    private InvalidOperationException Asked()
    {
        Interlocked.Increment(ref _questions);
        return new InvalidOperationException("There is no user to answer the prompt.");
    }

    private sealed class TestScreen : PSHostRawUserInterface
    {
        public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

        public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

        public override Coordinates CursorPosition { get; set; }

        public override Coordinates WindowPosition { get; set; }

        public override int CursorSize { get; set; } = 1;

        public override Size BufferSize { get; set; } = new(80, 50);

        public override Size WindowSize { get; set; } = new(80, 50);

        public override Size MaxWindowSize => WindowSize;

        public override Size MaxPhysicalWindowSize => WindowSize;

        public override string WindowTitle { get; set; } = string.Empty;

        public override bool KeyAvailable => false;

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException();

        public override void FlushInputBuffer()
        {
        }

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents)
        {
        }

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
        {
        }

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill)
        {
        }
    }
}
