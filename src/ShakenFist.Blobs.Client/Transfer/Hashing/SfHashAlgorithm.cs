namespace ShakenFist.Blobs;

/// <summary>The hash algorithms under which a cluster publishes checksums.</summary>
public enum SfHashAlgorithm
{
    /// <summary>SHA-512, 128 hex digits; what every server publishes.</summary>
    SHA512,

    /// <summary>SHA-256, 64 hex digits.</summary>
    SHA256,

    /// <summary>SHA-1, 40 hex digits; proof against accident, not against intent.</summary>
    SHA1,

    /// <summary>XXH3 with 128 bits, 32 hex digits; fast, and proof against accident alone.</summary>
    XXH128,
}
