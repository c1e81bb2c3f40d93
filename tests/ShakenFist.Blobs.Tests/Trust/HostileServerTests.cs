using System.Globalization;
using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Trust;

/// <summary>A malicious server, from the view of a user: every field and every error contains text that controls terminals, names files, or could be run.</summary>
public sealed class HostileServerTests
{
    private const string Steering = "\u001b]0;owned\u0007\u001b[2J\u001b[31m\u009b31m\u0085\u202egnp.exe\u2066\u200b\u2028\r\nnext";

    private static readonly string[] Steered = ["\u001b]", "\u001b[2J", "\u0007", "\u009b", "\u0085", "\u202e", "\u2066", "\u200b", "\u2028"];

    /// <summary>File names that refer to another directory, are devices, or are not valid.</summary>
    private static readonly string[] Names =
    [
        "../evil", "..\\evil", "/etc/evil", "C:\\evil", "C:evil", "\\\\server\\share\\evil", "evil\0.raw", ".", "..", "", " ", "CON", "NUL.raw", "evil:stream", "~/evil", "$HOME/evil", "%2e%2e%2fevil",
        "evil.sfpart", new string('x', 10_000), Steering,
    ];

    [Theory]
    [MemberData(nameof(CommandScripts.Names), MemberType = typeof(CommandScripts))]
    public async Task Server_text_does_not_control_the_terminal_and_is_not_run(string command)
    {
        await using Cluster cluster = await StartAsync();
        string marker = cluster.PathOf("run");
        AddEvil(cluster, $"$([IO.File]::WriteAllText('{marker}', 'x'))'; [IO.File]::WriteAllText('{marker}', 'x') #\"{Steering}");
        foreach (Fault? fault in (Fault?[])[Refusal(), null])
        {
            cluster.Emulator.Faults.Clear();
            if (fault is not null)
            {
                cluster.Emulator.Faults.Add(fault);
            }

            EngineResult result = cluster.Run($"{CommandScripts.Prepare}\n. {{ {CommandScripts.Of[command]} }} *>&1 | Tee-Object -Variable given | Out-Default\n");
            cluster.Engine.LanguageMode = PSLanguageMode.ConstrainedLanguage;
            string constrained = cluster.Run("$given | Out-Default").Shown;
            cluster.Engine.LanguageMode = PSLanguageMode.FullLanguage;
            string progress = string.Join('\n', result.Progress.Select(p => p.Activity + p.StatusDescription + p.CurrentOperation));
            string kept = string.Join('\n', cluster.Run("foreach ($e in $Error) { \"$e\"; \"$($e.Exception)\"; \"$($e.ErrorDetails)\"; \"$($e.CategoryInfo)\" }").Output);
            Assert.All(Steered, sequence => Assert.DoesNotContain(sequence, result.Shown + constrained + result.Everything + progress + kept, StringComparison.Ordinal));
        }

        Assert.False(File.Exists(marker), "A text of the server was run.");
    }

    [Fact]
    public async Task A_file_name_depends_only_on_the_blob_and_not_on_other_text_in_the_record()
    {
        await using Cluster cluster = await StartAsync();
        Directory.CreateDirectory(cluster.PathOf("inner"));
        List<string> expected = ["some"];
        foreach (string name in Names)
        {
            EmulatedBlob blob = cluster.AddBlob("evil", 1000 + expected.Count, b =>
            {
                b.Info["file format"] = name;
                b.Info["mime-type"] = name;
                b.Info["backing file"] = name;
                b.Info["file name"] = name;
                b.Metadata["name"] = name;
                b.Metadata[name.Length > 0 ? name : "path"] = name;
            });
            Assert.Equal("Saved", cluster.Run("Save-SfBlobData $evil \"$dir/inner\" -PassThru").Only.Text("Status"));
            expected.Add(Path.Combine("inner", blob.Uuid.ToString()));
        }

        Assert.Equal(expected.Order(StringComparer.Ordinal), cluster.Files);
    }

    [Theory]
    [InlineData("Mermaid")]
    [InlineData("Dot")]
    [InlineData("Html")]
    public async Task A_graph_contains_no_characters_that_control_a_terminal(string format)
    {
        await using Cluster cluster = await StartAsync();
        AddEvil(cluster, Steering);
        string drawn = (string)cluster.Run($"Export-SfBlobGraph $raw -Format {format}").Only.BaseObject;
        Assert.Contains("owned", drawn, StringComparison.Ordinal);
        Assert.DoesNotContain(drawn, c => c != '\n' && (char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator));
    }

    [Fact]
    public async Task Completion_offers_nothing_harmful()
    {
        await using Cluster cluster = await StartAsync();
        string marker = cluster.PathOf("run");
        string evil = $"x'; [IO.File]::WriteAllText('{marker}', 'x'); '";
        AddEvil(cluster, evil);
        _ = cluster.Run("Get-SfBlob $raw").Good;
        foreach (string line in (string[])["Get-SfBlobMetadata $raw -LiteralKey ", "Get-SfBlob -Node ", "Get-SfBlobReference $raw -Relationship "])
        {
            cluster.Engine["line"] = line;
            foreach (PSObject offer in cluster.Run("[Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches").Output)
            {
                _ = cluster.Run($"{line}{offer.Text("CompletionText")}");
            }
        }

        Assert.Contains(cluster.Emulator.State.Blob((Guid)cluster.Engine["raw"]!)!.Metadata, member => member.Key == evil);
        Assert.False(File.Exists(marker), "A completion was run.");
    }

    private static async Task<Cluster> StartAsync()
    {
        Cluster cluster = await Cluster.StartAsync();
        await cluster.WriteAsync("some", new byte[100]);
        cluster.Engine["canary"] = Cluster.Credential(DemoCluster.AdminNamespace, Cluster.AdminKey);
        cluster.Engine["wrong"] = Cluster.Credential(DemoCluster.AdminNamespace, "wrong");
        return cluster;
    }

    /// <summary>Adds a blob with this text in every field, under the names that the scripts use.</summary>
    private static void AddEvil(Cluster cluster, string text)
    {
        EmulatedBlob evil = cluster.AddBlob("raw", 3000, b =>
        {
            b.Locations = [text, "sf-1"];
            foreach (string field in (string[])["file format", "mime-type", "disk size", "backing file", "compat", text])
            {
                b.Info[field] = text;
            }

            b.Metadata[text] = text;
            b.Metadata["name"] = new JsonObject { [text] = new JsonArray(text, text) };
            b.Transcodes[text] = DemoCluster.InstallMedium;
            b.ReferencesTo.Add(new EmulatedReference(text, text, text, text, "blob", b.Uuid.ToString()));
            b.Events.Add(new JsonObject { ["timestamp"] = 1.0, ["type"] = text, ["fqdn"] = text, ["message"] = text, ["extra"] = new JsonObject { [text] = text } });
        });
        cluster.Engine["qcow2"] = evil.Uuid;
    }

    private static Fault Refusal() => new()
    {
        Method = "*",
        Path = "/blob*",
        Kind = FaultKind.Status,
        Status = 400,
        Body = $$"""{"error": {{JsonSerializer.Serialize(Steering)}}}""",
        Times = int.MaxValue,
    };
}
