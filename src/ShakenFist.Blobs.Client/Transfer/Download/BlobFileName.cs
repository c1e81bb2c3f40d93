using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>Creates the default file name of a blob, and checks file names that an image contains.</summary>
internal static class BlobFileName
{
    /// <summary>Returns the UUID and the usual extension of the format. The name contains no text from the server.</summary>
    public static string Of(SfBlob blob) => blob.Uuid.ToString("D") + blob.FileFormat switch
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
}
