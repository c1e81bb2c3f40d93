using System.Globalization;
using System.Management.Automation;

namespace ShakenFist.Blobs.Playground.Host;

/// <summary>
/// Progress on the line of the cursor: drawn over itself, and cleared before anything else is written. Where it cannot be drawn, a plain line at each quarter,
/// if a story is told.
/// </summary>
internal sealed class ProgressLine(PlaygroundUI ui)
{
    private const int BarWidth = 14;

    private readonly Dictionary<int, int> _quarters = [];
    private bool _drawn;

    public void Show(ProgressRecord record)
    {
        if (ui.IsPicture)
        {
            return;
        }

        if (record.RecordType == ProgressRecordType.Completed)
        {
            Clear();
            _quarters.Remove(record.ActivityId);
        }
        else if (!Console.IsOutputRedirected)
        {
            Draw(record);
        }
        else if (ui.Presenting && record.PercentComplete < 100 && record.PercentComplete / 25 > _quarters.GetValueOrDefault(record.ActivityId))
        {
            _quarters[record.ActivityId] = record.PercentComplete / 25;
            Console.Out.WriteLine(Describe(record));
        }
    }

    /// <summary>Takes the line away, to be drawn again with the next record.</summary>
    public void Clear()
    {
        if (_drawn)
        {
            Console.Out.Write("\r" + new string(' ', Width) + "\r");
            _drawn = false;
        }
    }

    public void End()
    {
        Clear();
        _quarters.Clear();
    }

    // One less than the terminal, so that the last character does not begin a new line.
    private int Width => ui.RawUI.WindowSize.Width - 1;

    private void Draw(ProgressRecord record)
    {
        string text = Describe(record);
        Console.Out.Write("\r" + (text.Length > Width ? text[..Width] : text.PadRight(Width)));
        _drawn = true;
    }

    private static string Describe(ProgressRecord record)
    {
        string what = string.IsNullOrEmpty(record.StatusDescription) ? record.Activity : record.StatusDescription;
        if (record.PercentComplete < 0)
        {
            return $"  {what}";
        }

        int filled = Math.Clamp(record.PercentComplete * BarWidth / 100, 0, BarWidth);
        string left = record.SecondsRemaining > 0 ? string.Create(CultureInfo.CurrentCulture, $", {record.SecondsRemaining} s left") : string.Empty;
        return string.Create(CultureInfo.CurrentCulture, $"  {record.PercentComplete,3} % [{new string('#', filled)}{new string('.', BarWidth - filled)}] {what}{left}");
    }
}
