using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Soak;

/// <summary>The hash that a run has, and how it is used. Two runs of the same transfer can differ in it.</summary>
/// <param name="Name">A description.</param>
/// <param name="Record">The record of the blob that the cluster returns to this run.</param>
/// <param name="Verification">The verification policy of the run.</param>
/// <param name="Algorithm">The preferred algorithm.</param>
internal sealed record Knowledge(string Name, SfBlob Record, SfVerificationPolicy Verification = SfVerificationPolicy.IfAvailable, SfHashAlgorithm? Algorithm = null)
{
    /// <summary>Whether the run has a hash to verify by.</summary>
    public bool HasHash => Verification != SfVerificationPolicy.None
        && (PublishedHash.Of(Record) is not null || (Algorithm is { } algorithm && PublishedHash.Of(Record, algorithm) is not null));

    /// <summary>The options of the run.</summary>
    public SfBlobSaveOptions Apply(SfBlobSaveOptions options) => options with { Verification = Verification, Algorithm = Algorithm };

    /// <summary>A run that has all hashes.</summary>
    public static Knowledge Full(SfBlob record, EmulatedBlob blob) => new("all hashes", record with { Checksums = All(blob), Sha512 = blob.Sha512 });

    /// <summary>A run that has a hash, but not always the same one.</summary>
    public static Knowledge WithHash(SfBlob record, EmulatedBlob blob, Random random)
    {
        Knowledge full = Full(record, blob);
        return random.Next(5) switch
        {
            0 => full with { Name = "SHA1 only", Record = Only(record, "sha1", blob.Sha1!) },
            1 => full with { Name = "SHA256 only", Record = Only(record, "sha256", blob.Sha256!) },
            2 => full with { Name = "XXH128 preferred", Algorithm = SfHashAlgorithm.XXH128 },
            3 => full with { Name = "required", Verification = SfVerificationPolicy.Required },
            _ => full,
        };
    }

    /// <summary>A run that has no hash, for different reasons.</summary>
    public static Knowledge WithoutHash(SfBlob record, EmulatedBlob blob, Random random) => random.Next(5) switch
    {
        0 => new Knowledge("no hash in the record", record with { Checksums = [], Sha512 = null }),
        1 => new Knowledge("an unreadable hash in the record", Only(record, "sha512", "not a hash")),
        3 => new Knowledge("no hash, but a second download", record with { Checksums = [], Sha512 = null }, SfVerificationPolicy.Reread),
        2 => new Knowledge("XXH128 only", Only(record, "xxh128", blob.Xxh128!)),
        _ => Full(record, blob) with { Name = "verification off", Verification = SfVerificationPolicy.None },
    };

    /// <summary>A run with or without a hash.</summary>
    public static Knowledge Any(SfBlob record, EmulatedBlob blob, Random random) =>
        random.Next(2) == 0 ? WithHash(record, blob, random) : WithoutHash(record, blob, random);

    private static SfBlob Only(SfBlob record, string algorithm, string hash) => record with { Checksums = new SfDictionary<string> { [algorithm] = hash }, Sha512 = null };

    private static SfDictionary<string> All(EmulatedBlob blob) =>
        new() { ["sha512"] = blob.Sha512!, ["sha256"] = blob.Sha256!, ["sha1"] = blob.Sha1!, ["xxh128"] = blob.Xxh128! };
}
