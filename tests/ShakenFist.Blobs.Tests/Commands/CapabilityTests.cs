using System.Management.Automation;
using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests the capabilities of a cluster, and the events that only some clusters support.</summary>
public sealed class CapabilityTests
{
    [Theory]
    [InlineData("Get-SfCapability blob-data-limit", "blobs:blob-data-limit")]
    [InlineData("Get-SfCapability -Name *-metadata", "artifacts:artifact-metadata,blobs:blob-metadata,networkinterfaces:interface-metadata,nodes:node-metadata")]
    [InlineData("Get-SfCapability BLOB-HASH-SHA*", "blobs:blob-hash-sha1,blobs:blob-hash-sha256")]
    [InlineData("Get-SfCapability nothing-*, blob-events", "blobs:blob-events")]
    [InlineData("Get-SfCapability nothing", "")]
    public async Task Capabilities_are_filtered_by_name(string script, string expected)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Equal(expected, string.Join(',', cluster.Run(script).Good.Output.Select(o => $"{o.Text("Family")}:{o.Text("Name")}")));
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task Without_a_name_all_families_are_output()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("Get-SfCapability").Good;
        Assert.Equal(9, result.Each<string>("Family").Distinct().Count());
        Assert.Contains("dns", string.Join(' ', result.Each<string>("Name")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ServerGeneration.A, "False")]
    [InlineData(ServerGeneration.B, "True")]
    public async Task Test_compares_the_whole_name(ServerGeneration generation, string limit)
    {
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { Generation = generation });
        EngineResult result = cluster.Run("Test-SfCapability blob-data-limit; Test-SfCapability blob-data; 'blob-metadata', 'x' | Test-SfCapability; Get-SfCapability blob-metadata | Test-SfCapability").Good;
        Assert.Equal([limit, "False", "True", "False", "True"], result.Output.Select(o => o.ToString()));
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task A_server_that_announces_nothing_has_no_capability()
    {
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { TextOnlyRoot = true, Generation = ServerGeneration.A });
        Assert.Equal("False", cluster.Run("Get-SfCapability; Test-SfCapability blob-metadata").Only.ToString());
        Assert.Contains("Its capabilities for blobs: none.", cluster.Run("Find-SfBlobByHash ('a' * 128)").OnlyError.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_have_typed_properties_and_cleaned_text()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        AddEventful(cluster);
        PSObject happened = cluster.Run("Get-SfBlobEvent $eventful").Only;
        Assert.Equal((Guid)cluster.Engine["eventful"]!, happened.Get<Guid>("BlobUuid"));
        Assert.Equal(new DateTime(2026, 3, 12, 9, 15, 0, 500, DateTimeKind.Utc).ToLocalTime(), happened.Get<DateTime>("Time"));
        Assert.Equal(DateTimeKind.Local, happened.Get<DateTime>("Time").Kind);
        Assert.Equal(("audit", "sf-1"), (happened.Get<string>("Type"), happened.Get<string>("Node")));
        Assert.Equal(TimeSpan.FromSeconds(1.5), happened.Get<TimeSpan>("Duration"));
        Assert.Equal("made \uFFFD[2Jby \uFFFDhand", happened.Get<string>("Message"));
        Assert.Equal("ada", cluster.Run("(Get-SfBlobEvent $eventful).Extra.who").Only.ToString());
    }

    [Theory]
    [InlineData("-After '2026-03-12T09:15:00Z'", 1)]
    [InlineData("-After '2026-03-12T09:15:00.5Z'", 0)]
    [InlineData("-After '2026-03-12 10:14'", 1)]
    [InlineData("-After '2026-03-12 10:16'", 0)]
    [InlineData("-Before ([datetime]::new(2026, 3, 12, 9, 16, 0, [DateTimeKind]::Utc))", 1)]
    [InlineData("-Before ([datetimeoffset]'2026-03-12T10:15:00+01:00')", 0)]
    [InlineData("-After '2026-03-12' -Before '2026-03-13'", 1)]
    public async Task Events_are_filtered_by_their_time_in_any_time_zone(string parameters, int count)
    {
        Assert.SkipUnless(TimeZoneInfo.Local.BaseUtcOffset == TimeSpan.FromHours(1), "The local times of this test are those of Berlin.");
        await using Cluster cluster = await Cluster.StartAsync();
        AddEventful(cluster);
        Assert.Equal(count, cluster.Run($"Get-SfBlobEvent $eventful {parameters}").Good.Output.Count);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("-Type audit", "{\"event_type\":\"audit\"}")]
    [InlineData("-MaxEvents 5", "{\"limit\":5}")]
    [InlineData("-Type status -MaxEvents 1000", "{\"event_type\":\"status\",\"limit\":1000}")]
    public async Task Requests_for_events_contain_only_the_specified_arguments(string parameters, string body)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Single(cluster.Run($"Get-SfBlobEvent $raw {parameters}").Good.Output);
        Assert.Equal(body, System.Text.Encoding.UTF8.GetString(Assert.Single(cluster.Emulator.Requests).Body.Span));
    }

    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.B)]
    public async Task If_events_are_not_supported_the_error_lists_the_capabilities(ServerGeneration generation)
    {
        await using Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { Generation = generation });
        EngineResult result = cluster.Run("$raw, $iso | Get-SfBlobEvent");
        Assert.Equal(2, result.Errors.Count);
        Assert.All(result.Errors, e => Assert.Equal("CapabilityMissing,ShakenFist.Blobs.Commands.GetSfBlobEventCommand", e.FullyQualifiedErrorId));
        Assert.Contains("blob-events", result.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Contains("Its capabilities for blobs: blob-metadata", result.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Empty(cluster.Emulator.Requests);
    }

    private static void AddEventful(Cluster cluster) => cluster.AddBlob("eventful", 1000, b => b.Events.Add(new JsonObject
    {
        ["type"] = "audit",
        ["timestamp"] = 1_773_306_900.5,
        ["fqdn"] = "sf-1",
        ["duration"] = 1.5,
        ["message"] = "made \u001b[2Jby \u202ehand",
        ["extra"] = new JsonObject { ["who"] = "ada" },
    }));

    [Fact]
    public async Task Events_of_an_unknown_blob_are_an_error_and_the_other_events_are_output()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("$raw, $unknown, $iso | Get-SfBlobEvent");
        Assert.Equal(2, result.Output.Count);
        Assert.Equal("BlobNotFound,ShakenFist.Blobs.Commands.GetSfBlobEventCommand", result.OnlyError.FullyQualifiedErrorId);
    }
}
