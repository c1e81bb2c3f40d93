using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;
using ShakenFist.Blobs.Tests.Isolation;

namespace ShakenFist.Blobs.Tests.Commands;

public sealed class GetSfBlobListTests
{
    // Eighty thousand records in memory would take more than a hundred MiB.
    private const long LargestGrowth = 32 << 20;

    [Fact]
    public async Task An_administrator_lists_all_blobs_with_one_request()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("Get-SfBlob").Good;
        Assert.Equal(cluster.Emulator.State.Blobs.Select(b => b.Uuid), result.Each<Guid>("Uuid"));
        Assert.Equal("/blobs", Assert.Single(cluster.Emulator.Requests).Path);
    }

    [Theory]
    [InlineData("-State created", 7)]
    [InlineData("-State INITIAL, err*", 2)]
    [InlineData("-Format qcow2", 3)]
    [InlineData("-Format qc*, raw -State created", 7)]
    [InlineData("-Format none", 0)]
    [InlineData("-Format qcow2 -Node sf-1", 3)]
    public async Task The_list_is_filtered_by_state_and_format(string parameters, int count)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run($"Get-SfBlob {parameters}").Good;
        Assert.Equal(count, result.Output.Count);
        Assert.Equal("/blobs", Assert.Single(cluster.Emulator.Requests).Path);
    }

    [Fact]
    public async Task The_error_for_another_namespace_mentions_the_system_namespace()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        EngineResult result = cluster.Run("$null = Connect-ShakenFist $url $user; Get-SfBlob");
        ErrorRecord error = result.OnlyError;
        Assert.Equal("AdministratorRequired,ShakenFist.Blobs.Commands.GetSfBlobCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.PermissionDenied, error.CategoryInfo.Category);
        Assert.Contains("system namespace", error.ToString() + error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(result.Output);

        // After a 401 response, the token is renewed once, because it may have expired.
        Assert.Equal(2, cluster.Emulator.Requests.Count(r => r.Path == "/auth"));
        Assert.Equal(2, cluster.Emulator.Requests.Count(r => r.Path == "/blobs"));
    }

    [Theory]
    [InlineData("sf-2", 2)]
    [InlineData("SF-3", 2)]
    [InlineData("sf-?", 7)]
    [InlineData("sf-[23]", 4)]
    [InlineData("*", 7)]
    [InlineData("sf", 0)]
    public async Task Nodes_are_matched_with_wildcards_case_insensitively(string node, int count)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Engine["node"] = node;
        Assert.Equal(count, cluster.Run("Get-SfBlob -Node $node").Good.Output.Count);
    }

    [Fact]
    public async Task Several_nodes_match_any_of_them_and_the_progress_of_a_copy_is_ignored()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.AddBlob("copying", 1000, b => b.Locations = ["sf-9 (42.0%)"]);
        EngineResult result = cluster.Run("Get-SfBlob -Node sf-9, sf-2").Good;
        Assert.Equal(3, result.Output.Count);
        Assert.Contains(cluster.Emulator.State.Blobs[^1].Uuid, result.Each<Guid>("Uuid"));
    }

    [Theory]
    [InlineData("Get-SfBlob -Node sf-1 -Uuid $raw", "AmbiguousParameterSet")]
    [InlineData("Get-SfBlob -Node ''", "ParameterArgumentValidationError")]
    [InlineData("Get-SfBlob -Node @()", "ParameterArgumentValidationError")]
    [InlineData("Get-SfBlob -Session $null", "ParameterArgumentValidationError")]
    public async Task Invalid_arguments_are_rejected(string script, string id)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Equal(id + ",ShakenFist.Blobs.Commands.GetSfBlobCommand", cluster.Run(script).OnlyError.FullyQualifiedErrorId);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task A_truncated_response_outputs_the_received_elements_and_an_error()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs", Kind = FaultKind.TruncateJson, Times = int.MaxValue });
        EngineResult result = cluster.Run("Get-SfBlob");
        Assert.NotEmpty(result.Output);
        Assert.Equal("InvalidResponse,ShakenFist.Blobs.Commands.GetSfBlobCommand", result.OnlyError.FullyQualifiedErrorId);
    }

    [Fact]
    public async Task Select_First_stops_reading_a_list_of_a_hundred_thousand()
    {
        await using Cluster cluster = await Cluster.StartAsync(demo: false);
        const int Count = 100_000;
        for (int i = 0; i < Count; i++)
        {
            cluster.Emulator.State.AddBlob(new EmulatedBlob { Size = i + 1, Locations = ["sf-1"] });
        }

        Stopwatch watch = Stopwatch.StartNew();
        EngineResult first = cluster.Run("do { Get-SfBlob | ForEach-Object { $_; break } } while ($false)").Good;
        TestContext.Current.TestOutputHelper?.WriteLine($"First object and end after {watch.ElapsedMilliseconds} ms.");
        Assert.Single(first.Output);
        long sentToOne = Assert.Single(cluster.Emulator.Requests).BytesSent;

        cluster.Emulator.ClearRequests();

        // In a separate process, in which nothing else allocates memory.
        IReadOnlyList<string[]> output = await FreshProcess.RunAsync(
            FreshProcess.Import, IsolationTests.Connect(cluster),
            "$n = 0; Get-SfBlob | ForEach-Object { $n++; if ($n -in 10000, 90000) { [GC]::GetTotalMemory($true) } }; $n");
        long[] all = [.. output[2].Select(line => long.Parse(line, CultureInfo.InvariantCulture))];
        Assert.Equal(Count, all[2]);
        long growth = all[1] - all[0];
        Assert.True(growth < LargestGrowth, $"Eighty thousand objects, all let go, took {growth} bytes.");
        long sentToAll = Assert.Single(cluster.Emulator.Requests, r => r.Path == "/blobs").BytesSent;
        Assert.True(sentToOne < sentToAll / 4, $"{sentToOne} of {sentToAll} bytes were sent for one object.");
    }

    [Fact]
    public async Task The_first_object_is_output_before_the_response_ends()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs", Kind = FaultKind.Stall, AfterBytes = 6000 });
        EngineResult result = cluster.Run("do { Get-SfBlob | ForEach-Object { $_; break } } while ($false)", TimeSpan.FromSeconds(15)).Good;
        Assert.Single(result.Output);
    }
}
