using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests the outcomes of Save-SfBlobData for existing files and for responses of the cluster.</summary>
public sealed class SaveSfBlobDataTests
{
    private const string Command = ",ShakenFist.Blobs.Commands.SaveSfBlobDataCommand";

    [Fact]
    public async Task PassThru_outputs_a_result_of_the_transfer()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        PSObject record = cluster.Run("Save-SfBlobData $raw $dir -PassThru -Algorithm SHA512").Only;
        Assert.Equal(DemoCluster.RawDisk, record.Get<Guid>("BlobUuid"));
        Assert.Equal(cluster.PathOf($"{DemoCluster.RawDisk}.raw"), record.Get<string>("Path"));
        Assert.Equal("Saved", record.Text("Status"));
        Assert.Equal("Verified", record.Text("Verification"));
        Assert.Equal("SHA512", record.Text("Algorithm"));
        Assert.Equal(cluster.Emulator.State.Blob(DemoCluster.RawDisk)!.Sha512, record.Get<string>("Hash"));
        Assert.Equal(5L << 20, record.Get<long>("Size"));
        Assert.Equal(5L << 20, record.Get<long>("BytesReceived"));
        Assert.Equal(1, record.Get<int>("RequestCount"));
        Assert.Equal(0, record.Get<int>("ResumeCount"));
        Assert.True(record.Get<TimeSpan>("Duration") > TimeSpan.Zero);
        Assert.True(record.Get<double>("BytesPerSecond") > 0);
        Assert.True(File.Exists(record.Get<string>("Path")));
    }

    [Fact]
    public async Task A_blob_from_the_list_with_its_hash_takes_only_one_data_request()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run("$blob = do { Get-SfBlob | ForEach-Object { if ($_.Uuid -eq $raw) { $_ } } } while ($false)").Good;
        cluster.Emulator.ClearRequests();
        _ = cluster.Run("$blob | Save-SfBlobData -Path $dir").Good;
        Assert.Equal([$"GET /blobs/{DemoCluster.RawDisk}/data"], cluster.Emulator.Requests.Select(r => $"{r.Method} {r.Path}"));
    }

    [Fact]
    public async Task An_incomplete_record_is_requested_again()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run("[ShakenFist.Blobs.SfBlob]@{ Uuid = $raw } | Save-SfBlobData -Path $dir").Good;
        Assert.Equal(2, cluster.Emulator.Requests.Count);
        Assert.Equal([$"{DemoCluster.RawDisk}.raw"], cluster.Files);
    }

    [Fact]
    public async Task An_existing_file_with_the_right_content_is_kept_and_reported_as_unchanged()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run("Save-SfBlobData $raw $dir").Good;
        DateTime written = File.GetLastWriteTimeUtc(cluster.PathOf(cluster.Files[0]));
        PSObject record = cluster.Run("Save-SfBlobData $raw $dir -PassThru -Force").Only;
        Assert.Equal("Unchanged", record.Text("Status"));
        Assert.Equal("Verified", record.Text("Verification"));
        Assert.Equal(0L, record.Get<long>("BytesReceived"));
        Assert.Equal(written, File.GetLastWriteTimeUtc(cluster.PathOf(cluster.Files[0])));
        Assert.Single(cluster.DataRequests);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5 << 20)]
    public async Task A_different_existing_file_is_an_error_and_is_kept_unless_Force_is_specified(int length)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        string path = cluster.PathOf($"{DemoCluster.RawDisk}.raw");
        byte[] old = new byte[length];
        await File.WriteAllBytesAsync(path, old, TestContext.Current.CancellationToken);
        ErrorRecord error = cluster.Run("Save-SfBlobData $raw $dir").OnlyError;
        Assert.Equal("TargetExists" + Command, error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ResourceExists, error.CategoryInfo.Category);
        Assert.Contains("-Force", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(old, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        Assert.Empty(cluster.DataRequests);

        _ = cluster.Run("Save-SfBlobData $raw $dir -Force").Good;
        Assert.Equal(cluster.ContentOf(DemoCluster.RawDisk), await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task WhatIf_requests_no_data_and_writes_nothing()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("Save-SfBlobData $raw, $iso $dir -WhatIf -PassThru").Good;
        Assert.Empty(result.Output);
        Assert.Empty(cluster.Files);
        Assert.Empty(cluster.DataRequests);
        Assert.Contains($"{DemoCluster.RawDisk}.raw", result.Shown, StringComparison.Ordinal);
        Assert.Contains("5.00 MiB", result.Shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "Save-SfBlobData $raw \"$dir/disk.raw\" -WhatIf", "Save blob")]
    [InlineData("", "$WhatIfPreference = $true; Save-SfBlobData $raw \"$dir/disk.raw\"", "Save blob")]
    [InlineData("", "function Save-All { [CmdletBinding(SupportsShouldProcess)] param() Save-SfBlobData $raw \"$dir/disk.raw\" }; Save-All -WhatIf", "Save blob")]
    [InlineData("Save-SfBlobData $raw \"$dir/disk.raw\"", "Save-SfBlobData $raw \"$dir/disk.raw\" -WhatIf", "Do nothing, because the file already contains blob")]
    [InlineData("Set-Content \"$dir/disk.raw\" old", "Save-SfBlobData $raw \"$dir/disk.raw\" -Force -WhatIf", "Replace the file with blob")]
    public async Task WhatIf_shows_what_would_be_done(string before, string script, string expected)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        if (before.Length > 0)
        {
            _ = cluster.Run(before).Good;
        }

        string[] files = cluster.Files;
        cluster.Emulator.ClearRequests();
        string shown = cluster.Run(script).Good.Shown.ReplaceLineEndings(" ");
        Assert.Contains(expected + " ", shown, StringComparison.Ordinal);
        Assert.Contains($" ({DemoCluster.RawDisk}) (5.00 MiB)", shown, StringComparison.Ordinal);
        Assert.Equal(files, cluster.Files);
        Assert.Empty(cluster.DataRequests);
    }

    [Fact]
    public async Task WhatIf_reports_an_error_of_the_command()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        await cluster.WriteAsync("disk.raw", [1, 2, 3]);
        Assert.StartsWith("TargetExists,", cluster.Run("Save-SfBlobData $raw \"$dir/disk.raw\" -WhatIf").OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Save-SfBlobData nonsense", "'nonsense' is not the UUID of a blob.", "nonsense")]
    [InlineData("Save-SfBlobData ./nonsense -Force", "'./nonsense' is not the UUID of a blob.", "./nonsense")]
    [InlineData("Save-SfBlobData -Path nonsense", "'nonsense' is not the UUID of a blob.", "nonsense")]
    [InlineData("Save-SfBlobData", "No blob is specified.", null)]
    public async Task Text_that_is_not_a_uuid_is_reported_if_it_is_the_only_argument(string script, string message, string? target)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        ErrorRecord error = cluster.Run(script).OnlyError;
        Assert.Equal("BlobUuidInvalid,ShakenFist.Blobs.Commands.SaveSfBlobDataCommand", error.FullyQualifiedErrorId);
        Assert.Equal((message, target), (error.Exception.Message, (string?)error.TargetObject));
        Assert.Empty(cluster.Files);
    }

    [Theory]
    [InlineData("Save-SfBlobData $raw $dir -MinimumFreeSpace 900PB")]
    [InlineData("Save-SfBlobData $raw $dir -Sparse Never -MinimumFreeSpace 900PB")]
    public async Task The_minimum_free_space_is_not_used(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        ErrorRecord error = cluster.Run(script).OnlyError;
        Assert.Equal("DiskFull,ShakenFist.Blobs.Commands.SaveSfBlobDataCommand", error.FullyQualifiedErrorId);
        Assert.EndsWith("-MinimumFreeSpace is 900 PiB. No data was fetched.", error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(cluster.DataRequests);
        Assert.Empty(cluster.Files);
    }

    [Theory]
    [InlineData("$ConfirmPreference = 'High'; ", 0)]
    [InlineData("$ConfirmPreference = 'Medium'; ", 0)]
    [InlineData("$ConfirmPreference = 'Low'; ", 1)]
    public async Task There_is_no_prompt_unless_ConfirmPreference_is_Low(string preference, int questions)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run(preference + "Save-SfBlobData $raw $dir; Save-SfBlobData $raw $dir -Force -Confirm:$false").Good;
        Assert.Equal(questions, cluster.Engine.Shown.Questions);
        Assert.NotEmpty(cluster.Files);
    }

    [Fact]
    public async Task Confirm_prompts_once_for_each_file()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run("Save-SfBlobData $raw, $iso $dir -Confirm").Good;
        Assert.Equal(2, cluster.Engine.Shown.Questions);
        Assert.Equal(2, cluster.Files.Length);
    }

    [Theory]
    [InlineData("", "NotPublished", 1)]
    [InlineData("-Verification IfAvailable", "NotPublished", 1)]
    [InlineData("-Verification None", "NotVerified", 0)]
    [InlineData("-Verification Reread", "Reread", 0)]
    public async Task A_blob_without_a_checksum_is_saved_with_a_warning(string parameter, string outcome, int warnings)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run($"Save-SfBlobData $snapshot $dir -PassThru {parameter}").Good;
        Assert.Equal(outcome, result.Only.Text("Verification"));
        Assert.Null(result.Only.Get<string?>("Hash"));
        Assert.Null(result.Only.Get<string?>("Algorithm"));
        Assert.Equal(warnings, result.Warnings.Count(w => w.Contains("not verified", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task If_verification_is_required_a_missing_checksum_is_an_error_before_any_data_request()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        ErrorRecord error = cluster.Run("Save-SfBlobData $snapshot $dir -Verification Required").OnlyError;
        Assert.Equal("ChecksumNotPublished" + Command, error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ResourceUnavailable, error.CategoryInfo.Category);
        Assert.Empty(cluster.DataRequests);
        Assert.Empty(cluster.Files);
    }

    [Fact]
    public async Task Without_verification_only_the_length_is_compared()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.FlipBit, AfterBytes = 1_000_000, Times = int.MaxValue });
        PSObject record = cluster.Run("Save-SfBlobData $raw $dir -Verification None -PassThru").Only;
        Assert.Equal("NotVerified", record.Text("Verification"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Verification Required")]
    public async Task One_inverted_bit_is_detected_and_no_file_is_created(string parameter)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.FlipBit, AfterBytes = 1_000_000, Times = int.MaxValue });
        ErrorRecord error = cluster.Run($"Save-SfBlobData $raw $dir {parameter}").OnlyError;
        Assert.Equal("HashMismatch" + Command, error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidData, error.CategoryInfo.Category);

        // The data is kept for inspection, under the temporary name.
        Assert.Equal([$"{DemoCluster.RawDisk}.raw.sfjournal", $"{DemoCluster.RawDisk}.raw.sfpart"], cluster.Files);
    }

    [Fact]
    public async Task After_a_lost_connection_the_transfer_continues_at_the_last_received_byte()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.CutAfter, AfterBytes = 2_000_000 });
        PSObject record = cluster.Run("Save-SfBlobData $raw $dir -PassThru").Only;
        Assert.Equal(1, record.Get<int>("ResumeCount"));
        Assert.Equal(2, record.Get<int>("RequestCount"));
        Assert.Equal("Verified", record.Text("Verification"));
        Assert.Single(record.Get<IList<string>>("FailedRequestIds"));
        Assert.Equal(cluster.ContentOf(DemoCluster.RawDisk), await File.ReadAllBytesAsync(record.Get<string>("Path"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task After_a_failed_blob_the_others_are_saved()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("$raw, $unknown, $initial, $iso | Save-SfBlobData -Path $dir -PassThru");
        Assert.Equal([DemoCluster.RawDisk, DemoCluster.InstallMedium], result.Each<Guid>("BlobUuid"));
        Assert.Equal(["BlobNotFound" + Command, "BlobNotReady" + Command], result.Errors.Select(e => e.FullyQualifiedErrorId));
        Assert.Equal(Cluster.Unknown.ToString(), result.Errors[0].TargetObject.ToString());
        Assert.Equal(2, cluster.Files.Length);
    }

    [Fact]
    public async Task Ten_blobs_of_which_one_is_on_a_dead_node_result_in_nine_files()
    {
        await using Cluster cluster = await Cluster.StartAsync(demo: false);
        cluster.Emulator.State.SetNode("sf-9", NodeCondition.Down);
        for (int i = 0; i < 10; i++)
        {
            cluster.AddBlob($"b{i}", 100_000 + i, b => b.Locations = [i == 3 ? "sf-9" : "sf-1"]);
        }

        EngineResult result = cluster.Run("Get-SfBlob | Save-SfBlobData -Path $dir", TimeSpan.FromSeconds(60));
        Assert.Equal(9, cluster.Files.Length);
        Assert.EndsWith(Command, result.OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Save-SfBlobData 578da8b6-eb98-4e10-bb36-e4d4d763d31 $dir", "BlobUuidInvalid")]
    [InlineData("Save-SfBlobData $null $dir", "ParameterArgumentValidationError")]
    [InlineData("'578da8b6-eb98-4e10-bb36-e4d4d763d31' | Save-SfBlobData -Path $dir", "BlobUuidInvalid")]
    [InlineData("42 | Save-SfBlobData -Path $dir", "InputObjectNotBound")]
    [InlineData("Save-SfBlobData $raw -Path $dir -LiteralPath $dir", "AmbiguousParameterSet")]
    [InlineData("Save-SfBlobData $raw ''", "ParameterArgumentValidationError")]
    [InlineData("Save-SfBlobData $raw $dir -Verification Sometimes", "CannotConvertArgumentNoMessage")]
    [InlineData("Save-SfBlobData -InputObject $null", "ParameterArgumentValidationErrorNullNotAllowed")]
    public async Task Invalid_arguments_are_rejected(string script, string id)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Equal(id + Command, cluster.Run(script).OnlyError.FullyQualifiedErrorId);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task An_explicit_session_is_used()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        using Engine other = new();
        other["session"] = cluster.Engine["session"];
        other["raw"] = DemoCluster.RawDisk;
        other["dir"] = cluster.Directory;
        _ = other.Run("Save-SfBlobData $raw $dir -Session $session").Good;
        Assert.Single(cluster.Files);
        Assert.Empty(other.Run("Get-SfSession").Output);
    }
}
