namespace ShakenFist.Blobs.Files;

/// <summary>
/// What distinguishes a file on Windows from every other: the serial number of its volume and its file ID. It stays the same when the file is renamed, except on FAT
/// volumes, where the ID is the position of the directory entry.
/// </summary>
/// <param name="Volume">Serial number of the volume.</param>
/// <param name="FileId">ID of the file on that volume: 128 bits, of which NTFS uses 64.</param>
internal readonly record struct WindowsFileIdentity(ulong Volume, UInt128 FileId);
