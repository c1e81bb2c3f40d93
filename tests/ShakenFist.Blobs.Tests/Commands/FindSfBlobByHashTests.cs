using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests finding a blob by a specified hash.</summary>
public sealed class FindSfBlobByHashTests
{
    private const string Command = ",ShakenFist.Blobs.Commands.FindSfBlobByHashCommand";

    [Theory]
    [InlineData("Find-SfBlobByHash $sums.Sha512")]
    [InlineData("Find-SfBlobByHash $sums.Sha256")]
    [InlineData("Find-SfBlobByHash $sums.Sha1")]
    [InlineData("Find-SfBlobByHash $sums.Xxh128 -Algorithm XXH128")]
    [InlineData("Find-SfBlobByHash $sums.Xxh128 -Algorithm xxh128")]
    [InlineData("Find-SfBlobByHash -Hash $sums.Sha512.ToUpperInvariant() -Algorithm SHA512")]
    [InlineData("Find-SfBlobByHash \" $($sums.Sha1.ToUpperInvariant()) \"")]
    [InlineData("$sums.Sha256 | Find-SfBlobByHash")]
    [InlineData("[PSCustomObject]@{ Hash = $sums.Sha256.ToUpperInvariant(); Algorithm = 'SHA256'; Path = '/nowhere/at/all' } | Find-SfBlobByHash")]
    [InlineData("[PSCustomObject]@{ Hash = $sums.Xxh128; Algorithm = 'XXH128' } | Find-SfBlobByHash")]
    [InlineData("[PSCustomObject]@{ Hash = $sums.Sha1 } | Find-SfBlobByHash -Session $session")]
    public async Task A_hash_in_any_form_finds_its_blob(string script)
    {
        await using Cluster cluster = await StartAsync();
        PSObject blob = cluster.Run(script).Only;
        Assert.Equal("ShakenFist.Blobs.SfBlob", blob.TypeNames[0]);
        Assert.Equal(DemoCluster.RawDisk, blob.Get<Guid>("Uuid"));
        RequestRecord request = Assert.Single(cluster.Emulator.Requests);
        Assert.Equal(request.Path.ToLowerInvariant(), request.Path);
    }

    [Fact]
    public async Task Several_results_are_in_input_order_for_any_algorithms()
    {
        await using Cluster cluster = await StartAsync();
        cluster.Engine["other"] = cluster.Emulator.State.Blob(DemoCluster.InstallMedium)!.Sha1;
        EngineResult result = cluster.Run("Find-SfBlobByHash $other, $sums.Sha512; $sums.Sha256, $other | Find-SfBlobByHash").Good;
        Assert.Equal([DemoCluster.InstallMedium, DemoCluster.RawDisk, DemoCluster.RawDisk, DemoCluster.InstallMedium], result.Each<Guid>("Uuid"));
    }

    [Fact]
    public async Task A_hash_that_is_not_found_outputs_nothing_and_a_verbose_message()
    {
        await using Cluster cluster = await StartAsync();
        string hash = new('a', 64);
        EngineResult result = cluster.Run($"Find-SfBlobByHash {hash}, $($sums.Sha256) -Verbose").Good;
        Assert.Single(result.Output);
        Assert.Single(result.Verbose, v => v.Contains($"The cluster found no blob with the SHA256 hash '{hash}'", StringComparison.Ordinal));
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public async Task With_Required_each_missing_hash_is_an_error_and_the_other_blobs_are_output()
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run($"'{new string('a', 64)}', $sums.Sha256, '{new string('b', 40)}' | Find-SfBlobByHash -Required");
        Assert.Single(result.Output);
        Assert.Equal(["HashNotFound" + Command, "HashNotFound" + Command], result.Errors.Select(e => e.FullyQualifiedErrorId));
        Assert.All(result.Errors, e => Assert.Equal(ErrorCategory.ObjectNotFound, e.CategoryInfo.Category));
        Assert.Equal(new string('a', 64), result.Errors[0].TargetObject.ToString());
    }

