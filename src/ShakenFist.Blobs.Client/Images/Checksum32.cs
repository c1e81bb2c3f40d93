namespace ShakenFist.Blobs.Images;

/// <summary>CRC-32 of small headers, by a polynomial in reflected form. The bytes of the checksum itself count as zeros.</summary>
internal static class Checksum32
{
    /// <summary>Of GPT.</summary>
    public const uint Ieee = 0xedb88320;

    /// <summary>Of VHDX.</summary>
    public const uint Castagnoli = 0x82f63b78;

    public static uint Of(ReadOnlySpan<byte> bytes, uint polynomial, int checksumOffset)
    {
        uint crc = uint.MaxValue;
        for (int i = 0; i < bytes.Length; i++)
        {
            crc ^= i >= checksumOffset && i < checksumOffset + sizeof(uint) ? 0u : bytes[i];
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? crc >> 1 ^ polynomial : crc >> 1;
            }
        }

        return ~crc;
    }
}
