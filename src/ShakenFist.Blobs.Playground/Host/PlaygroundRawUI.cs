using System.Management.Automation.Host;

namespace ShakenFist.Blobs.Playground.Host;

/// <summary>The size of the console, and little else: cells of the screen cannot be read or set everywhere.</summary>
internal sealed class PlaygroundRawUI(bool isPicture) : PSHostRawUserInterface
{
    // The width that output is laid out for where there is no terminal to ask.
    private static readonly Size Plain = new(80, 24);

    public override Size BufferSize
    {
        get => WindowSize;
        set => throw new PSNotSupportedInPlaygroundException("Changing the size of the console");
    }

    public override Size WindowSize
    {
        get => isPicture || Console.IsOutputRedirected || Console.WindowWidth < 1 ? Plain : new Size(Console.WindowWidth, Console.WindowHeight);
        set => throw new PSNotSupportedInPlaygroundException("Changing the size of the console");
    }

    public override Size MaxWindowSize => WindowSize;

    public override Size MaxPhysicalWindowSize => WindowSize;

    public override Coordinates WindowPosition { get; set; }

    public override Coordinates CursorPosition { get; set; }

    public override int CursorSize { get; set; } = 25;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override string WindowTitle { get; set; } = "ShakenFist.Blobs playground";

    public override bool KeyAvailable => !Console.IsInputRedirected && Console.KeyAvailable;

    public override KeyInfo ReadKey(ReadKeyOptions options)
    {
        if (Console.IsInputRedirected)
        {
            throw new PSNotSupportedInPlaygroundException("Reading a key without a terminal");
        }

        ConsoleKeyInfo key = Console.ReadKey(options.HasFlag(ReadKeyOptions.NoEcho));
        return new KeyInfo((int)key.Key, key.KeyChar, default, keyDown: true);
    }

    public override void FlushInputBuffer()
    {
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new PSNotSupportedInPlaygroundException("Reading the screen");

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw new PSNotSupportedInPlaygroundException("Scrolling the screen");

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw new PSNotSupportedInPlaygroundException("Writing to a place on the screen");

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
        // How Clear-Host asks for it on Windows.
        if (!Console.IsOutputRedirected)
        {
            Console.Clear();
        }
    }
}
