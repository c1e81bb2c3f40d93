namespace ShakenFist.Blobs.Images;

/// <summary>CRC-32 of small headers. The bytes of the checksum itself are treated as zeros.</summary>
internal static class Checksum32
{
    private static readonly uint[] Ieee = Table(0xedb88320);
    private static readonly uint[] Castagnoli = Table(0x82f63b78);

    /// <summary>Gets the checksum of a GPT.</summary>
    public static uint OfGpt(ReadOnlySpan<byte> bytes, int checksumOffset) => Of(bytes, Ieee, checksumOffset);

    /// <summary>Gets the checksum of a VHDX.</summary>
    public static uint OfVhdx(ReadOnlySpan<byte> bytes, int checksumOffset) => Of(bytes, Castagnoli, checksumOffset);

    private static uint Of(ReadOnlySpan<byte> bytes, uint[] table, int checksumOffset)
    {
        uint crc = uint.MaxValue;
        for (int i = 0; i < bytes.Length; i++)
        {
            byte next = i >= checksumOffset && i < checksumOffset + sizeof(uint) ? (byte)0 : bytes[i];
            crc = table[(byte)crc ^ next] ^ (crc >> 8);
        }

        return ~crc;
    }

    /// <summary>Creates the table of the effect of each byte value.</summary>
    private static uint[] Table(uint polynomial)
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? crc >> 1 ^ polynomial : crc >> 1;
            }

            table[i] = crc;
        }

        return table;
    }
}
