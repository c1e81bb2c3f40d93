using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests the pipeline input of Test-SfBlobData: saved records, which need no cluster, and objects that only identify a blob.</summary>
public sealed class SavedRecordTests
{
    private const string Saved = "$file = \"$dir/disk.raw\"; $transfer = Save-SfBlobData $raw $file -PassThru; $blob = Get-SfBlob $raw";

    [Theory]
    [InlineData("$blob | Test-SfBlobData $file")]
    [InlineData("Test-SfBlobData $file -InputObject $blob")]
    [InlineData("[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($blob)) | Test-SfBlobData $file")]
    [InlineData("[PSCustomObject]@{ Uuid = \"$raw\"; Size = $blob.Size; Sha512 = $blob.Sha512 } | Test-SfBlobData $file")]
    [InlineData("[PSCustomObject]@{ Uuid = $raw; Size = \"$($blob.Size)\"; Checksums = [PSCustomObject]@{ sha256 = $blob.Checksums['sha256'] } } | Test-SfBlobData -Path $file")]
    public async Task A_saved_record_is_used_without_a_request(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run(Saved).Good;
        _ = cluster.Run("Disconnect-ShakenFist").Good;
        cluster.Emulator.ClearRequests();
        Assert.Equal(true, cluster.Run(script).Only.BaseObject);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Theory]
    [InlineData("$transfer | Test-SfBlobData")]
    [InlineData("[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($transfer)) | Test-SfBlobData")]
    [InlineData("[PSCustomObject]@{ Uuid = $raw; Path = $file } | Test-SfBlobData")]
    [InlineData("[PSCustomObject]@{ BlobUuid = \"$raw\"; Path = $file } | Test-SfBlobData")]
    [InlineData("Test-SfBlobData -LiteralPath $file -Uuid $raw")]
    public async Task Input_that_only_identifies_the_blob_is_looked_up(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run(Saved).Good;
        cluster.Emulator.ClearRequests();
        Assert.Equal(true, cluster.Run(script).Only.BaseObject);
        Assert.Equal($"/blobs/{DemoCluster.RawDisk:D}", Assert.Single(cluster.Emulator.Requests).Path);
    }

    [Fact]
    public async Task A_record_of_another_blob_does_not_match_the_file()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run(Saved).Good;
        Assert.Equal(false, cluster.Run("Get-SfBlob $iso | Test-SfBlobData $file").Only.BaseObject);
        Assert.Equal(false, cluster.Run("[PSCustomObject]@{ Uuid = $raw; Size = $blob.Size; Sha512 = '0' * 128 } | Test-SfBlobData $file").Only.BaseObject);
    }
}
