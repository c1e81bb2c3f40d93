using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>What a blob's file is called, and which names of others' choosing may be used for one.</summary>
internal static class BlobFileName
{
    /// <summary>UUID and the extension that is usual for the format. Nothing of the server's text gets into the name.</summary>
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

    /// <summary>Whether a name that an image gives can be used for a file beside it: no way out of the directory, nothing that is more than a name.</summary>
    public static bool IsPlain(string name) =>
        name.Length is > 0 and <= 200 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ' ')
        && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
        && !TargetNameRules.Windows.HasReservedSuffix(name)
        && !TargetNameRules.IsDeviceName(name);
}
