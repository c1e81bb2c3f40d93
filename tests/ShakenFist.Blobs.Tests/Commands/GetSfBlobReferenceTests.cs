using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

public sealed class GetSfBlobReferenceTests
{
    [Fact]
    public async Task A_row_has_eight_typed_fields_and_the_other_object()
    {
        await using Cluster cluster = await StartAsync();
        PSObject row = cluster.Run("Get-SfBlobReference $qcow2 -Direction Uses").Only;
        Assert.Equal(DemoCluster.BaseImage, row.Get<Guid>("BlobUuid"));
        Assert.Equal("Uses", row.Text("Direction"));
        Assert.Equal("blob", row.Get<string>("OtherType"));
        Assert.Equal(DemoCluster.Transcode.ToString(), row.Get<string>("OtherUuid"));
        Assert.Equal("blob", row.Get<string>("SourceObjectType"));
        Assert.Equal(DemoCluster.BaseImage.ToString(), row.Get<string>("SourceUuid"));
        Assert.Equal("transcode", row.Get<string>("Relationship"));
        Assert.Equal("zlib;qcow2;cluster_size", row.Get<string>("RelationshipValue"));
        Assert.Equal("blob", row.Get<string>("TargetObjectType"));
        Assert.Equal(DemoCluster.Transcode.ToString(), row.Get<string>("TargetUuid"));
        Assert.Equal(DateTimeKind.Local, row.Get<DateTime>("Created").Kind);
        Assert.Equal(2, (row.Get<DateTime>("LastActive") - row.Get<DateTime>("Created")).Days);
        Assert.False(row.Get<bool>("IsDerived"));
        Assert.Equal("ShakenFist.Blobs.SfBlobReference[]", cluster.Run(",(Get-SfBlob $qcow2).ReferencesFrom['transcode']").Only.BaseObject.GetType().FullName);
    }

