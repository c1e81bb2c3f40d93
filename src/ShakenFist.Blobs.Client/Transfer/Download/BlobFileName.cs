using System.Globalization;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>Creates the default file name of a blob, and checks file names that an image contains.</summary>
internal static class BlobFileName
{
    // The maximum length of the name of an artifact or an instance in a file name.
    private const int MaxNameLength = 100;

    /// <summary>Returns the UUID and the usual extension of the format. The name contains no text from the server.</summary>
    public static string Of(SfBlob blob) => blob.Uuid.ToString("D") + ExtensionOf(blob);

    /// <summary>
    /// Returns the file name without an extension for a blob that was found by name: the artifact and the version, or the instance and the disk. Null for another blob.
    /// Names of the server are reduced to characters that are allowed on every system.
    /// </summary>
    public static string? StemOf(SfBlob blob)
    {
        string? name = blob.Instance is not null ? $"{Plain(blob.Instance)}-{Plain(blob.Disk ?? string.Empty)}" : blob.Artifact is not null ? Plain(blob.Artifact) : null;
        if (name is null)
        {
            return null;
        }

        string stem = (name[0] is '.' or '-' ? "_" + name[1..] : name) + (blob.Version is { } version ? string.Create(CultureInfo.InvariantCulture, $"-{version}") : string.Empty);
        return TargetNameRules.IsDeviceName(stem) || stem[^1] == '.' || TargetNameRules.Windows.HasReservedSuffix(stem) ? $"_{stem.Replace('.', '_')}" : stem;
    }

    /// <summary>Returns the usual extension of the format, with a dot. Empty for an unknown format.</summary>
    public static string ExtensionOf(SfBlob blob) => blob.FileFormat switch
    {
        "raw" when blob.MimeType == "application/x-iso9660-image" => ".iso",
        "raw" => ".raw",
        "qcow2" => ".qcow2",
        "qcow" => ".qcow",
        "qed" => ".qed",
        "vmdk" => ".vmdk",
        "vdi" => ".vdi",
        "vhdx" => ".vhdx",
        "vpc" => ".vhd",
        _ => string.Empty,
    };

    /// <summary>Whether a name from an image can be used for a file in the same directory. The name must not contain a path.</summary>
    public static bool IsPlain(string name) =>
        name.Length is > 0 and <= 200 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ' ')
        && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
        && !TargetNameRules.Windows.HasReservedSuffix(name)
        && !TargetNameRules.IsDeviceName(name);

    private static string Plain(string name) => new([.. name.Take(MaxNameLength).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_').DefaultIfEmpty('_')]);
}
