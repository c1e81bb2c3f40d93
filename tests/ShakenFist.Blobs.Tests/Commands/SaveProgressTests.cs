using System.Collections.Concurrent;
using System.Diagnostics;
using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

public sealed class SaveProgressTests
{
    [Fact]
    public async Task Progress_is_written_at_most_four_times_a_second_increases_and_is_completed()
    {
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { BytesPerSecond = 3 << 20 });
        ConcurrentQueue<(long At, int Percent, ProgressRecordType Type)> shown = [];
        using StoppableRun run = cluster.Engine.Start("Save-SfBlobData $raw $dir");
        run.ProgressShown += record => shown.Enqueue((Stopwatch.GetTimestamp(), record.PercentComplete, record.RecordType));
        EngineResult result = run.Wait(TimeSpan.FromSeconds(30)).Good;

        // The progress record is always the same object, and completed at the end. Its earlier values were stored above.
        var processing = shown.Where(s => s.Type == ProgressRecordType.Processing).ToArray();
        Assert.True(processing.Length >= 3, $"{processing.Length} records in about 1.7 s.");
        Assert.All(processing, s => Assert.InRange(s.Percent, 0, 100));
        Assert.Equal(processing.Select(s => s.Percent).Order(), processing.Select(s => s.Percent));
        Assert.All(processing.Zip(processing.Skip(1)), pair => Assert.True(Stopwatch.GetElapsedTime(pair.First.At, pair.Second.At) > TimeSpan.FromMilliseconds(200)));
        Assert.Equal(ProgressRecordType.Completed, shown.Last().Type);
        Assert.Contains("MiB of 5.00 MiB", result.Progress[^1].StatusDescription, StringComparison.Ordinal);
        Assert.Contains(DemoCluster.RawDisk.ToString(), result.Progress[^1].Activity, StringComparison.Ordinal);
        Assert.Equal($"GET /blobs/{DemoCluster.RawDisk}/data", cluster.DataRequests.Select(r => $"{r.Method} {r.Path}").Distinct().Single());
    }

    [Theory]
    [InlineData("Save-SfBlobData $unknown $dir")]
    [InlineData("Save-SfBlobData $initial $dir")]
    [InlineData("Save-SfBlobData $raw $dir -WhatIf")]
    [InlineData("Get-SfBlob $raw")]
    public async Task Without_data_there_is_no_progress(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Empty(cluster.Run(script).Progress);
    }

    [Fact]
    public async Task Progress_is_completed_when_the_transfer_fails()
    {
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { BytesPerSecond = 4 << 20 });
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.FlipBit, AfterBytes = 5_000_000, Times = int.MaxValue });
        EngineResult result = cluster.Run("Save-SfBlobData $raw $dir");
        Assert.StartsWith("HashMismatch,", result.OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ProgressRecordType.Completed, result.Progress[^1].RecordType);
    }

    [Fact]
    public async Task Each_blob_has_its_own_progress_record_that_ends_with_it()
    {
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { BytesPerSecond = 4 << 20 });
        EngineResult result = cluster.Run("Save-SfBlobData $raw, $iso $dir").Good;
        ProgressRecord[][] each = [.. result.Progress.GroupBy(p => p.ActivityId).Select(g => g.ToArray())];
        Assert.Equal(3, each.Length);
        Assert.All(each, records => Assert.Equal(ProgressRecordType.Completed, records[^1].RecordType));

        // The first record is that of all blobs together.
        ProgressRecord sum = result.Progress[0];
        Assert.Equal("Saving blobs", sum.Activity);
        Assert.Matches("^[01] of 2, .+ of [257].00 MiB$", sum.StatusDescription);
        Assert.All(each[1..], records => Assert.Matches("^\\d+ %, (.+/s, )?.+ of .+, \\w+", records[0].StatusDescription));
    }
}
