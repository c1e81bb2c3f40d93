using System.Buffers;

namespace ShakenFist.Blobs.Files;

/// <summary>Decides whether a path can be the target of a blob, by the rules of one operating system.</summary>
internal sealed class TargetNameRules
{
    /// <summary>Suffixes of the files that a transfer creates next to its target.</summary>
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

    /// <summary>The rules of the current operating system.</summary>
    public static TargetNameRules Current { get; } = OperatingSystem.IsWindows() ? Windows : OperatingSystem.IsMacOS() ? MacOS : Linux;

    /// <summary>
    /// Whether a file name ends with a suffix that transfers reserve. On Windows and macOS, the comparison ignores case, although a few volumes are case-sensitive:
    /// rejecting a valid name does less harm than overwriting a file of another transfer.
    /// </summary>
    public bool HasReservedSuffix(string name)
    {
        // APFS compares names by full case folding, in which the long s (U+017F) equals s. NTFS does not.
        string folded = _ignoresCase && !_isWindows ? name.Replace('\u017F', 's') : name;
        return Array.Exists(ReservedSuffixes, suffix => folded.EndsWith(suffix, _ignoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));
    }

    /// <summary>Returns a text that is equal for names that differ only in their case, if the system treats them as the same name.</summary>
    public string Fold(string name) => _ignoresCase ? name.ToUpperInvariant() : name;

    /// <summary>
    /// Returns why a path cannot be a target, as the predicate of a sentence ("is the name of a device."), or null if it can. Takes the path as the user wrote it,
    /// because <see cref="Path.GetFullPath(string)"/> removes trailing dots and spaces.
    /// </summary>
    public string? FindProblem(string path)
    {
        string name = NameOf(path);
        return (_isWindows ? FindWindowsProblem(path, name) : null)
            ?? (HasReservedSuffix(name) ? "has a suffix that is reserved for the temporary files of transfers." : null);
    }

    /// <summary>
    /// Whether Windows opens a device instead of a file of this name, in any directory. Applies to the known device names with any extension. The list is that of
    /// RtlIsDosDeviceName_U, and COM0 and LPT0, which the documentation also reserves. Windows 11 has a shorter list, but a file with one of the other names could not
    /// be copied to an older system.
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

    /// <summary>Whether the path is in \\.\, where all paths are devices, or in \\?\ and not on a drive, volume, or share.</summary>
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

    /// <summary>Whether the full path that this system returns begins with \\.\, which means that it is a device.</summary>
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
