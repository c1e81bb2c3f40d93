using System.Security.Cryptography;
using System.Text;
using ShakenFist.Blobs.Model;

namespace ShakenFist.Blobs.Client.Tests.Transfer;

/// <summary>Tests that an invalid published hash is reported as such, and not as missing.</summary>
public sealed class UnreadableHashTests
{
    private const int Size = 10_000;

    /// <summary>Members of the record. <c>%</c> is replaced with the correct SHA-512 hash, and <c>~</c> with this hash without its last digit.</summary>
    public static TheoryData<string, string> Records => new()
    {
        { """ "sha512": " %" """, "sha512" },
        { """ "sha512": "sha512:%" """, "sha512" },
        { """ "sha512": "%0" """, "sha512" },
        { """ "sha512": "~" """, "sha512" },
        { """ "checksums": {"sha512": "~", "sha256": "~"} """, "sha256" },
        { """ "checksums": {"sha512": "\t%"} """, "sha512" },
        { """ "checksums": {"sha512": "sha256:%"} """, "sha512 'sha256:" },
        { """ "checksums": {"sha512": 5, "sha256": 1.5, "sha1": true} """, "sha256 is not text" },
        { """ "sha512": 5 """, "sha512 '5'" },
        { """ "checksums": {"sha512": "%\n"} """, "sha512" },
        { """ "checksums": {"sha256": "abc", "md5": "x"} """, "sha256 'abc'" },
        { """ "checksums": {"sha1": 7} """, "sha1 is not text" },
        { """ "checksums": "%" """, "the checksums are not an object" },
    };

    [Theory]
    [MemberData(nameof(Records))]
    public async Task It_is_reported_and_the_file_is_not_verified(string members, string reported)
    {
        await using Download download = await Download.StartAsync(Size, publish: false);
        (SfBlobSaveResult? transfer, SfException? failure) = await SaveAsync(download, members, SfVerificationPolicy.IfAvailable);
        Assert.Null(failure);
        Assert.Equal((SfBlobSaveStatus.Saved, SfVerificationOutcome.NotVerified), (transfer!.Status, transfer.Verification));
        string warning = Assert.Single(download.Cluster.Log.Warnings);
        Assert.Contains("cannot be read", warning, StringComparison.Ordinal);
        Assert.Contains(reported, warning, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Records))]
    public async Task Nothing_is_saved_if_verification_is_required(string members, string reported)
    {
        await using Download download = await Download.StartAsync(Size, publish: false);
        (_, SfException? failure) = await SaveAsync(download, members, SfVerificationPolicy.Required);
        Assert.Equal(SfErrors.ChecksumNotPublished, failure!.Error);
        Assert.Contains("cannot be read", failure.Message, StringComparison.Ordinal);
        Assert.Contains(reported, failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, download.Cluster.DataRequests);
    }

    [Theory]
    [InlineData(""" "sha512": "%", "checksums": {"sha512": "broken", "sha1": 7} """)]
    [InlineData(""" "sha512": 7, "checksums": {"sha512": "%", "SHA512": "broken", "sha1": ""} """)]
    [InlineData(""" "sha512": "%", "checksums": [] """)]
    [InlineData(""" "checksums": {"sha1": 7, "sha256": "sha256:%", "sha512": "%", "xxh128": "% "} """)]
    [InlineData(""" "checksums": {"sha1": "%\n", "sha256": null, "sha512": "%", "md5": {}} """)]
    public async Task A_readable_hash_of_another_algorithm_is_used(string members)
    {
        await using Download download = await Download.StartAsync(Size, publish: false);
        (SfBlobSaveResult? transfer, _) = await SaveAsync(download, members, SfVerificationPolicy.Required);
        Assert.Equal((SfVerificationOutcome.Verified, (SfHashAlgorithm?)SfHashAlgorithm.SHA512), (transfer!.Verification, transfer.Algorithm));
    }

    private static async Task<(SfBlobSaveResult? Transfer, SfException? Failure)> SaveAsync(Download download, string members, SfVerificationPolicy policy)
    {
        (SfSession session, SfBlob known) = await download.PrepareAsync();
        string right = Convert.ToHexStringLower(SHA512.HashData(download.Content));
        SfBlob record = BlobReader.Read(Encoding.UTF8.GetBytes(
            $$"""{"uuid": "{{known.Uuid}}", "state": "created", "size": {{Size}}, {{members.Replace("%", right, StringComparison.Ordinal).Replace("~", right[..^1], StringComparison.Ordinal)}} }"""));
        try
        {
            return (await session.SaveBlobDataAsync(record, download.Target, Cluster.Save with { Verification = policy }, download.Cluster.Log, Limit.Token), null);
        }
        catch (SfException e)
        {
            return (null, e);
        }
    }
}