    [Theory]
    [InlineData("Find-SfBlobByHash $sums.Xxh128", "Specify -Algorithm")]
    [InlineData("Find-SfBlobByHash $sums.Sha256 -Algorithm SHA512", "is not a valid SHA512 hash. It must have 128 hexadecimal digits")]
    [InlineData("[PSCustomObject]@{ Hash = $sums.Sha1; Algorithm = 'SHA256' } | Find-SfBlobByHash", "is not a valid SHA256 hash. It must have 64 hexadecimal digits")]
    public async Task A_hash_that_does_not_fit_its_algorithm_is_an_error_before_any_request(string script, string reason)
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run(script);
        Assert.Equal("HashInvalid" + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidArgument, result.OnlyError.CategoryInfo.Category);
        Assert.Contains(reason, result.OnlyError.ToString(), StringComparison.Ordinal);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Theory]
    [InlineData("Find-SfBlobByHash 'xyz'", "'xyz' is not a valid hash. SHA512 has 128 hexadecimal digits, SHA256 64, SHA1 40, and XXH128 32.")]
    [InlineData("Find-SfBlobByHash ('a' * 63)", "is not a valid hash")]
    [InlineData("Find-SfBlobByHash ('g' * 64)", "is not a valid hash")]
    [InlineData("Find-SfBlobByHash $null", "because it is null")]
    [InlineData("Find-SfBlobByHash 42", "'42' is not a valid hash")]
    [InlineData("'nonsense' | Find-SfBlobByHash", "'nonsense' is not a valid hash")]
    [InlineData("Find-SfBlobByHash $sums.Sha1 -Algorithm MD5", "MD5")]
    public async Task An_invalid_hash_is_rejected_with_the_reason(string script, string reason)
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run(script);
        Assert.Matches("^(HashInvalid|ParameterArgumentValidationErrorNullNotAllowed|CannotConvertArgumentNoMessage)" + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Contains(reason, result.OnlyError.ToString(), StringComparison.Ordinal);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task After_an_invalid_hash_in_the_pipeline_the_others_are_processed()
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run("$sums.Sha1, 'x', $sums.Sha512 | Find-SfBlobByHash");
        Assert.Equal(2, result.Output.Count);
        Assert.Single(result.Errors);
    }

    [Theory]
    [InlineData("blob-search-by-hash", "Sha512")]
    [InlineData("blob-hash-sha256", "Sha256")]
    [InlineData("blob-hash-sha1", "Sha1")]
    public async Task Without_the_capability_no_request_is_sent_and_the_error_lists_the_available_ones(string capability, string sum)
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        cluster.Emulator.Faults.Add(new Fault { Path = "/", Kind = FaultKind.WrongBody, Body = "<ul><li>blobs: blob-metadata, blob-shine" + (sum == "Sha512" ? "" : ", blob-search-by-hash") + "</li></ul>" });
        cluster.Engine["sums"] = cluster.Emulator.State.Blob(DemoCluster.RawDisk);
        _ = cluster.Run("$session = Connect-ShakenFist $url $admin").Good;
        cluster.Emulator.ClearRequests();
        ErrorRecord error = cluster.Run($"Find-SfBlobByHash $sums.{sum}").OnlyError;
        Assert.Equal("CapabilityMissing" + Command, error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.NotImplemented, error.CategoryInfo.Category);
        Assert.Contains(capability, error.ToString(), StringComparison.Ordinal);
        Assert.Contains("blob-metadata, blob-shine", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task The_released_server_searches_only_by_SHA_512()
    {
        await using Cluster cluster = await StartAsync(ServerGeneration.A);
        Assert.Equal(DemoCluster.RawDisk, cluster.Run("Find-SfBlobByHash $sums.Sha512").Only.Get<Guid>("Uuid"));
        ErrorRecord error = cluster.Run("Find-SfBlobByHash $sums.Sha256").OnlyError;
        Assert.Equal("CapabilityMissing" + Command, error.FullyQualifiedErrorId);
        Assert.Contains("blob-hash-sha256", error.ToString(), StringComparison.Ordinal);
        Assert.Single(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task A_server_that_searches_only_sha512_hashes_is_inconclusive_for_other_algorithms_and_the_error_explains_it()
    {
        await using Cluster cluster = await StartAsync(ServerGeneration.B);
        EngineResult result = cluster.Run("Find-SfBlobByHash $sums.Sha512, $sums.Sha256").Good;
        Assert.Single(result.Output);
        Assert.Contains("The result is inconclusive", Assert.Single(result.Warnings), StringComparison.Ordinal);
        result = cluster.Run("Find-SfBlobByHash $sums.Sha1 -Required");
        Assert.Equal("HashNotFound" + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Contains("The result is inconclusive", result.OnlyError.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sha512")]
    [InlineData("Xxh128")]
    public async Task A_response_with_another_blob_is_rejected(string sum)
    {
        await using Cluster cluster = await StartAsync();
        string other = cluster.Run("Get-SfBlob $iso").Only.Get<Guid>("Uuid").ToString();
        string record = $"{{\"uuid\": \"{other}\", \"state\": \"created\", \"size\": 5, \"sha512\": \"{new string('e', 128)}\"}}";
        cluster.Emulator.Faults.Add(new Fault { Path = "/blob_checksums/*", Kind = FaultKind.Status, Status = 200, Body = record, Times = int.MaxValue });
        EngineResult result = cluster.Run($"Find-SfBlobByHash $sums.{sum} -Algorithm {sum}");
        Assert.Equal("InvalidResponse" + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Contains(other, result.OnlyError.ToString(), StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    private static async Task<Cluster> StartAsync(ServerGeneration generation = ServerGeneration.C)
    {
        Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { Generation = generation });
        cluster.Engine["sums"] = cluster.Emulator.State.Blob(DemoCluster.RawDisk);
        return cluster;
    }
}
