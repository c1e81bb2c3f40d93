using System.Diagnostics;
using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests several blobs in one pipeline, and their shared limits.</summary>
public sealed class SaveManyTests
{
    private const string Command = ",ShakenFist.Blobs.Commands.SaveSfBlobDataCommand";

    [Fact]
    public async Task Small_blobs_are_fetched_in_parallel_with_one_data_request_each_and_output_in_input_order()
    {
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { BufferDelay = TimeSpan.FromMilliseconds(100) }, demo: false);
        Guid[] uuids = [.. Enumerable.Range(0, 20).Select(i => cluster.AddBlob($"b{i}", 5000 + i).Uuid)];
        cluster.Engine["uuids"] = uuids;
        Stopwatch watch = Stopwatch.StartNew();
        EngineResult result = cluster.Run("$uuids | Save-SfBlobData -Path $dir -PassThru").Good;
        Assert.True(watch.Elapsed < TimeSpan.FromMilliseconds(20 * 100), $"{watch.Elapsed}: one after the other takes 2 s.");
        Assert.Equal(uuids, result.Each<Guid>("BlobUuid"));
        Assert.Equal(20, cluster.DataRequests.Count);
        Assert.InRange(MaxConcurrency(cluster), 2, 4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public async Task The_throttle_limit_applies_to_the_whole_pipeline(int limit)
    {
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { BufferDelay = TimeSpan.FromMilliseconds(20), BytesPerSecond = 8 << 20 }, demo: false);
        cluster.AddBlob("big", 40 << 20);
        for (int i = 0; i < 12; i++)
        {
            cluster.AddBlob($"b{i}", 100_000 + i);
        }

        _ = cluster.Run($"Get-SfBlob | Save-SfBlobData -Path $dir -ThrottleLimit {limit}", TimeSpan.FromSeconds(60)).Good;
        Assert.Equal(13, cluster.Files.Length);
        Assert.InRange(MaxConcurrency(cluster), Math.Min(limit, 3), limit);
    }

