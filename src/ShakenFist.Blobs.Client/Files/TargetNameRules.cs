using System.Buffers;

namespace ShakenFist.Blobs.Files;

/// <summary>Decides whether a path can name the file that a blob is saved to, by the rules of one operating system.</summary>
internal sealed class TargetNameRules
{
    /// <summary>Suffixes of the files that a transfer keeps beside its target.</summary>
    private static readonly string[] ReservedSuffixes = [".sfpart", ".sfjournal", ".sfjournal.new"];

    private static readonly string[] DeviceNames = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

    private static readonly SearchValues<char> InvalidOnWindows = SearchValues.Create("<>\"|?*");

    private readonly bool _isWindows;
    private readonly bool _ignoresCase;

    private TargetNameRules(bool isWindows, bool ignoresCase)
    {
        _isWindows = isWindows;
        _ignoresCase = ignoresCase;
    }

    public static TargetNameRules Windows { get; } = new(isWindows: true, ignoresCase: true);

    public static TargetNameRules MacOS { get; } = new(isWindows: false, ignoresCase: true);

    public static TargetNameRules Linux { get; } = new(isWindows: false, ignoresCase: false);

    /// <summary>The rules of the system that this process runs on.</summary>
    public static TargetNameRules Current { get; } = OperatingSystem.IsWindows() ? Windows : OperatingSystem.IsMacOS() ? MacOS : Linux;

    /// <summary>
    /// Whether a file name ends in a suffix that transfers reserve. Windows and macOS ignore case, also on the few volumes there that do not: a name that is
    /// refused without need does less harm than one that names another transfer's file.
    /// </summary>
    public bool HasReservedSuffix(string name)
    {
        // APFS compares by full case folding, in which the long s equals s. NTFS does not, and is not asked to.
        string folded = _ignoresCase && !_isWindows ? name.Replace('\u017F', 's') : name;
        return Array.Exists(ReservedSuffixes, suffix => folded.EndsWith(suffix, _ignoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));
    }

    /// <summary>
    /// Returns why a path cannot be a target, as the predicate of a sentence ("is the name of a device."), or null if it can. The path is judged as the user wrote it:
    /// <see cref="Path.GetFullPath(string)"/> removes trailing dots and spaces, and so hides what is wrong.
    /// </summary>
    public string? FindProblem(string path)
    {
        string name = NameOf(path);
        return (_isWindows ? FindWindowsProblem(path, name) : null)
            ?? (HasReservedSuffix(name) ? "has a suffix that is reserved for the temporary files of transfers." : null);
    }

    /// <summary>
    /// Whether Windows opens a device instead of a file of this name, in any directory: a known name, whatever extension follows it. The list is that of
    /// RtlIsDosDeviceName_U, with COM0 and LPT0, which the documentation reserves as well. Windows 11 has shortened it; a file of such a name could not be copied to
    /// an older system.
    /// </summary>
    public static bool IsDeviceName(string name)
    {
        int end = name.AsSpan().IndexOfAny('.', ':');
        string stem = (end < 0 ? name : name[..end]).TrimEnd(' ').ToUpperInvariant();
        return DeviceNames.Contains(stem, StringComparer.Ordinal)
            || (stem.Length == 4 && (stem.StartsWith("COM", StringComparison.Ordinal) || stem.StartsWith("LPT", StringComparison.Ordinal))
                && stem[3] is (>= '0' and <= '9') or '\u00B9' or '\u00B2' or '\u00B3');
    }

    private string NameOf(string path)
    {
        int separator = _isWindows ? path.AsSpan().LastIndexOfAny('\\', '/') : path.LastIndexOf('/');
        string name = path[(separator + 1)..];

        // "C:x.raw" is the file x.raw in the current directory of drive C.
        return _isWindows && separator < 0 && HasDrive(name) ? name[2..] : name;
    }

    private static string? FindWindowsProblem(string path, string name)
    {
        if (IsDevicePath(path.Replace('/', '\\')) || IsDeviceName(name) || IsDeviceOnThisSystem(path))
        {
            return "is the name of a device, not of a file.";
        }

        if (name.Contains(':', StringComparison.Ordinal))
        {
            return "names an alternate data stream, not a file.";
        }

        if (name.AsSpan().IndexOfAny(InvalidOnWindows) is >= 0 and int at)
        {
            return $"contains '{name[at]}', which Windows does not allow in a file name.";
        }

        return name.Length > 0 && name[^1] is '.' or ' ' ? "ends with a dot or a space, which Windows removes from file names." : null;
    }

    /// <summary>Paths below \\.\ are devices, and so is what follows \\?\ if it is no drive, volume, or share.</summary>
    private static bool IsDevicePath(string path)
    {
        if (path.StartsWith(@"\\.\", StringComparison.Ordinal))
        {
            return true;
        }

        if (!path.StartsWith(@"\\?\", StringComparison.Ordinal) && !path.StartsWith(@"\??\", StringComparison.Ordinal))
        {
            return false;
        }

        string rest = path[4..];
        return !(HasDrive(rest) && rest.Length > 2 && rest[2] == '\\')
            && !rest.StartsWith(@"UNC\", StringComparison.OrdinalIgnoreCase)
            && !rest.StartsWith("Volume{", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Asks the system itself: its full path of a device begins with \\.\.</summary>
    private static bool IsDeviceOnThisSystem(string path)
    {
        if (!OperatingSystem.IsWindows() || path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        return Path.GetFullPath(path).StartsWith(@"\\.\", StringComparison.Ordinal);
    }

    private static bool HasDrive(string path) => path.Length > 1 && char.IsAsciiLetter(path[0]) && path[1] == ':';
}