    [Theory]
    [InlineData("", "artifact_index blob_location blob_location depends_on transcode")]
    [InlineData("-Direction Both", "artifact_index blob_location blob_location depends_on transcode")]
    [InlineData("-Direction UsedBy", "artifact_index blob_location blob_location depends_on")]
    [InlineData("-Direction Uses", "transcode")]
    [InlineData("-Relationship depends_on", "depends_on")]
    [InlineData("-Relationship DEPENDS*, trans*", "depends_on transcode")]
    [InlineData("-Relationship *_index -Direction UsedBy", "artifact_index")]
    [InlineData("-Relationship disk", "")]
    public async Task Direction_and_relationship_filter_the_rows(string parameters, string expected)
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run($"Get-SfBlobReference $qcow2 {parameters}").Good;
        Assert.Equal(expected, string.Join(' ', result.Each<string>("Relationship").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Recurse_follows_the_used_blobs_and_visits_each_once()
    {
        await using Cluster cluster = await StartAsync();
        Guid[] ring = AddRing(cluster, 4);
        EngineResult result = cluster.Run("Get-SfBlobReference $start -Recurse -Direction Uses").Good;
        Assert.Equal(ring, result.Each<Guid>("BlobUuid"));
        Assert.Equal([.. ring[1..], ring[0]], result.Output.Select(o => Guid.Parse(o.Get<string>("OtherUuid"))));
        Assert.Equal(4, cluster.Emulator.Requests.Count);
        Assert.All(result.Output, o => Assert.Equal("Uses", o.Text("Direction")));
    }

    [Theory]
    [InlineData("-Direction Uses -Depth 1", 1)]
    [InlineData("-Direction Uses -Depth 2", 2)]
    [InlineData("-Direction Uses -Depth 99", 4)]
    [InlineData("-Direction UsedBy", 4)]
    [InlineData("-Direction Both", 8)]
    [InlineData("", 8)]
    [InlineData("-Relationship depends*", 8)]
    [InlineData("-Relationship other", 0)]
    public async Task Depth_direction_and_relationship_limit_the_recursion(string parameters, int rows)
    {
        await using Cluster cluster = await StartAsync();
        AddRing(cluster, 4);
        Assert.Equal(rows, cluster.Run($"Get-SfBlobReference $start -Recurse {parameters}").Good.Output.Count);
    }

    [Fact]
    public async Task Depth_implies_Recurse()
    {
        await using Cluster cluster = await StartAsync();
        AddRing(cluster, 4);
        Assert.Equal(2, cluster.Run("Get-SfBlobReference $start -Depth 2 -Direction Uses").Good.Output.Count);
    }

    [Fact]
    public async Task A_namespace_without_references_still_receives_the_dependency()
    {
        await using Cluster cluster = await StartAsync();
        cluster.Engine["thin"] = DemoCluster.ThinImage;
        PSObject backing = cluster.Run("$null = Connect-ShakenFist $url $user; Get-SfBlobReference $thin -Direction Uses").Only;
        Assert.Equal(DemoCluster.BaseImage.ToString(), backing.Get<string>("OtherUuid"));
        Assert.True(backing.Get<bool>("IsDerived"));
    }

    [Fact]
    public async Task A_deleted_blob_in_a_chain_is_an_error_for_that_blob_and_other_branches_continue()
    {
        await using Cluster cluster = await StartAsync();
        EmulatedBlob start = cluster.AddBlob("start", 1000);
        Link(start, Cluster.Unknown);
        Link(start, DemoCluster.ThinImage);
        EngineResult result = cluster.Run("Get-SfBlobReference $start -Recurse -Direction Uses");
        Assert.Equal("BlobNotFound,ShakenFist.Blobs.Commands.GetSfBlobReferenceCommand", result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal(Cluster.Unknown.ToString(), result.OnlyError.TargetObject.ToString());
        Assert.Equal(["depends_on", "depends_on", "depends_on", "transcode"], result.Each<string>("Relationship"));
    }

    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.B)]
    public async Task The_rows_of_older_servers_are_derived_and_marked(ServerGeneration generation)
    {
        await using Cluster cluster = await StartAsync(generation);
        cluster.Engine["thin"] = DemoCluster.ThinImage;
        EngineResult result = cluster.Run("Get-SfBlobReference $qcow2 -Verbose").Good;
        Assert.All(result.Output, o => Assert.True(o.Get<bool>("IsDerived")));
        Assert.All(result.Output, o => Assert.Null(o.Get<object?>("Created")));
        Assert.Equal(
            ["UsedBy disk instance", "UsedBy blob_location node", "UsedBy blob_location node", "Uses transcode blob"],
            result.Output.Select(o => $"{o.Text("Direction")} {o.Text("Relationship")} {o.Text("OtherType")}"));
        Assert.Contains(result.Verbose, v => v.Contains("from depends_on, transcodes, instances, and locations", StringComparison.Ordinal));
        PSObject backing = cluster.Run("Get-SfBlobReference $thin -Direction Uses").Only;
        Assert.Equal("depends_on", backing.Get<string>("Relationship"));
        Assert.Equal(DemoCluster.BaseImage.ToString(), backing.Get<string>("OtherUuid"));
        Assert.Equal([DemoCluster.ThinImage, DemoCluster.BaseImage], cluster.Run("Get-SfBlobReference $thin -Recurse -Direction Uses").Good.Each<Guid>("BlobUuid"));
    }

    [Theory]
    [InlineData("Get-SfBlob", "Uuid")]
    [InlineData("Save-SfBlobData -Path $dir -PassThru", "BlobUuid")]
    [InlineData("Get-SfBlobMetadata", "BlobUuid")]
    public async Task Rows_bind_by_their_other_object_and_those_without_a_blob_are_skipped_with_a_verbose_message(string command, string property)
    {
        await using Cluster cluster = await StartAsync();
        cluster.Emulator.State.Blob(DemoCluster.Transcode)!.Metadata["name"] = "packed";
        EngineResult result = cluster.Run($"Get-SfBlobReference $qcow2 | {command} -Verbose").Good;
        Assert.Equal([DemoCluster.ThinImage, DemoCluster.Transcode], result.Each<Guid>(property).Distinct());
        Assert.Equal(3, result.Verbose.Count(v => v.Contains("Skipped a reference to an object that is not a blob", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_unknown_blob_among_several_is_an_error_and_the_others_are_output()
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run("$raw, $unknown, $iso | Get-SfBlobReference");
        Assert.Equal("BlobNotFound,ShakenFist.Blobs.Commands.GetSfBlobReferenceCommand", result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal([DemoCluster.RawDisk, DemoCluster.InstallMedium], result.Each<Guid>("BlobUuid").Distinct());
    }

    [Fact]
    public async Task Select_First_ends_a_long_recursion_without_further_requests()
    {
        await using Cluster cluster = await StartAsync();
        AddRing(cluster, 300);
        Assert.Single(cluster.Run("do { Get-SfBlobReference $start -Recurse | ForEach-Object { $_; break } } while ($false)").Good.Output);
        Assert.InRange(cluster.Emulator.Requests.Count, 1, 70);
    }

    private static Task<Cluster> StartAsync(ServerGeneration generation = ServerGeneration.C) => Cluster.StartAsync(new EmulatorOptions { Generation = generation });

    private static Guid[] AddRing(Cluster cluster, int count)
    {
        EmulatedBlob[] ring = [.. Enumerable.Range(0, count).Select(_ => cluster.Emulator.State.AddBlob(EmulatedBlob.FromBytes([1])))];
        for (int i = 0; i < count; i++)
        {
            ring[(i + 1) % count].ReferencesTo.Add(Link(ring[i], ring[(i + 1) % count].Uuid));
        }

        cluster.Engine["start"] = ring[0].Uuid;
        return [.. ring.Select(b => b.Uuid)];
    }

    private static EmulatedReference Link(EmulatedBlob source, Guid target)
    {
        EmulatedReference row = new("blob", source.Uuid.ToString(), "depends_on", null, "blob", target.ToString());
        source.ReferencesFrom.Add(row);
        return row;
    }
}
