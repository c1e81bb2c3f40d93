namespace ShakenFist.Blobs;

/// <summary>What a download may do and must prove.</summary>
public sealed record SfDownloadOptions
{
    /// <summary>Replace a file that is not the blob.</summary>
    public bool Force { get; init; }

    /// <summary>What must be proven before the file is put in its place.</summary>
    public SfVerificationPolicy Verification { get; init; }
}
