using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Pipeline;

/// <summary>Tests one pipeline: writes to one blob are sequential, writes to different blobs run in parallel, and the output is in input order.</summary>
public sealed class MetadataOrderTests
{
    private static readonly TimeSpan ForEver = TimeSpan.FromHours(1);

    // A write fails immediately if the blob is locked, so parallel writes to one blob are detected.
    private static readonly EmulatorOptions NoQueue = new() { LockTimeout = TimeSpan.Zero, LockHold = TimeSpan.FromMilliseconds(1), KeepAlive = true };

    [Fact]
    public async Task Writes_to_one_blob_are_sequential_in_input_order()
    {
        await using Cluster cluster = await Cluster.StartAsync(NoQueue);
        cluster.AddBlob("one", 1000);
        cluster.AddBlob("another", 1001);
        EngineResult result = cluster.Run("""
            1..100 | ForEach-Object { $n = $_; $one, $another | ForEach-Object { [PSCustomObject]@{ BlobUuid = $_; Key = 'n'; Value = $n } } } | Set-SfBlobMetadata -PassThru
            """).Good;
        Assert.Equal(Enumerable.Range(1, 100).SelectMany(n => new[] { n, n }), result.Output.Select(o => Convert.ToInt32(o.Get<object>("Value"), CultureInfo.InvariantCulture)));
        foreach (string name in (string[])["one", "another"])
        {
            IEnumerable<int> sent = Writes(cluster).Where(r => r.Path.Contains(cluster.Engine[name]!.ToString()!, StringComparison.Ordinal)).Select(ValueOf);
            Assert.Equal(Enumerable.Range(1, 100), sent);
            Assert.Equal("100", cluster.Emulator.State.Blob((Guid)cluster.Engine[name]!)!.Metadata["n"]!.ToJsonString());
        }
    }

    [Fact]
    public async Task At_most_eight_different_blobs_are_written_in_parallel()
    {
        await using Cluster cluster = await Cluster.StartAsync(NoQueue);
        Guid[] blobs = AddBlobs(cluster, 24);
        int max = 0;
        cluster.Emulator.Faults.Add(new Fault
        {
            Method = "PUT",
            Kind = FaultKind.Delay,
            Delay = TimeSpan.FromMilliseconds(100),
            Times = int.MaxValue,
            When = _ =>
            {
                max = Math.Max(max, Writes(cluster).Count(r => r.Status == 0));
                return true;
            },
        });
        EngineResult result = cluster.Run("$blobs | Set-SfBlobMetadata -Key k -Value v -PassThru").Good;
        Assert.Equal(blobs, result.Each<Guid>("BlobUuid"));
        Assert.InRange(max, 2, 8);
    }

    [Fact]
    public async Task Output_keeps_the_order_of_the_input_when_the_first_is_the_slowest()
    {
        await using Cluster cluster = await Cluster.StartAsync(NoQueue);
        Guid[] blobs = AddBlobs(cluster, 12);
        cluster.Emulator.Faults.Add(new Fault { Method = "PUT", Path = $"/blobs/{blobs[0]}/*", Kind = FaultKind.Delay, Delay = TimeSpan.FromMilliseconds(400) });
        EngineResult result = cluster.Run("$blobs | Set-SfBlobMetadata -Key k -Value v -PassThru -Verbose").Good;
        Assert.Equal(blobs, result.Each<Guid>("BlobUuid"));
        string[] added = [.. result.Verbose.Where(v => v.Contains("added", StringComparison.Ordinal))];
        Assert.Equal(blobs.Select(b => $"Key 'k' of blob {b} was added with the value \"v\"."), added);
    }

    [Fact]
    public async Task Many_rows_of_many_blobs_cause_no_deadlock()
    {
        // The first blob is repeated. While its second write waits, the output of eight others exceeds the queue of the pipeline.
        await using Cluster cluster = await Cluster.StartAsync(NoQueue);
        Guid[] blobs = AddBlobs(cluster, 20, keys: 100);
        cluster.Engine["twice"] = (Guid[])[blobs[0], blobs[0], .. blobs[1..]];
        cluster.Emulator.Faults.Add(new Fault { Path = $"/blobs/{blobs[0]}/metadata", Kind = FaultKind.Delay, Delay = TimeSpan.FromMilliseconds(500) });
        EngineResult result = cluster.Run("$twice | Get-SfBlobMetadata", TimeSpan.FromSeconds(15)).Good;
        Assert.Equal((Guid[])[blobs[0], .. blobs], result.Each<Guid>("BlobUuid").Where((_, i) => i % 100 == 0));
        Assert.Equal(2100, result.Output.Count);
    }

    [Fact]
    public async Task A_prompt_does_not_wait_for_earlier_writes_to_end()
    {
        await using Cluster cluster = await Cluster.StartAsync(NoQueue);
        Guid[] blobs = AddBlobs(cluster, 2);
        cluster.Emulator.Faults.Add(new Fault
        {
            Path = $"/blobs/{blobs[0]}/metadata",
            Kind = FaultKind.Delay,
            Delay = TimeSpan.FromMilliseconds(300),
        });
        EngineResult result = cluster.Run("$blobs | Set-SfBlobMetadata -Key k -Value v -WhatIf").Good;
        Assert.Equal(blobs.Reverse().Select(b => b.ToString()), result.ShownLines.Where(l => l.Length > 0).Select(l => blobs.Single(b => l.Contains(b.ToString(), StringComparison.Ordinal)).ToString()));
    }

