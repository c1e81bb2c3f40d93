using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Views;

public sealed class ViewTests
{
    private const int Columns = 80;

    [Fact]
    public void Every_output_type_has_a_table_and_a_list_also_when_deserialized()
    {
        string[] types =
        [
            .. ModuleUnderTest.Commands()
                .SelectMany(c => c.Type.GetCustomAttributes<OutputTypeAttribute>())
                .SelectMany(a => a.Type)
                .Select(t => t.Name)
                .Where(name => name.StartsWith("ShakenFist.Blobs.", StringComparison.Ordinal))
                .Distinct(),
        ];
        Assert.NotEmpty(types);
        foreach (string type in types)
        {
            foreach (string name in (string[])[type, "Deserialized." + type])
            {
                XElement[] views = [.. ViewEngine.Views.Where(v => v.Element("ViewSelectedBy")!.Elements("TypeName").Any(t => t.Value == name))];
                Assert.Single(views, v => v.Element("TableControl") is not null);
                Assert.Single(views, v => v.Element("ListControl") is not null);
                Assert.NotNull(views[0].Element("TableControl"));
            }
        }
    }

    [Fact]
    public void Everything_but_the_text_for_views_is_serialized()
    {
        XElement[] types = [.. XDocument.Load(Path.Combine(ModuleUnderTest.Layout, "ShakenFist.Blobs.types.ps1xml")).Descendants("Type").Where(t => t.Descendants("CodeProperty").Any())];
        Assert.NotEmpty(types);
        foreach (XElement type in types)
        {
            string name = type.Element("Name")!.Value;
            Type record = ModuleUnderTest.ClientAssembly.GetType(name.Replace("Deserialized.", string.Empty, StringComparison.Ordinal), throwOnError: true)!;
            string[] listed = [.. type.Descendants("PropertySet").Single(s => s.Element("Name")!.Value == "PropertySerializationSet").Descendants("ReferencedProperties").Elements().Select(e => e.Value)];
            Assert.Equal(record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => p.Name).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
            Assert.Contains(types, other => other.Element("Name")!.Value == "Deserialized." + record.FullName);
        }
    }

