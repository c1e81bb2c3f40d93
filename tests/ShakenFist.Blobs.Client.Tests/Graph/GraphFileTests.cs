using ShakenFist.Blobs.Graph;

namespace ShakenFist.Blobs.Client.Tests.Graph;

/// <summary>Tests the file of a graph.</summary>
public sealed class GraphFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("a.html", SfGraphFormat.Html)]
    [InlineData("a.b.HTM", SfGraphFormat.Html)]
    [InlineData("/x.y/a.mmd", SfGraphFormat.Mermaid)]
    [InlineData("a.mermaid", SfGraphFormat.Mermaid)]
    [InlineData("a.MD", SfGraphFormat.Mermaid)]
    [InlineData("a.markdown", SfGraphFormat.Mermaid)]
    [InlineData("a.dot", SfGraphFormat.Dot)]
    [InlineData("a.gv", SfGraphFormat.Dot)]
    [InlineData("a.txt", null)]
    [InlineData("html", null)]
    [InlineData("/x.dot/a", null)]
    public void The_extension_determines_the_format(string path, SfGraphFormat? format) => Assert.Equal(format, GraphFile.FormatOf(path));

    [Fact]
    public void In_a_Markdown_file_the_flowchart_is_a_block_that_no_text_can_close()
    {
        BlobGraph graph = Samples.HostileGraph();
        string[] lines = GraphFile.Content(graph, SfGraphFormat.Mermaid, "a.md").Split('\n');
        Assert.Equal(["```mermaid", "```", ""], [lines[0], lines[^2], lines[^1]]);
        Assert.Equal(2, lines.Count(line => line.Contains('`', StringComparison.Ordinal)));
        Assert.Equal(MermaidWriter.Write(graph), GraphFile.Content(graph, SfGraphFormat.Mermaid, "a.mmd"));
    }

    [Fact]
    public void The_file_is_written_atomically_and_no_other_file_remains()
    {
        string path = GraphFile.Check(_folder.At("a.dot"), replace: false);
        GraphFile.Write(path, "größe", replace: false);
        Assert.Equal("größe"u8.ToArray(), File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void An_existing_file_is_replaced_only_if_specified()
    {
        string path = _folder.Write("a.dot", "old"u8.ToArray());
        _ = SfAssert.Throws(SfErrors.TargetExists, () => GraphFile.Check(path, replace: false));
        _ = SfAssert.Throws(SfErrors.TargetExists, () => GraphFile.Write(path, "new", replace: false));
        Assert.Equal("old", File.ReadAllText(path));
        GraphFile.Write(GraphFile.Check(path, replace: true), "new", replace: true);
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_link_stays_a_link_to_the_file_that_is_replaced()
    {
        string path = _folder.Write("real.dot", "old"u8.ToArray());
        File.CreateSymbolicLink(_folder.At("link.dot"), path);
        GraphFile.Write(GraphFile.Check(_folder.At("link.dot"), replace: true), "new", replace: true);
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(path, new FileInfo(_folder.At("link.dot")).LinkTarget);
    }

    [Fact]
    public void A_directory_that_does_not_exist_is_a_separate_error() =>
        SfAssert.Throws(SfErrors.DirectoryNotFound, () => GraphFile.Check(_folder.At("none/a.dot"), replace: false));

    [Fact]
    public void A_directory_that_is_deleted_causes_an_error_and_no_file_remains() =>
        SfAssert.Throws(SfErrors.DirectoryNotFound, () => GraphFile.Write(_folder.At("none/a.dot"), "x", replace: false));

    public void Dispose() => _folder.Dispose();
}