    [Fact]
    public async Task A_short_outage_in_the_middle_is_retried()
    {
        await using Cluster cluster = await Cluster.StartAsync(NoQueue);
        cluster.AddBlob("one", 1000);
        cluster.Emulator.Faults.Add(new Fault { Method = "PUT", Kind = FaultKind.Status, Status = 503, Skip = 20, Times = 1 });
        EngineResult result = cluster.Run("1..40 | ForEach-Object { [PSCustomObject]@{ BlobUuid = $one; Key = \"k$_\"; Value = $_ } } | Set-SfBlobMetadata -PassThru").Good;
        Assert.Equal(Enumerable.Range(1, 40).Select(n => $"k{n}"), result.Each<string>("Key"));
        Assert.Equal(40, cluster.Emulator.State.Blob((Guid)cluster.Engine["one"]!)!.Metadata.Count);
    }

    [Fact]
    public async Task After_a_failure_in_the_middle_the_others_are_written()
    {
        await using Cluster cluster = await Cluster.StartAsync(NoQueue);
        cluster.AddBlob("one", 1000);
        cluster.Emulator.Faults.Add(new Fault { Method = "PUT", Path = "*/k20", Kind = FaultKind.Status, Status = 403, Body = "{\"error\": \"no\"}" });
        EngineResult result = cluster.Run("1..40 | ForEach-Object { [PSCustomObject]@{ BlobUuid = $one; Key = \"k$_\"; Value = $_ } } | Set-SfBlobMetadata -PassThru");
        Assert.StartsWith("AccessForbidden,", result.OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, 40).Where(n => n != 20).Select(n => $"k{n}"), result.Each<string>("Key"));
    }

    [Theory]
    [InlineData("do { 1..200 | ForEach-Object { [PSCustomObject]@{ BlobUuid = $one; Key = \"k$_\"; Value = $_ } } | Set-SfBlobMetadata -PassThru | ForEach-Object { $_; break } } while ($false)")]
    [InlineData("try { 1..200 | ForEach-Object { [PSCustomObject]@{ BlobUuid = $one; Key = \"k$_\"; Value = $_ } } | Set-SfBlobMetadata -PassThru | ForEach-Object { $_; throw 'mine' } } catch { }")]
    [InlineData("do { $blobs | Set-SfBlobMetadata -Key k -Value v -PassThru | ForEach-Object { $_; break } } while ($false)")]
    public async Task After_a_pipeline_ends_early_no_write_continues(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync(NoQueue);
        cluster.AddBlob("one", 1000);
        AddBlobs(cluster, 200);
        Assert.Single(cluster.Run(script).Output);
        int writes = Writes(cluster).Count;
        Assert.InRange(writes, 1, 100);
        _ = cluster.Run("Get-SfBlob $one").Good;
        Assert.Equal(writes, Writes(cluster).Count);
    }

    [Theory]
    [InlineData("1..200 | ForEach-Object { [PSCustomObject]@{ BlobUuid = $one; Key = \"k$_\"; Value = $_ } } | Set-SfBlobMetadata")]
    [InlineData("$blobs | Set-SfBlobMetadata -Key k -Value v")]
    public async Task Two_hundred_writes_are_stopped_in_the_middle(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync(NoQueue);
        cluster.AddBlob("one", 1000);
        AddBlobs(cluster, 200);
        Task met = cluster.Meet(new Fault { Method = "PUT", Kind = FaultKind.Delay, Delay = ForEver, When = _ => Writes(cluster).Count > 30, Times = int.MaxValue });
        using StoppableRun run = cluster.Engine.Start(script);
        await run.StopAfterAsync(met);
        Assert.Empty(run.Stopped().Errors);
        int writes = Writes(cluster).Count;
        Assert.InRange(writes, 30, 60);
        Assert.Single(cluster.Run("Get-SfBlob $one").Good.Output);
        Assert.Equal(writes, Writes(cluster).Count);
    }

    private static Guid[] AddBlobs(Cluster cluster, int count, int keys = 0)
    {
        Guid[] blobs = [.. Enumerable.Range(0, count).Select(_ => cluster.Emulator.State.AddBlob(EmulatedBlob.FromBytes([1, 2, 3])).Uuid)];
        foreach (Guid blob in blobs)
        {
            JsonObject metadata = cluster.Emulator.State.Blob(blob)!.Metadata;
            for (int i = 0; i < keys; i++)
            {
                metadata[$"key{i:000}"] = i + 1;
            }
        }

        cluster.Engine["blobs"] = blobs;
        return blobs;
    }

    private static IReadOnlyList<RequestRecord> Writes(Cluster cluster) => [.. cluster.Emulator.Requests.Where(r => r.Method is "PUT" or "POST" && r.Path != "/auth")];

    private static int ValueOf(RequestRecord write) => (int)JsonNode.Parse(Encoding.UTF8.GetString(write.Body.Span))!["value"]!;
}