    [Fact]
    public void Each_label_is_a_property_name_so_that_Where_Object_finds_it()
    {
        // These columns combine several properties, and Blobs is one entry of a dictionary.
        string[] combined = ["SfImageInfo.Image", "SfImageInfo.About", "SfCapabilities.Blobs"];
        XDocument types = XDocument.Load(Path.Combine(ModuleUnderTest.Layout, "ShakenFist.Blobs.types.ps1xml"));
        List<string> missing = [];
        foreach (XElement view in ViewEngine.Views)
        {
            foreach (string name in view.Element("ViewSelectedBy")!.Elements("TypeName").Select(t => t.Value))
            {
                string record = name.Replace("Deserialized.", string.Empty, StringComparison.Ordinal);
                string[] aliases = [.. types.Descendants("Type").Where(t => t.Element("Name")!.Value == name).Elements("Members").Elements().Where(m => m.Name.LocalName is "AliasProperty" or "ScriptProperty").Select(m => m.Element("Name")!.Value)];
                string[] properties = [.. ModuleUnderTest.ClientAssembly.GetType(record)?.GetProperties().Select(p => p.Name) ?? []];
                missing.AddRange(view.Descendants("Label").Select(l => l.Value).Except(aliases).Except(properties).Select(label => $"{record["ShakenFist.Blobs.".Length..]}.{label}"));
            }
        }

        Assert.Equal(combined.Order(StringComparer.Ordinal), missing.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Views_call_no_methods_so_that_they_work_in_constrained_language()
    {
        string[] scripts = [.. ViewEngine.File.Descendants("ScriptBlock").Select(s => s.Value)];
        Assert.NotEmpty(scripts);
        Assert.DoesNotContain(scripts, script => script.Contains("::", StringComparison.Ordinal) || System.Text.RegularExpressions.Regex.IsMatch(script, @"\.\w+\("));
    }

    [Fact]
    public async Task A_chunk_of_data_is_displayed_as_one_line_and_is_still_an_array_of_bytes()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult chunks = cluster.Run("Get-SfBlobData $raw; Get-SfBlobData $raw -First 10").Good;
        Assert.All(chunks.Output, chunk => Assert.IsType<byte[]>(chunk.BaseObject));
        Assert.Equal(
            ["4.0 MiB of data. To write a file, use Save-SfBlobData.", "1.0 MiB of data. To write a file, use Save-SfBlobData.", "10 bytes of data. To write a file, use Save-SfBlobData."],
            Table(chunks.Output));
        Assert.Equal(cluster.ContentOf(DemoCluster.RawDisk)[..10], Assert.IsType<byte[]>(PSObject.AsPSObject(PSSerializer.Deserialize(PSSerializer.Serialize(chunks.Output[2]))).BaseObject));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_data_does_not_depend_on_another_module_that_sets_how_collections_are_displayed(bool otherFirst)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        await cluster.WriteAsync("other.format.ps1xml",
            """
            <Configuration><DefaultSettings><EnumerableExpansions><EnumerableExpansion>
            <EntrySelectedBy><TypeName>Some.Other</TypeName></EntrySelectedBy><Expand>Both</Expand>
            </EnumerableExpansion></EnumerableExpansions></DefaultSettings></Configuration>
            """u8.ToArray());
        await cluster.WriteAsync("other.psd1", "@{ ModuleVersion = '1.0'; FormatsToProcess = 'other.format.ps1xml' }"u8.ToArray());
        _ = cluster.Run(otherFirst
            ? "Remove-Module ShakenFist.Blobs; Import-Module \"$dir/other.psd1\"; Import-Module $manifest; $null = Connect-ShakenFist $url $admin"
            : "Import-Module \"$dir/other.psd1\"").Good;
        EngineResult result = cluster.Run("Get-SfBlobData $raw -First 3 | Tee-Object -Variable chunk | Out-Default; $chunk.GetType().FullName; $chunk.Count").Good;

        // PowerShell has one list of these settings, that of the module that was imported last.
        Assert.Equal(otherFirst ? ["3 bytes of data. To write a file, use Save-SfBlobData."] : [.. cluster.ContentOf(DemoCluster.RawDisk)[..3].Select(b => b.ToString(CultureInfo.InvariantCulture))],
            result.ShownLines.Where(line => line.Length > 0));
        Assert.Equal(["System.Byte[]", "3"], result.Output.Select(o => o.ToString()));
    }

    [Fact]
    public async Task Blobs_have_a_table_with_readable_columns()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        IReadOnlyList<string> lines = Table(cluster.Run("Get-SfBlob").Good.Output);
        Assert.Equal(["Uuid", "State", "Size", "Format", "Modified"], Words(lines[0]));
        string row = lines.Single(l => l.StartsWith(DemoCluster.RawDisk.ToString(), StringComparison.Ordinal));
        DateTime modified = cluster.Run("(Get-SfBlob $raw).Modified").Only.BaseObject is DateTime time ? time : default;
        Assert.Equal([DemoCluster.RawDisk.ToString(), "created", "5.00", "MiB", "raw", .. Words(modified.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture))], Words(row));
        Assert.Equal(2 + cluster.Emulator.State.Blobs.Count, lines.Count);
    }

    [Fact]
    public async Task The_list_view_of_a_blob_contains_the_known_values()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        IReadOnlyList<string> lines = List(cluster.Run("Get-SfBlob $qcow2").Only);
        string text = string.Join('\n', lines);
        Assert.Equal(DemoCluster.BaseImage.ToString(), Value(lines, "Uuid"));
        Assert.Contains("bytes)", Value(lines, "Size"), StringComparison.Ordinal);
        Assert.Equal("512 MiB", Value(lines, "VirtualSize"));
        Assert.Equal("sf-1, sf-2", Value(lines, "Locations"));
        Assert.Contains("name = debian-13", Value(lines, "Metadata"), StringComparison.Ordinal);
        Assert.Contains("sha512 = ", text, StringComparison.Ordinal);
        Assert.Contains(DemoCluster.Transcode.ToString(), text, StringComparison.Ordinal);
        Assert.DoesNotContain(lines, l => l.StartsWith("DependsOn", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_blob_in_the_initial_state_is_shown_without_an_error()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        PSObject blob = cluster.Run("Get-SfBlob $initial").Only;
        Assert.Contains("initial", Table(blob)[2], StringComparison.Ordinal);
        Assert.Equal("initial", Value(List(blob), "State"));
        _ = List(cluster.Run("[ShakenFist.Blobs.SfBlob]@{ Uuid = $raw }").Only);
    }

    [Fact]
    public async Task The_view_of_a_saved_blob_shows_the_status_and_the_verification()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        PSObject transfer = cluster.Run("Save-SfBlobData $raw $dir -PassThru -Algorithm SHA512").Only;
        IReadOnlyList<string> table = Table(transfer);
        Assert.Equal(["Status", "Size", "Verification", "Rate", "Path"], Words(table[0]));
        Assert.Equal(["Saved", "5.00", "MiB", "Verified"], Words(table[2])[..4]);
        IReadOnlyList<string> list = List(transfer);
        Assert.Equal("5.00 MiB (5242880 bytes)", Value(list, "Size"));
        Assert.Equal("SHA512", Value(list, "Algorithm"));
        Assert.EndsWith("/s", Value(list, "BytesPerSecond"), StringComparison.Ordinal);
        Assert.EndsWith(" s", Value(list, "Duration"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unchanged_file_shows_no_rate()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        PSObject transfer = cluster.Run("Save-SfBlobData $raw $dir; Save-SfBlobData $raw $dir -PassThru").Only;
        Assert.Equal(["Unchanged", "5.00", "MiB", "Verified"], Words(Table(transfer)[2])[..4]);
        Assert.DoesNotContain(List(transfer), l => l.StartsWith("BytesPerSecond", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_views_of_sessions_and_capabilities_show_URL_and_namespace()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        PSObject session = cluster.Run("$session").Only;
        Assert.Contains("Namespace", Table(session)[0], StringComparison.Ordinal);
        Assert.Contains("system", Table(session)[2], StringComparison.Ordinal);
        Assert.Equal(cluster.Emulator.Url.ToString(), Value(List(session), "ApiUrl"));
        Assert.Contains("blobs", Value(List(session), "Capabilities"), StringComparison.Ordinal);
        PSObject capabilities = cluster.Run("$session.Capabilities").Only;
        Assert.Contains("blobs", string.Join('\n', Table(capabilities)), StringComparison.Ordinal);
        Assert.Contains("blob-data-limit", string.Join(' ', List(capabilities)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_view_of_references_shows_both_objects()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult rows = cluster.Run("(Get-SfBlob $qcow2).ReferencesTo['depends_on']").Good;
        Assert.Contains("depends_on", string.Join('\n', Table(rows.Output)), StringComparison.Ordinal);
        Assert.Equal("depends_on", Value(List(rows.Only), "Relationship"));
    }

    [Fact]
    public async Task Deserialized_records_have_the_same_views()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        foreach (string script in (string[])["Get-SfBlob $qcow2", "Save-SfBlobData $raw $dir -PassThru -Force", "$session"])
        {
            PSObject live = cluster.Run(script).Only;
            cluster.Engine["live"] = live;
            PSObject dead = cluster.Run("[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($live, 4))").Only;
            Assert.Equal(Table(live), Table(dead));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Server_text_does_not_control_the_terminal(bool asList)
    {
        await using Cluster cluster = await Cluster.StartAsync(demo: false);
        const string Evil = "\u001b]0;owned\u0007\u001b[2J\r\nnext\u202egnp.exe\u200b\u009b31m";
        string huge = Evil + new string('x', 10_000);
        cluster.AddBlob("evil", 1000, b =>
        {
            b.State = huge;
            b.Locations = [Evil];
            b.Info["file format"] = Evil;
            b.Info["mime-type"] = Evil;
            b.Info["disk size"] = Evil;
            b.Info["backing file"] = huge;
            b.Info["something\u001b[31m new"] = Evil;
            b.Metadata["key" + Evil] = huge;
            b.Metadata["nested"] = new System.Text.Json.Nodes.JsonObject { [Evil] = new System.Text.Json.Nodes.JsonArray(Evil, huge) };
        });
        PSObject blob = cluster.Run("Get-SfBlob $evil").Only;
        Assert.DoesNotContain('\u001b', blob.Get<string>("State"));
        Assert.Contains('\u001b', (string)blob.Get<IDictionary<string, object?>>("AdditionalProperties")["state"]!);

        IReadOnlyList<string> lines = ViewEngine.Show(blob, asList, terminal: true);
        string shown = string.Join('\n', lines);
        Assert.Contains(asList ? "next" : "]0;own", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(shown, c => c != '\n' && (char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format));
        Assert.All(shown.Split('\n'), line => Assert.True(line.Length <= Columns, line));
        Assert.True(lines.Count < 150, $"{lines.Count} lines of one blob.");
    }

    [Fact]
    public async Task An_error_with_server_text_does_not_control_the_terminal()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*", Kind = FaultKind.Status, Status = 400, Body = "{\"error\": \"\\u001b[2Jboo\\u202e\"}" });
        string message = cluster.Run("Get-SfBlob $raw").OnlyError.ToString();
        Assert.Contains("boo", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', message);
        Assert.DoesNotContain('\u202e', message);
    }

    private static IReadOnlyList<string> Table(object objects) => Shown(objects, asList: false);

    private static IReadOnlyList<string> List(object objects) => Shown(objects, asList: true);

    private static IReadOnlyList<string> Shown(object objects, bool asList)
    {
        IReadOnlyList<string> lines = [.. ViewEngine.Show(objects, asList).Where(l => l.Length > 0)];
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.True(line.Length <= Columns, line));
        return lines;
    }

    private static string Value(IReadOnlyList<string> list, string label)
    {
        string line = list.Single(l => Words(l)[0] == label && l.Contains(" : ", StringComparison.Ordinal));
        return line[(line.IndexOf(" : ", StringComparison.Ordinal) + 3)..];
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
