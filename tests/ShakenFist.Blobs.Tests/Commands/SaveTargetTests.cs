using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests the path of the file that Save-SfBlobData creates.</summary>
public sealed class SaveTargetTests
{
    private const string Command = ",ShakenFist.Blobs.Commands.SaveSfBlobDataCommand";

    // A PowerShell drive for the directory. New-PSDrive is not part of the engine.
    internal const string Drive = "$null = New-PSDrive -Name Sf -PSProvider FileSystem -Root $dir -Scope Global;";

    internal const string GoThere = "Set-Location -LiteralPath $dir;";

    [Theory]
    [InlineData("Save-SfBlobData $raw $dir")]
    [InlineData("Save-SfBlobData -Uuid $raw -Path $dir")]
    [InlineData("Save-SfBlobData -BlobUuid $raw -Path \"$dir/\"")]
    [InlineData("Save-SfBlobData $raw -LiteralPath $dir")]
    [InlineData("Save-SfBlobData $raw -PSPath $dir")]
    [InlineData("Save-SfBlobData $raw -LP $dir")]
    [InlineData("$raw | Save-SfBlobData -Path $dir")]
    [InlineData("\"$raw\" | Save-SfBlobData -Path $dir")]
    [InlineData("[PSCustomObject]@{ BlobUuid = $raw } | Save-SfBlobData -Path $dir")]
    [InlineData("Get-SfBlob $raw | Save-SfBlobData -Path $dir")]
    [InlineData("Get-SfBlob $raw | Save-SfBlobData $dir")]
    [InlineData("Get-SfBlob $raw | Save-SfBlobData -LiteralPath $dir")]
    [InlineData("Save-SfBlobData -InputObject (Get-SfBlob $raw) -Path $dir")]
    [InlineData("Save-SfBlobData -InputObject (Get-SfBlob $raw) -LiteralPath $dir")]
    [InlineData("[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize((Get-SfBlob $raw))) | Save-SfBlobData -Path $dir")]
    [InlineData(GoThere + "Save-SfBlobData $raw")]
    [InlineData(GoThere + "Save-SfBlobData $raw .")]
    [InlineData(GoThere + "Get-SfBlob $raw | Save-SfBlobData")]
    [InlineData(Drive + "Save-SfBlobData $raw Sf:/")]
    [InlineData(Drive + "Save-SfBlobData $raw -LiteralPath Sf:/")]
    [InlineData("Save-SfBlobData $raw \"Microsoft.PowerShell.Core\\FileSystem::$dir\"")]
    [InlineData("Save-SfBlobData $raw ($dir.Substring(0, $dir.Length - 1) + '?')")]
    public async Task The_default_file_name_consists_of_UUID_and_format(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Empty(cluster.Run(script).Good.Output);
        Assert.Equal([$"{DemoCluster.RawDisk}.raw"], cluster.Files);
        Assert.Equal(cluster.ContentOf(DemoCluster.RawDisk), await File.ReadAllBytesAsync(cluster.PathOf(cluster.Files[0]), TestContext.Current.CancellationToken));
        Assert.NotEqual(cluster.Directory, Environment.CurrentDirectory);
    }

