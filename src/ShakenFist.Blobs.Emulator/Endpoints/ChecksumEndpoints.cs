namespace ShakenFist.Blobs.Emulator;

/// <summary>Handles searches for a blob by checksum and, from generation C on, requests for one checksum of a blob.</summary>
internal static class ChecksumEndpoints
{
    private static readonly string[] Algorithms = ["sha1", "sha256", "sha512", "xxh128"];

    public static ValueTask<Reply> Search(Call call)
    {
        if (call.BadCall is { } bad)
        {
            return ValueTask.FromResult(bad);
        }

        string algorithm = call.Options.Generation == ServerGeneration.A ? "sha512" : call.Arguments.Text("algorithm");
        if (!Algorithms.Contains(algorithm))
        {
            return ValueTask.FromResult(Reply.Error(400, "unknown hash algorithm"));
        }

        // B announces four algorithms, but compares every value with the SHA-512 checksums.
        string searched = call.Options.Generation == ServerGeneration.B ? "sha512" : algorithm;
        string hash = call.Arguments.Text("hash");
        EmulatedBlob? found = call.State.Blobs
            .FirstOrDefault(blob => IsFindable(blob, call.Options.Generation) && SumOf(blob, searched) == hash);

        // D looks up one blob and does not search for another copy.
        return ValueTask.FromResult(found is null || (call.Options.Generation >= ServerGeneration.D && found.State != "created")
            ? Reply.NullJson()
            : Call.Json((ref json) => BlobRecord.Write(ref json, found, call.Options, call.IsAdmin, withInstances: true)));
    }

    public static ValueTask<Reply> One(Call call)
    {
        (EmulatedBlob? blob, Reply? refusal) = call.FindBlob();
        string algorithm = call.Arguments.Text("algorithm");
        return ValueTask.FromResult(refusal
            ?? (Algorithms.Contains(algorithm)
                ? Call.Json((ref json) => json.Value(SumOf(blob!, algorithm)))
                : Reply.Error(400, "unknown hash algorithm")));
    }

    private static bool IsFindable(EmulatedBlob blob, ServerGeneration generation) =>
        generation is ServerGeneration.A or ServerGeneration.D ? blob.State != "deleted" : blob.State == "created";

    private static string? SumOf(EmulatedBlob blob, string algorithm) => algorithm switch
    {
        "sha1" => blob.Sha1,
        "sha256" => blob.Sha256,
        "sha512" => blob.Sha512,
        _ => blob.Xxh128,
    };
}
