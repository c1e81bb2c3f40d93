using System.Globalization;
using System.Management.Automation;
using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Views;

/// <summary>Tests the views of the smaller records: alone, and in one stream with others, where PowerShell uses no view.</summary>
public sealed class RecordViewTests
{
    private const int Columns = 80;
    private const string Evil = "\u001b]0;owned\u0007\u001b[2J\r\nnext\u202egnp.exe\u200b\u009b31m";

    [Theory]
    [InlineData("Get-SfBlobMetadata $qcow2 name", "BlobUuid Key Value", "d3a00001-7a1e-4c52-9c0b-6f1f5e0a0001 name debian-13")]
    [InlineData("Get-SfBlobMetadata $qcow2 tags", "BlobUuid Key Value", "d3a00001-7a1e-4c52-9c0b-6f1f5e0a0001 tags [ base, golden ]")]
    [InlineData("Get-SfBlobEvent $raw", "Time Type Node Message", "2026-03- audit sf-1 blob created")]
    [InlineData("Get-SfBlobReference $qcow2 -Relationship depends_on", "Direction Relationship Other", "UsedBy depends_on blob d3a00002-7a1e-4c52-9c0b-6f1f5e0a0002")]
    [InlineData("Get-SfCapability blob-metadata", "Family Name", "blobs blob-metadata")]
    [InlineData("Get-SfBlobChecksum $raw -Algorithm SHA1", "BlobUuid Algorithm Hash", "d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004 SHA1")]
    [InlineData("Save-SfBlobData $raw \"$dir/f\"; Test-SfBlobData $raw \"$dir/f\" -Detailed -Algorithm SHA512", "IsMatch Size Algorithm Path", "True 5.00 MiB SHA512")]
    public async Task A_record_has_a_readable_table_and_a_list_of_known_values(string script, string header, string row)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        PSObject record = cluster.Run(script).Only;
        string[] table = [.. ViewEngine.Show(record, asList: false).Where(l => l.Length > 0)];
        Assert.Equal(header, string.Join(' ', Words(table[0])));
        Assert.All(row.Split(' '), word => Assert.Contains(Words(table[2]), shown => shown.StartsWith(word, StringComparison.Ordinal)));
        string[] list = [.. ViewEngine.Show(record, asList: true).Where(l => l.Length > 0)];
        Assert.True(list.Length >= 2, string.Join('\n', list));
        Assert.All(table.Concat(list), line => Assert.True(line.Length <= Columns, line));
        Assert.Equal(table, ViewEngine.Show(Shapes.Of(record, Shape.Deserialized), asList: false).Where(l => l.Length > 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Records_do_not_control_the_terminal(bool asList)
    {
        await using Cluster cluster = await StartAsync();
        foreach (PSObject record in Records(cluster, "ev\u202e\u001b\u009bil"))
        {
            AssertHarmless(ViewEngine.Show(record, asList, terminal: true), record);
        }
    }

    [Theory]
    [InlineData(Shape.Live)]
    [InlineData(Shape.Deserialized)]
    public async Task Records_in_one_stream_with_others_do_not_control_the_terminal(Shape shape)
    {
        await using Cluster cluster = await StartAsync();
        cluster.Engine["live"] = Records(cluster, "plain").ToArray();
        IReadOnlyList<PSObject> records = cluster.Run(shape == Shape.Live
            ? "$live"
            : "foreach ($o in $live) { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($o, 4)) }").Good.Output;
        for (int first = 0; first < records.Count; first++)
        {
            PSObject[] stream = [.. records.Skip(first), .. records.Take(first)];
            IReadOnlyList<string> lines = ViewEngine.Show(stream, asList: false, terminal: true);
            AssertHarmless(lines, records[first]);
            Assert.Contains(lines, l => l.Contains(cluster.Engine["evil"]!.ToString()!, StringComparison.Ordinal));
        }
    }

    private static void AssertHarmless(IReadOnlyList<string> lines, PSObject record)
    {
        string shown = string.Join('\n', lines);
        Assert.True(shown.Trim().Length > 0, record.TypeNames[0]);
        Assert.True(!shown.Any(c => c != '\n' && (char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format)), $"{record.TypeNames[0]}: {Uri.EscapeDataString(shown)}");
        Assert.All(lines, line => Assert.True(line.Length <= Columns, $"{record.TypeNames[0]}: {line}"));
        Assert.True(lines.Count < 400, $"{lines.Count} lines.");
    }

    private static IReadOnlyList<PSObject> Records(Cluster cluster, string file) => cluster.Run("""
        Get-SfBlob $evil
        Get-SfBlobMetadata $evil
        Get-SfBlobReference $evil
        Get-SfBlobEvent $evil
        Get-SfBlobChecksum $evil -Algorithm SHA1
        Save-SfBlobData $evil "$dir/evil" -PassThru
        Test-SfBlobData -LiteralPath "$dir/evil" -InputObject (Get-SfBlob $evil) -Detailed
        Get-SfCapability *next*
        $session
        """.Replace("/evil", "/" + file, StringComparison.Ordinal)).Good.Output;

    private static async Task<Cluster> StartAsync()
    {
        Cluster cluster = await Cluster.StartAsync(demo: false, connect: false);
        EmulatedBlob evil = cluster.AddBlob("evil", 1000, b =>
        {
            b.Extra["state"] = "created";
            b.Info["file format"] = Evil;
            b.Info["mime-type"] = Evil;
            b.Metadata["key" + Evil] = Evil + new string('x', 5000);
            b.Metadata["nested"] = new JsonObject { [Evil] = new JsonArray(Evil, new JsonObject { [Evil] = 1 }) };
            b.Events.Add(new JsonObject { ["type"] = Evil, ["timestamp"] = 1_773_306_900.5, ["fqdn"] = Evil, ["message"] = Evil + new string('y', 5000), ["extra"] = new JsonObject { [Evil] = Evil } });
        });
        evil.ReferencesTo.Add(new EmulatedReference("inst" + Evil, Evil, "rel" + Evil, Evil, "blob", evil.Uuid.ToString()));
        string page = $"<ul><li>blobs: blob-metadata, blob-data-limit, blob-checksums, blob-single-checksum, blob-events, blob-{Evil}</li><li>fam{Evil}: next{Evil}</li></ul>";
        cluster.Emulator.Faults.Add(new Fault { Path = "/", Kind = FaultKind.WrongBody, Body = page });
        _ = cluster.Run("$session = Connect-ShakenFist $url $admin").Good;
        return cluster;
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