    [Theory]
    [InlineData("Save-SfBlobData $raw \"$dir/disk.img\"", "disk.img")]
    [InlineData("Get-SfBlob $raw | Save-SfBlobData -Path \"$dir/disk.img\"", "disk.img")]
    [InlineData(GoThere + "Save-SfBlobData $raw disk.img", "disk.img")]
    [InlineData(GoThere + "Save-SfBlobData $raw -LiteralPath 'a [1] $b ''c''.img'", "a [1] $b 'c'.img")]
    [InlineData(GoThere + "Save-SfBlobData $raw 'a `[1`].img'", "a [1].img")]
    [InlineData(GoThere + "Save-SfBlobData $raw 'größe ✓.img'", "größe ✓.img")]
    [InlineData(Drive + "Save-SfBlobData $raw Sf:/disk.img", "disk.img")]
    [InlineData(Drive + "Save-SfBlobData $raw -LiteralPath 'Sf:/[x]*.img'", "[x]*.img")]
    public async Task A_specified_file_name_is_used_unchanged(string script, string expected)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run(script).Good;
        Assert.Equal([expected], cluster.Files);
        Assert.Equal(5 << 20, new FileInfo(cluster.PathOf(expected)).Length);
    }

    [Theory]
    [InlineData("Save-SfBlobData $raw \"$dir/none*\"", "PathAmbiguous", ErrorCategory.InvalidArgument)]
    [InlineData("Save-SfBlobData $raw \"$dir/two*\"", "PathAmbiguous", ErrorCategory.InvalidArgument)]
    [InlineData("Save-SfBlobData $raw \"$dir/file*\"", "PathAmbiguous", ErrorCategory.InvalidArgument)]
    [InlineData("Save-SfBlobData $raw \"$dir/missing/\"", "DirectoryNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Save-SfBlobData $raw \"$dir/missing/file\"", "DirectoryNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Save-SfBlobData $raw variable:", "PathNotFileSystem", ErrorCategory.InvalidArgument)]
    [InlineData("Save-SfBlobData $raw env:/x", "PathNotFileSystem", ErrorCategory.InvalidArgument)]
    [InlineData("Save-SfBlobData $raw -LiteralPath function:/x", "PathNotFileSystem", ErrorCategory.InvalidArgument)]
    [InlineData("Save-SfBlobData $raw nowhere:/x", "PathNotFileSystem", ErrorCategory.InvalidArgument)]
    [InlineData("Save-SfBlobData $raw nothing::/x", "PathNotFileSystem", ErrorCategory.InvalidArgument)]
    public async Task A_location_that_cannot_hold_files_is_a_separate_error(string script, string id, ErrorCategory category)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Directory.CreateDirectory(cluster.PathOf("two1"));
        Directory.CreateDirectory(cluster.PathOf("two2"));
        await File.WriteAllTextAsync(cluster.PathOf("file1"), "old", TestContext.Current.CancellationToken);
        ErrorRecord error = cluster.Run(script).OnlyError;
        Assert.Equal(id + Command, error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Equal(["file1"], cluster.Files);
        Assert.Empty(cluster.DataRequests);
    }

    [Fact]
    public async Task A_device_is_a_separate_error()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        string device = OperatingSystem.IsWindows() ? "$dir/NUL" : "/dev/null";
        ErrorRecord error = cluster.Run($"Save-SfBlobData $raw \"{device}\"").OnlyError;
        Assert.Equal("TargetNotFile" + Command, error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.Empty(cluster.DataRequests);
    }

    [Fact]
    public async Task Wildcards_can_match_one_existing_directory()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Directory.CreateDirectory(cluster.PathOf("images"));
        _ = cluster.Run("Save-SfBlobData $raw \"$dir/im*s\"").Good;
        Assert.Equal([Path.Combine("images", $"{DemoCluster.RawDisk}.raw")], cluster.Files);
    }

    [Fact]
    public async Task With_a_location_outside_the_file_system_the_last_file_system_location_is_used()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run(GoThere + "Set-Location variable:; Save-SfBlobData $raw").Good;
        Assert.Equal([$"{DemoCluster.RawDisk}.raw"], cluster.Files);
    }

    [Theory]
    [InlineData("qcow2", null, ".qcow2")]
    [InlineData("raw", null, ".raw")]
    [InlineData("raw", "application/x-iso9660-image", ".iso")]
    [InlineData("qcow", null, ".qcow")]
    [InlineData("qed", null, ".qed")]
    [InlineData("vmdk", null, ".vmdk")]
    [InlineData("vdi", null, ".vdi")]
    [InlineData("vhdx", null, ".vhdx")]
    [InlineData("vpc", null, ".vhd")]
    [InlineData("../../evil", null, "")]
    [InlineData(null, null, "")]
    public async Task The_extension_is_that_of_the_format_and_never_text_of_the_server(string? format, string? mime, string extension)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedBlob blob = cluster.AddBlob("blob", 1000, b =>
        {
            b.Info.Clear();
            b.Info["file format"] = format;
            b.Info["mime-type"] = mime;
        });
        _ = cluster.Run("Save-SfBlobData $blob $dir").Good;
        Assert.Equal([blob.Uuid + extension], cluster.Files);
    }

    [Fact]
    public async Task Of_two_blobs_with_the_same_target_the_first_is_saved_and_the_second_is_an_error()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        ErrorRecord error = cluster.Run("$raw, $iso | Save-SfBlobData -Path \"$dir/one.img\"").OnlyError;
        Assert.Equal("TargetRepeated" + Command, error.FullyQualifiedErrorId);
        Assert.Equal(DemoCluster.InstallMedium.ToString(), error.TargetObject.ToString());
        Assert.Equal(5 << 20, new FileInfo(cluster.PathOf("one.img")).Length);
    }

    [Fact]
    public async Task The_same_blob_twice_is_saved_once_and_then_reported_as_unchanged()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("$raw, $raw | Save-SfBlobData -Path \"$dir/one.img\" -PassThru").Good;
        Assert.Equal(["Saved", "Unchanged"], result.Output.Select(o => o.Text("Status")));
        Assert.Single(cluster.DataRequests);
    }

    [Fact]
    public async Task An_invalid_path_for_many_inputs_is_one_error_and_sends_no_request()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.StartsWith("DirectoryNotFound,", cluster.Run("$raw, $iso | Save-SfBlobData -Path \"$dir/missing/\"").OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(cluster.Emulator.Requests);
    }
}
