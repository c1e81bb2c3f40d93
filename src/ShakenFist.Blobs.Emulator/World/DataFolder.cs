using System.Security.Cryptography;
using System.Text;

namespace ShakenFist.Blobs.Emulator;

/// <summary>A directory as a world: each file of it is a blob.</summary>
internal static class DataFolder
{
    public static void AddTo(EmulatorState state, string directory)
    {
        foreach (string path in Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal))
        {
            EmulatedBlob blob = EmulatedBlob.FromFile(path, UuidOf(Path.GetFileName(path)));
            double written = (File.GetLastWriteTimeUtc(path) - DateTime.UnixEpoch).TotalSeconds;
            blob.Modified = written;
            blob.FetchedAt = written;
            blob.Metadata["name"] = Path.GetFileName(path);
            state.AddBlob(blob);
        }
    }

    /// <summary>The file's name if it is a uuid (an extension does not matter), else a uuid that the name always leads to.</summary>
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
