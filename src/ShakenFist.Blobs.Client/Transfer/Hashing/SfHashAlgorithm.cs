namespace ShakenFist.Blobs;

/// <summary>Specifies the hash algorithm of a published checksum.</summary>
public enum SfHashAlgorithm
{
    /// <summary>SHA-512, 128 hexadecimal digits. All servers publish it.</summary>
    SHA512,

    /// <summary>SHA-256, 64 hexadecimal digits.</summary>
    SHA256,

    /// <summary>SHA-1, 40 hexadecimal digits. Detects accidental changes only.</summary>
    SHA1,

    /// <summary>XXH3 with 128 bits, 32 hexadecimal digits. Fast, but detects accidental changes only.</summary>
    XXH128,
}