    [Fact]
    public async Task A_large_blob_is_fetched_over_several_connections()
    {
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { BytesPerSecond = 32 << 20 });
        PSObject record = cluster.Run("Save-SfBlobData $large $dir -PassThru", TimeSpan.FromSeconds(60)).Only;
        Assert.True(record.Get<int>("RangeCount") >= 4);
        Assert.Equal("Verified", record.Text("Verification"));
        Assert.InRange(MaxConcurrency(cluster), 3, 4);
    }

    [Fact]
    public async Task The_same_blob_twice_is_saved_once_and_then_unchanged()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("$raw, $iso, $raw | Save-SfBlobData -Path $dir -PassThru").Good;
        Assert.Equal(["Saved", "Saved", "Unchanged"], result.Output.Select(o => o.Text("Status")));
        Assert.Equal(2, cluster.DataRequests.Count);
    }

    [Fact]
    public async Task The_first_of_two_blobs_with_the_same_target_is_saved()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        for (int i = 0; i < 5; i++)
        {
            EngineResult result = cluster.Run("$raw, $iso | Save-SfBlobData -Path \"$dir/one\" -PassThru -Force");
            Assert.Equal(DemoCluster.RawDisk, result.Output.Single().Get<Guid>("BlobUuid"));
            Assert.Equal("TargetRepeated" + Command, result.Errors.Single().FullyQualifiedErrorId);
        }
    }

    [Fact]
    public async Task A_rate_limit_is_not_exceeded()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Stopwatch watch = Stopwatch.StartNew();
        PSObject record = cluster.Run("Save-SfBlobData $raw $dir -BytesPerSecond 2MB -PassThru").Only;
        Assert.InRange(watch.Elapsed.TotalSeconds, 2.0, 4.5);
        Assert.Equal("Verified", record.Text("Verification"));
    }

    [Theory]
    [InlineData("-TimeoutSeconds 0")]
    [InlineData("-TimeoutSec 0")]
    [InlineData("-StopAt ([DateTime]::Now.AddSeconds(-1))")]
    [InlineData("-StopAt ([DateTime]::UtcNow.AddSeconds(-1))")]
    [InlineData("-StopAt '2020-01-31 06:00'")]
    public async Task When_the_time_limit_is_reached_each_blob_has_an_error_and_no_request_is_sent(string deadline)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run($"$raw, $iso, $unknown | Save-SfBlobData -Path $dir {deadline}");
        Assert.Equal(3, result.Errors.Count);
        Assert.All(result.Errors, e => Assert.Equal("TimeLimitReached" + Command, e.FullyQualifiedErrorId));
        Assert.Empty(cluster.Emulator.Requests);
        Assert.Empty(cluster.Files);
    }

    [Theory]
    [InlineData("-TimeoutSeconds -1", "ParameterArgumentValidationError")]
    [InlineData("-TimeoutSeconds 86401", "ParameterArgumentValidationError")]
    [InlineData("-TimeoutSeconds soon", "CannotConvertArgumentNoMessage")]
    [InlineData("-StopAt soon", "CannotConvertArgumentNoMessage")]
    [InlineData("-StopAt 30:00:00", "CannotConvertArgumentNoMessage")]
    [InlineData("-TimeoutSeconds 60 -StopAt 2099-01-31", "TimeLimitAmbiguous")]
    [InlineData("-ThrottleLimit 0", "ParameterArgumentValidationError")]
    [InlineData("-ThrottleLimit 17", "ParameterArgumentValidationError")]
    [InlineData("-BytesPerSecond 0", "ParameterArgumentValidationError")]
    [InlineData("-Sparse Perhaps", "CannotConvertArgumentNoMessage")]
    [InlineData("-ExistingFileCheck Never", "CannotConvertArgumentNoMessage")]
    [InlineData("-Algorithm MD5", "CannotConvertArgumentNoMessage")]
    public async Task Invalid_arguments_are_rejected(string parameter, string id)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Equal(id + Command, cluster.Run($"Save-SfBlobData $raw $dir {parameter}").OnlyError.FullyQualifiedErrorId);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Theory]
    [InlineData("tr-TR")]
    [InlineData("ar-SA")]
    public async Task A_time_limit_is_parsed_in_every_culture(string culture)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Engine["culture"] = culture;
        _ = cluster.Run("[Threading.Thread]::CurrentThread.CurrentCulture = $culture; Save-SfBlobData $iso $dir -TimeoutSeconds 300; Save-SfBlobData $raw $dir -StopAt '2199-12-31 23:59'").Good;
        Assert.Equal(2, cluster.Files.Length);
    }

    [Fact]
    public async Task With_SizeAndTime_an_existing_file_is_kept_without_reading_it()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        await cluster.WriteAsync("disk", new byte[5 << 20]);
        string path = cluster.PathOf("disk");
        PSObject record = cluster.Run("Save-SfBlobData $raw \"$dir/disk\" -ExistingFileCheck SizeAndTime -PassThru").Only;
        Assert.Equal(("Unchanged", "NotVerified"), (record.Text("Status"), record.Text("Verification")));
        File.SetLastWriteTimeUtc(path, new DateTime(2001, 1, 1));
        Assert.Equal("TargetExists" + Command, cluster.Run("Save-SfBlobData $raw \"$dir/disk\" -ExistingFileCheck SizeAndTime").OnlyError.FullyQualifiedErrorId);
        Assert.Equal("TargetExists" + Command, cluster.Run("Save-SfBlobData $raw \"$dir/disk\"").OnlyError.FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData("SHA512")]
    [InlineData("SHA256")]
    [InlineData("SHA1")]
    [InlineData("XXH128")]
    public async Task The_specified_algorithm_is_used(string algorithm)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        PSObject record = cluster.Run($"Save-SfBlobData $raw $dir -Algorithm {algorithm} -Verification Required -PassThru").Only;
        Assert.Equal((algorithm, "Verified"), (record.Text("Algorithm"), record.Text("Verification")));
        Assert.Equal("Unchanged", cluster.Run($"Save-SfBlobData $raw $dir -Algorithm {algorithm} -PassThru").Only.Text("Status"));
    }

    private static int MaxConcurrency(Cluster cluster)
    {
        // From the start of a request to the last byte of its response, whose end the client has not read yet.
        (DateTimeOffset At, int Change)[] steps =
            [.. cluster.DataRequests.SelectMany(r => new[] { (At: r.StartedAt, Change: 1), (At: r.LastSentAt ?? r.StartedAt, Change: -1) }).OrderBy(s => s.At).ThenBy(s => s.Change)];
        int now = 0;
        return steps.Max(s => now += s.Change);
    }
}
