using System.Security.Cryptography;
using System.Text;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Creates a blob for each file in a directory.</summary>
internal static class DataFolder
{
    public static void AddTo(EmulatorState state, string directory)
    {
        foreach (string path in Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal))
        {
            if (new FileInfo(path).Length == 0)
            {
                throw new IOException($"The file '{path}' is empty. A Shaken Fist server does not create empty blobs.");
            }

            EmulatedBlob blob = EmulatedBlob.FromFile(path, UuidOf(Path.GetFileName(path)));
            double written = (File.GetLastWriteTimeUtc(path) - DateTime.UnixEpoch).TotalSeconds;
            blob.Modified = written;
            blob.FetchedAt = written;
            blob.Metadata["name"] = Path.GetFileName(path);
            state.AddBlob(blob);
            _ = blob.PublishLaterAsync();
        }
    }

    /// <summary>Returns the UUID in the file name without its extension. For other names, returns a UUID that is derived from the name.</summary>
    private static Guid UuidOf(string name)
    {
        if (Guid.TryParse(Path.GetFileNameWithoutExtension(name), out Guid uuid))
        {
            return uuid;
        }

        byte[] bytes = SHA256.HashData(Encoding.UTF8.GetBytes(name))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x50);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
