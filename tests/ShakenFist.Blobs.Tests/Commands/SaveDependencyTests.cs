using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests -IncludeDependency, which saves an image with its backing files.</summary>
public sealed class SaveDependencyTests
{
    private static async Task<Cluster> StartAsync()
    {
        Cluster cluster = await Cluster.StartAsync();
        cluster.Engine["thin"] = DemoCluster.ThinImage;
        return cluster;
    }

    [Fact]
    public async Task A_backing_file_with_a_plain_name_in_the_image_gets_that_name()
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run("Save-SfBlobData $thin $dir -IncludeDependency -PassThru").Good;
        Assert.Equal([DemoCluster.ThinImage, DemoCluster.BaseImage], result.Each<Guid>("BlobUuid"));
        Assert.Equal([$"{DemoCluster.BaseImage}", $"{DemoCluster.ThinImage}.qcow2"], cluster.Files);
        Assert.Empty(result.Warnings);
        string? named = cluster.Run($"(Get-SfImageInfo -Path \"$dir/{DemoCluster.ThinImage}.qcow2\").BackingFile").Only.ToString();
        Assert.True(File.Exists(cluster.PathOf(named!)));
        Assert.Equal(cluster.ContentOf(DemoCluster.BaseImage), await File.ReadAllBytesAsync(cluster.PathOf(named!), TestContext.Current.CancellationToken));

        // Again: all files exist.
        Assert.All(cluster.Run("Save-SfBlobData $thin $dir -IncludeDependency -PassThru").Good.Output, o => Assert.Equal("Unchanged", o.Text("Status")));
    }

    [Fact]
    public async Task Without_the_switch_a_verbose_message_reports_the_missing_dependency()
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run("Save-SfBlobData $thin $dir -Verbose").Good;
        Assert.Equal([$"{DemoCluster.ThinImage}.qcow2"], cluster.Files);
        Assert.Single(result.Verbose, v => v.Contains("-IncludeDependency", StringComparison.Ordinal) && v.Contains(DemoCluster.BaseImage.ToString(), StringComparison.Ordinal));
        Assert.Empty(result.Warnings);
    }

    [Theory]
    [InlineData("/srv/shakenfist/blobs/d3/base")]
    [InlineData("../base.qcow2")]
    [InlineData("base\u001b[2J.qcow2")]
    [InlineData("..")]
    [InlineData("CON.qcow2")]
    [InlineData("x.sfpart")]
    public async Task Any_other_name_is_not_used_and_a_warning_contains_the_command_that_repairs_the_chain(string backingFile)
    {
        await using Cluster cluster = await StartAsync();
        EmulatedBlob image = EmulatedBlob.FromBytes(Qcow2Image.Build(1 << 30, 2, 99, backingFile));
        image.DependsOn = DemoCluster.RawDisk;
        cluster.Emulator.State.AddBlob(image);
        cluster.Engine["image"] = image.Uuid;
        EngineResult result = cluster.Run("Save-SfBlobData $image \"$dir/disk.qcow2\" -IncludeDependency").Good;
        Assert.Equal([$"{DemoCluster.RawDisk}.raw", "disk.qcow2"], cluster.Files);
        Assert.Contains($"qemu-img rebase -u -F raw -b '{cluster.PathOf($"{DemoCluster.RawDisk}.raw")}' '{cluster.PathOf("disk.qcow2")}'", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Warnings[0]);
    }

    [Fact]
    public async Task A_name_from_an_image_replaces_no_file_even_with_Force()
    {
        await using Cluster cluster = await StartAsync();
        EmulatedBlob image = EmulatedBlob.FromBytes(Qcow2Image.Build(1 << 30, 2, 98, "precious.txt"));
        image.DependsOn = DemoCluster.RawDisk;
        cluster.Emulator.State.AddBlob(image);
        cluster.Engine["image"] = image.Uuid;
        await cluster.WriteAsync("precious.txt", [1, 2, 3]);
        EngineResult result = cluster.Run("Save-SfBlobData $image $dir -IncludeDependency -Force -PassThru");
        Assert.StartsWith("TargetExists,", result.OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(image.Uuid, result.Output.Single().Get<Guid>("BlobUuid"));
        Assert.Equal(3, new FileInfo(cluster.PathOf("precious.txt")).Length);
    }

    [Fact]
    public async Task A_shared_dependency_is_saved_once_and_a_cycle_ends()
    {
        await using Cluster cluster = await StartAsync();
        Guid[] uuids = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        for (int i = 0; i < uuids.Length; i++)
        {
            EmulatedBlob blob = EmulatedBlob.Generated(10_000, i, uuids[i]);
            blob.DependsOn = uuids[i == 2 ? 1 : 2];
            cluster.Emulator.State.AddBlob(blob);
        }

        cluster.Engine["uuids"] = uuids[..2];
        EngineResult result = cluster.Run("$uuids | Save-SfBlobData -Path $dir -IncludeDependency -PassThru");
        Assert.Empty(result.Errors);
        Assert.Equal(3, cluster.Files.Length);
        Assert.Equal(3, result.Output.Count(o => o.Text("Status") == "Saved"));
        Assert.Contains(result.Warnings, w => w.Contains("depends on itself through other blobs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_backing_file_does_not_replace_its_image()
    {
        await using Cluster cluster = await StartAsync();
        EmulatedBlob image = EmulatedBlob.FromBytes(Qcow2Image.Build(1 << 30, 2, 99, "/elsewhere/base"));
        image.DependsOn = DemoCluster.RawDisk;
        cluster.Engine["image"] = cluster.Emulator.State.AddBlob(image).Uuid;
        EngineResult result = cluster.Run("Save-SfBlobData $image \"$dir/$raw.raw\" -IncludeDependency -Force -PassThru");
        Assert.StartsWith("TargetRepeated,", result.OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(cluster.Engine["image"], Assert.Single(result.Output).Get<Guid>("BlobUuid"));
        Assert.Equal(cluster.ContentOf(image.Uuid), await File.ReadAllBytesAsync(cluster.PathOf($"{DemoCluster.RawDisk}.raw"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Two_images_with_different_backing_files_of_the_same_name_are_reported()
    {
        await using Cluster cluster = await StartAsync();
        Guid[] images = [.. new[] { DemoCluster.RawDisk, DemoCluster.InstallMedium }.Select((below, i) =>
        {
            EmulatedBlob image = EmulatedBlob.FromBytes(Qcow2Image.Build(1 << 30, 2, 50 + i, "base.img"));
            image.DependsOn = below;
            return cluster.Emulator.State.AddBlob(image).Uuid;
        })];
        cluster.Engine["images"] = images;
        EngineResult result = cluster.Run("$images | Save-SfBlobData -Path $dir -IncludeDependency -PassThru");
        Assert.StartsWith("TargetRepeated,", result.OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(3, result.Output.Count);
        Assert.Equal(3, cluster.Files.Length);
    }

    [Fact]
    public async Task A_missing_dependency_is_an_error_and_the_blob_is_saved()
    {
        await using Cluster cluster = await StartAsync();
        EmulatedBlob blob = EmulatedBlob.Generated(10_000, 5);
        blob.DependsOn = Cluster.Unknown;
        cluster.Emulator.State.AddBlob(blob);
        cluster.Engine["blob"] = blob.Uuid;
        EngineResult result = cluster.Run("Save-SfBlobData $blob $dir -IncludeDependency -PassThru");
        Assert.Single(result.Output);
        Assert.Equal("BlobNotFound,ShakenFist.Blobs.Commands.SaveSfBlobDataCommand", result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal(Cluster.Unknown, result.OnlyError.TargetObject);
    }
}
