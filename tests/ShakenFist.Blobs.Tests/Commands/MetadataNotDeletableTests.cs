using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests metadata keys that a cluster can store but not delete.</summary>
public sealed class MetadataNotDeletableTests
{
    private static async Task<(Cluster Cluster, EmulatedBlob Blob)> StartAsync()
    {
        Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { Generation = ServerGeneration.D });
        EmulatedBlob blob = cluster.AddBlob("mine", 10, b =>
        {
            b.Metadata["a/b"] = 1;
            b.Metadata["plain"] = 2;
            b.Metadata["."] = 3;
        });
        return (cluster, blob);
    }

    [Theory]
    [InlineData("Remove-SfBlobMetadata $mine a/b, plain, .", "RemoveSfBlobMetadataCommand")]
    [InlineData("Remove-SfBlobMetadata $mine * -Force", "RemoveSfBlobMetadataCommand")]
    [InlineData("Set-SfBlobMetadata $mine -Metadata @{ } -Replace", "SetSfBlobMetadataCommand")]
    public async Task Each_key_that_cannot_be_deleted_is_one_error_and_the_others_are_removed(string script, string command)
    {
        (Cluster cluster, EmulatedBlob blob) = await StartAsync();
        await using (cluster)
        {
            EngineResult result = cluster.Run(script);
            Assert.Equal(2, result.Errors.Count);
            Assert.All(result.Errors, e =>
            {
                Assert.Equal($"MetadataKeyNotDeletable,ShakenFist.Blobs.Commands.{command}", e.FullyQualifiedErrorId);
                Assert.Equal(ErrorCategory.NotImplemented, e.CategoryInfo.Category);
                Assert.Equal(blob.Uuid, e.TargetObject);
                Assert.Contains("can store such a key, but cannot delete it", e.ToString(), StringComparison.Ordinal);
            });
            Assert.Equal([".", "a/b"], blob.Metadata.Select(m => m.Key).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task After_the_refusal_such_a_key_is_written_only_with_Force()
    {
        (Cluster cluster, EmulatedBlob blob) = await StartAsync();
        await using (cluster)
        {
            _ = cluster.Run("Set-SfBlobMetadata $mine c/d 1; New-SfBlobMetadata $mine e/f 1").Good;
            Assert.Equal("MetadataKeyNotDeletable", cluster.Run("Remove-SfBlobMetadata $mine c/d").OnlyError.FullyQualifiedErrorId.Split(',')[0]);
            cluster.Emulator.ClearRequests();
            foreach (string script in new[] { "Set-SfBlobMetadata $mine c/d 2", "Set-SfBlobMetadata $mine new/key 2", "New-SfBlobMetadata $mine .. 2", "Set-SfBlobMetadata $mine c/d 2 -WhatIf" })
            {
                ErrorRecord error = cluster.Run(script).OnlyError;
                Assert.Equal("MetadataKeyNotDeletable", error.FullyQualifiedErrorId.Split(',')[0]);
                Assert.Contains("could not delete it again", error.ToString(), StringComparison.Ordinal);
                Assert.Contains("-Force", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
            }

            Assert.DoesNotContain(cluster.Emulator.Requests, r => r.Method != "GET");
            _ = cluster.Run("Set-SfBlobMetadata $mine c/d 1; Set-SfBlobMetadata $mine plain 5; New-SfBlobMetadata $mine fresh 6").Good;
            _ = cluster.Run("Set-SfBlobMetadata $mine -Metadata @{ 'c/d' = 7 } -Force; New-SfBlobMetadata $mine .. 8 -Force").Good;
            Assert.Equal((7L, 8L), ((long)blob.Metadata["c/d"]!, (long)blob.Metadata[".."]!));
            _ = cluster.Run("$other = Connect-ShakenFist $url $admin; Set-SfBlobMetadata $mine c/d 9 -Session $other").Good;
        }
    }
}
