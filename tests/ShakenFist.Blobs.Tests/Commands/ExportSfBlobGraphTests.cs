using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests the input and the output of Export-SfBlobGraph.</summary>
public sealed class ExportSfBlobGraphTests
{
    private const string Command = ",ShakenFist.Blobs.Commands.ExportSfBlobGraphCommand";
    private const string Copy = "[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($rows))";

    private static readonly string Thin = DemoCluster.ThinImage.ToString();
    private static readonly string Base = DemoCluster.BaseImage.ToString();
    private static readonly string Packed = DemoCluster.Transcode.ToString();

    [Theory]
    [InlineData("Export-SfBlobGraph $qcow2")]
    [InlineData("Export-SfBlobGraph -InputObject \"$qcow2\"")]
    [InlineData("Export-SfBlobGraph -Uuid $qcow2")]
    [InlineData("$qcow2 | Export-SfBlobGraph -Format Mermaid")]
    [InlineData("Get-SfBlob $qcow2 | Export-SfBlobGraph")]
    [InlineData("[PSCustomObject]@{ BlobUuid = $qcow2 } | Export-SfBlobGraph")]
    [InlineData("[ShakenFist.Blobs.SfBlob]@{ Uuid = $qcow2 } | Export-SfBlobGraph")]
    public async Task The_whole_graph_around_a_blob_is_collected_from_any_form_of_input(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        string text = (string)cluster.Run(script).Only.BaseObject;
        Assert.StartsWith("flowchart LR\n", text, StringComparison.Ordinal);
        Assert.All((string[])[Thin, Base, Packed, "sf-1", "sf-2", "sf-3"], name => Assert.Contains(name, text, StringComparison.Ordinal));
        Assert.All((string[])["depends_on", "transcode", "disk 0", "artifact_index", "blob_location"], name => Assert.Contains(name, text, StringComparison.Ordinal));
        Assert.Contains(", qcow2, created", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$rows | Export-SfBlobGraph")]
    [InlineData("Export-SfBlobGraph $rows")]
    [InlineData("$copies | Export-SfBlobGraph")]
    [InlineData("$rows | & { process { [PSCustomObject]@{ SourceObjectType = $_.SourceObjectType; SourceUuid = $_.SourceUuid; Relationship = $_.Relationship; RelationshipValue = \"$($_.RelationshipValue)\";"
        + " TargetObjectType = $_.TargetObjectType; TargetUuid = $_.TargetUuid; Created = ''; Direction = 'Uses' } } } | Export-SfBlobGraph")]
    public async Task References_are_drawn_without_a_request(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run($"$rows = @(Get-SfBlobReference {Thin} -Recurse -Direction Uses); $copies = @({Copy})").Good;
        cluster.Emulator.ClearRequests();
        string[] lines = ((string)cluster.Run(script).Only.BaseObject).Split('\n');
        Assert.Equal(3, lines.Count(line => line.Contains("[(\"blob<br/>", StringComparison.Ordinal)));
        Assert.Contains("  n1 -->|\"transcode zlib#59;qcow2#59;cluster_size\"| n3", lines);
        Assert.Contains("  n2 -->|\"depends_on\"| n1", lines);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Theory]
    [InlineData("Export-SfBlobGraph $qcow2 \"$dir/graph.html\"", "graph.html", "<!DOCTYPE html>")]
    [InlineData("$qcow2 | Export-SfBlobGraph -Path \"$dir/graph.mmd\"", "graph.mmd", "flowchart LR")]
    [InlineData("$qcow2 | Export-SfBlobGraph -Path \"$dir/graph.md\"", "graph.md", "```mermaid")]
    [InlineData("$qcow2 | Export-SfBlobGraph -LiteralPath \"$dir/[a]*.gv\"", "[a]*.gv", "digraph blobs {")]
    [InlineData("$qcow2 | Export-SfBlobGraph -PSPath \"$dir/graph\" -Format Dot", "graph", "digraph blobs {")]
    [InlineData("$qcow2 | Export-SfBlobGraph -Path \"$dir/page.txt\" -Format Html", "page.txt", "<!DOCTYPE html>")]
    [InlineData("Set-Location -LiteralPath $dir; Export-SfBlobGraph $qcow2 here.dot", "here.dot", "digraph blobs {")]
    public async Task The_file_name_determines_the_format_unless_one_is_specified(string script, string file, string start)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Empty(cluster.Run(script).Good.Output);
        Assert.Equal([file], cluster.Files);
        Assert.StartsWith(start, await File.ReadAllTextAsync(cluster.PathOf(file), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_existing_file_is_replaced_only_with_Force_and_PassThru_outputs_it()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        string path = cluster.PathOf("graph.dot");
        await File.WriteAllTextAsync(path, "old", TestContext.Current.CancellationToken);
        ErrorRecord error = cluster.Run("$qcow2 | Export-SfBlobGraph -Path \"$dir/graph.dot\"").OnlyError;
        Assert.Equal("TargetExists" + Command, error.FullyQualifiedErrorId);
        Assert.Empty(cluster.Emulator.Requests);
        Assert.Equal("old", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));

        FileInfo file = Assert.IsType<FileInfo>(cluster.Run("$qcow2 | Export-SfBlobGraph -Path \"$dir/gr*.dot\" -Force -PassThru").Only.BaseObject);
        Assert.Equal(path, file.FullName);
        Assert.StartsWith("digraph", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Single(cluster.Files);
    }

    [Theory]
    [InlineData("\"$dir/graph.txt\"", "GraphFormatUnknown", ErrorCategory.InvalidArgument)]
    [InlineData("\"$dir/none*.dot\"", "PathAmbiguous", ErrorCategory.InvalidArgument)]
    [InlineData("\"$dir/none/graph.dot\"", "DirectoryNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("env:/graph.dot", "PathNotFileSystem", ErrorCategory.InvalidArgument)]
    [InlineData("$dir", "TargetNotFile", ErrorCategory.InvalidArgument)]
    public async Task A_path_that_cannot_be_written_is_an_error_before_any_request(string path, string id, ErrorCategory category)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        ErrorRecord error = cluster.Run($"$qcow2, $raw | Export-SfBlobGraph -Path {path}").OnlyError;
        Assert.Equal(id + Command, error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Empty(cluster.Emulator.Requests);
        Assert.Empty(cluster.Files);
    }

    [Fact]
    public async Task WhatIf_sends_no_request_and_writes_nothing()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("$qcow2 | Export-SfBlobGraph -Path \"$dir/graph.html\" -WhatIf -PassThru").Good;
        Assert.Empty(result.Output);
        Assert.Contains("graph.html", result.Shown, StringComparison.Ordinal);
        Assert.Empty(cluster.Emulator.Requests);
        Assert.Empty(cluster.Files);
    }

    [Fact]
    public async Task An_unknown_blob_is_an_error_and_the_graph_of_the_others_is_written()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("$unknown, $iso | Export-SfBlobGraph -Path \"$dir/graph.dot\"");
        Assert.Equal("BlobNotFound" + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal(Cluster.Unknown, result.OnlyError.TargetObject);
        Assert.Contains(DemoCluster.InstallMedium.ToString(), await File.ReadAllTextAsync(cluster.PathOf("graph.dot"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_there_is_nothing_to_draw_an_existing_file_is_not_changed()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        await File.WriteAllTextAsync(cluster.PathOf("graph.dot"), "old", TestContext.Current.CancellationToken);
        EngineResult result = cluster.Run("$unknown | Export-SfBlobGraph -Path \"$dir/graph.dot\" -Force -PassThru -Verbose");
        Assert.StartsWith("BlobNotFound,", result.OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.Contains(result.Verbose, line => line.Contains("The graph is empty", StringComparison.Ordinal));
        Assert.Equal("old", await File.ReadAllTextAsync(cluster.PathOf("graph.dot"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("-Direction Uses", 2, 1)]
    [InlineData("-Direction UsedBy -Relationship depends_on", 2, 1)]
    [InlineData("-Relationship depends_on, trans*", 3, 2)]
    [InlineData("-Relationship depends_on, trans* -Depth 1", 3, 2)]
    [InlineData("-Direction UsedBy -Depth 1 -Relationship d*", 2, 1)]
    public async Task Direction_relationship_and_depth_limit_the_graph(string bounds, int nodes, int edges)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        string[] lines = ((string)cluster.Run($"Export-SfBlobGraph $qcow2 {bounds}").Only.BaseObject).Split('\n');
        Assert.Equal((nodes, edges), (lines.Count(l => l.Contains("<br/>", StringComparison.Ordinal)), lines.Count(l => l.Contains(" -->|", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("Export-SfBlobGraph $null", "ParameterArgumentValidationErrorNullNotAllowed")]
    [InlineData("Export-SfBlobGraph -Uuid 42", "CannotConvertArgumentNoMessage")]
    [InlineData("'no-uuid' | Export-SfBlobGraph", "BlobUuidInvalid")]
    [InlineData("42 | Export-SfBlobGraph", "InputObjectNotBound")]
    public async Task Input_that_does_not_identify_a_blob_is_rejected_with_the_reason(string script, string id)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.StartsWith(id + ",", cluster.Run(script).OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(cluster.Emulator.Requests);
    }
}
