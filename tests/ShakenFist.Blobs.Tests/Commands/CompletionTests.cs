using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests argument completion, which uses only data in memory.</summary>
public sealed class CompletionTests
{
    private const string Complete = "[Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches";

    [Theory]
    [InlineData("Get-SfBlob ")]
    [InlineData("Get-SfBlob -Uuid ")]
    [InlineData("Get-SfBlob -Uuid d3a0")]
    [InlineData("Get-SfBlob -Uuid 'D3A0")]
    [InlineData("Save-SfBlobData ")]
    [InlineData("Get-SfBlobMetadata ")]
    [InlineData("Set-SfBlobMetadata -Uuid ")]
    [InlineData("Get-SfBlobReference ")]
    [InlineData("Get-SfBlobData ")]
    [InlineData("Wait-SfBlob ")]
    [InlineData("Get-SfBlobChecksum ")]
    [InlineData("Get-SfBlobEvent ")]
    [InlineData("Test-SfBlobData ")]
    [InlineData("Get-SfBlob -Session $session ")]
    public async Task Completion_offers_blobs_that_the_session_has_read_with_a_description(string line)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run("Get-SfBlob $raw, $qcow2").Good;
        IReadOnlyList<PSObject> offered = Offer(cluster, line);
        Assert.Equal([DemoCluster.RawDisk.ToString(), DemoCluster.BaseImage.ToString()], Texts(offered));
        Assert.StartsWith("5.00 MiB raw created, 2026-03-", offered[0].Text("ToolTip"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-SfArtifact ", "Get-SfArtifact", "a4b1d2c3-9e8f-4a7b-8c6d-5e4f3a2b1c54/vda", "database", "debian-13", "installer.iso")]
    [InlineData("Get-SfArtifact d", "Get-SfArtifact", "database", "debian-13")]
    [InlineData("Get-SfBlob -Artifact DEB", "Get-SfArtifact", "debian-13")]
    [InlineData("Get-SfBlob -Artifact x, dat", "Get-SfArtifact", "database")]
    [InlineData("Get-SfInstance ", "Get-SfInstance", "db-1", "web-1")]
    [InlineData("Get-SfBlob -Instance w", "Get-SfInstance", "web-1")]
    [InlineData("Checkpoint-SfInstance w", "Get-SfInstance", "web-1")]
    [InlineData("Remove-SfArtifact d", "Get-SfArtifact", "database", "debian-13")]
    [InlineData("Set-SfArtifact DEB", "Get-SfArtifact", "debian-13")]
    public async Task Completion_offers_names_that_the_session_has_read(string line, string read, params string[] names)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run(read).Good;
        Assert.Equal(names, Offer(cluster, line).Select(offer => offer.Text("ListItemText")));
        Assert.All(Offer(cluster, line), offer => Assert.Contains(" in ", offer.Text("ToolTip"), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Get-SfBlob -Artifact ", "/artifacts", "debian-13")]
    [InlineData("Get-SfInstance ", "/instances", "web-1")]
    public async Task The_first_completion_of_a_name_requests_the_list_once_in_the_background(string line, string path, string name)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Task asked = cluster.Meet(new Fault { Path = path, Kind = FaultKind.Delay, Delay = TimeSpan.FromSeconds(2) });
        Assert.Empty(Offer(cluster, line));
        await asked.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        while (!Texts(Offer(cluster, line)).Contains(name))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal([path], cluster.Emulator.Requests.Select(r => r.Path));
    }

    [Fact]
    public async Task A_name_is_quoted_and_its_wildcards_are_escaped_where_a_pattern_is_expected()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.State.AddArtifact(new EmulatedArtifact { Name = "z [1]'s", Namespace = DemoCluster.AdminNamespace });
        cluster.Emulator.State.AddArtifact(new EmulatedArtifact { Name = "z\u001b[2J", Namespace = DemoCluster.AdminNamespace });
        _ = cluster.Run("Get-SfArtifact").Good;
        Assert.Equal(["'z `[1`]''s'"], Texts(Offer(cluster, "Get-SfArtifact z")));
        Assert.Equal(["'z [1]''s'"], Texts(Offer(cluster, "Get-SfBlob -Artifact z")));
        Assert.Equal("z [1]'s", cluster.Run("Get-SfArtifact 'z `[1`]''s'").Only.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("$blob = Get-SfBlob $iso; ")]
    public async Task A_key_that_was_just_written_is_offered_and_one_that_was_removed_is_not(string before)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run(before + "Set-SfBlobMetadata $iso -Metadata @{ written = 1; gone = 2 }; Remove-SfBlobMetadata $iso gone").Good;
        Assert.Equal(["written"], Texts(Offer(cluster, $"Get-SfBlobMetadata {DemoCluster.InstallMedium} ")));
        Assert.Equal(["written"], Texts(Offer(cluster, "Set-SfBlobMetadata -Key wr")));
        Assert.Equal(before.Length > 0 ? "0" : null, before.Length > 0 ? cluster.Run("$blob.Metadata.Count").Only.ToString() : null);
    }

    [Fact]
    public async Task The_first_completion_requests_all_blobs_in_the_background_and_the_next_offers_them()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Task asked = cluster.Meet(new Fault { Path = "/blobs", Kind = FaultKind.Delay });
        Assert.Empty(Offer(cluster, "Get-SfBlob "));
        await asked.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        while (Offer(cluster, "Get-SfBlob ").Count < cluster.Emulator.State.Blobs.Count)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal(["GET /blobs"], cluster.Emulator.Requests.Select(r => $"{r.Method} {r.Path}"));
    }

    [Theory]
    [InlineData("$session = Connect-ShakenFist $url $user", "GET /blobs|GET /blobs/raw")]
    [InlineData("$session = Connect-ShakenFist $url $admin; $expire.Invoke()", "GET /blobs|GET /blobs/raw|POST /auth|GET /blobs/raw")]
    public async Task A_namespace_that_cannot_list_completes_from_known_blobs_without_authenticating_again(string connect, string requests)
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        cluster.Engine["expire"] = (Action)cluster.Emulator.ExpireTokens;
        _ = cluster.Run(connect).Good;
        cluster.Emulator.ClearRequests();
        Assert.Empty(Offer(cluster, "Get-SfBlob "));
        while (!cluster.Emulator.Requests.Any(r => r.Completed))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        // The next command authenticates again if necessary: the completion must not have changed that.
        Assert.Empty(Offer(cluster, "Get-SfBlob "));
        _ = cluster.Run("Get-SfBlob $raw").Good;
        Assert.Equal(requests, string.Join('|', cluster.Emulator.Requests.Select(r => $"{r.Method} {r.Path.Replace(DemoCluster.RawDisk.ToString(), "raw", StringComparison.Ordinal)}")));
    }

    [Fact]
    public async Task With_a_token_that_expires_soon_completion_sends_no_request()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        cluster.Emulator.Faults.Add(new Fault { Method = "POST", Path = "/auth", Kind = FaultKind.Status, Status = 200, Body = "{\"access_token\": \"x\", \"expires_in\": 0.000001}" });
        _ = cluster.Run("$session = Connect-ShakenFist $url $admin").Good;
        cluster.Emulator.ClearRequests();
        Assert.Empty(Offer(cluster, "Get-SfBlob "));
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Theory]
    [InlineData("Get-SfBlob ")]
    [InlineData("Get-SfBlob -Node ")]
    [InlineData("Get-SfBlobMetadata -Key ")]
    [InlineData("Test-SfCapability ")]
    [InlineData("Get-SfCapability -Name ")]
    [InlineData("Wait-SfBlob -Uuid ")]
    public async Task Without_a_session_completion_offers_nothing_and_reports_no_error(string line)
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        Assert.DoesNotContain(Offer(cluster, line), o => o.Text("ResultType") == "ParameterValue");
        _ = cluster.Run("$session = Connect-ShakenFist $url $admin; Disconnect-ShakenFist").Good;
        cluster.Emulator.ClearRequests();
        Assert.DoesNotContain(Offer(cluster, line), o => o.Text("ResultType") == "ParameterValue");
        Assert.DoesNotContain(Offer(cluster, line + "-Session $session "), o => o.Text("CompletionText") == "blob-metadata" && line.Contains("Blob", StringComparison.Ordinal));
        Assert.Empty(cluster.Emulator.Requests);
        Assert.Equal(0, cluster.Engine.Shown.Questions);

        Assert.Empty(cluster.Run("foreach ($e in $Error) { \"$e\" }").Good.Output);
    }

    [Theory]
    [InlineData("Get-SfBlobMetadata $raw ", "größe,name,ratio")]
    [InlineData("Get-SfBlobMetadata $raw -Key n", "name")]
    [InlineData("Set-SfBlobMetadata -Uuid d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004 -Key ", "größe,name,ratio")]
    [InlineData("Remove-SfBlobMetadata $raw -LiteralKey ra", "ratio")]
    [InlineData("New-SfBlobMetadata $raw -Key N", "name")]
    [InlineData("Get-SfBlobMetadata -Key ", "größe,name,ratio,tags,verified")]
    [InlineData("Get-SfBlobReference -Relationship d", "depends_on,disk")]
    [InlineData("Get-SfBlobReference $raw -Relationship ", "agent_output,artifact_index,blob_location,depends_on,disk,nvram_template,transcode")]
    [InlineData("Find-SfBlobByHash x -Algorithm ", "SHA1,SHA256,SHA512,XXH128")]
    [InlineData("Get-SfBlobChecksum $raw -Algorithm S", "SHA1,SHA256,SHA512")]
    [InlineData("Test-SfBlobData $raw x -Algorithm X", "XXH128")]
    [InlineData("Get-SfBlobData $raw -Encoding biGendianutf", "bigendianutf32")]
    [InlineData("Get-SfBlob -Node ", "sf-1,sf-2")]
    [InlineData("Wait-SfBlob $raw -State ", "created,deleted,error,initial")]
    [InlineData("Test-SfCapability blob-hash-sha", "blob-hash-sha1,blob-hash-sha256")]
    [InlineData("Get-SfCapability -Name VDI-", "vdi-console-helper")]
    [InlineData("Get-SfBlobReference $raw -Direction U", "UsedBy,Uses")]
    public async Task Completion_offers_the_known_values_of_each_parameter(string line, string expected)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run("Get-SfBlob $raw, $qcow2").Good;
        cluster.Emulator.ClearRequests();
        IReadOnlyList<PSObject> offered = Offer(cluster, line);
        Assert.Equal(expected, string.Join(',', Texts(offered).Select(t => t.Trim('\'')).Order(StringComparer.Ordinal)
            .OrderBy(t => t, StringComparer.Create(System.Globalization.CultureInfo.InvariantCulture, System.Globalization.CompareOptions.None))));
        Assert.All(offered, o => Assert.NotEqual("", o.Text("ToolTip")));
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task The_tooltip_of_a_key_is_its_value()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        _ = cluster.Run("Get-SfBlob $qcow2").Good;
        Assert.Equal("[\"base\",\"golden\"]", Offer(cluster, "Get-SfBlobMetadata $qcow2 -Key t").Single().Text("ToolTip"));
    }

    [Fact]
    public async Task Text_that_could_control_a_terminal_is_not_offered_and_other_text_is_quoted()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedBlob evil = cluster.AddBlob("evil", 1000);
        foreach (string key in (string[])["", "\u001b[2J", "a\nb", "\u202egnp", "\ud800", "it's", "two words", "$(evil)", "a;b", "\u2018curly\u2019", "plain"])
        {
            evil.Metadata[key] = "\u001b]0;owned\u0007";
        }

        evil.Locations = ["", "sf-1\u001b[2J", "sf 2; evil", "sf-3 (42.0%)"];
        evil.Info["file format"] = "\u001b[2Jraw";
        _ = cluster.Run("Get-SfBlob $evil").Good;
        foreach (string parameter in (string[])["Set-SfBlobMetadata $evil -Key ", "Remove-SfBlobMetadata $evil -Key "])
        {
            IReadOnlyList<PSObject> offered = Offer(cluster, parameter);
            Assert.Equal(
                ["$(evil)", "a;b", "it's", "plain", "two words", "\u2018curly\u2019"],
                offered.Select(o => cluster.Run(o.Text("CompletionText") == "plain" ? "'plain'" : o.Text("CompletionText")).Only.ToString()).Order(StringComparer.Ordinal));
            AssertHarmless(offered);
        }

        Assert.Equal(["sf", "sf-3"], Texts(Offer(cluster, "Get-SfBlob -Node ")).Order(StringComparer.Ordinal));
        AssertHarmless(Offer(cluster, "Get-SfBlob "));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("a[1]")]
    [InlineData("?")]
    [InlineData("a`b")]
    [InlineData("a`*")]
    [InlineData("``*")]
    [InlineData("[")]
    public async Task A_key_with_wildcard_characters_is_completed_literally_and_only_that_key_is_removed(string key)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedBlob mine = cluster.AddBlob("mine", 1000);
        foreach (string other in (string[])["a1", "x", "ab", "a`b1", "`z", "``z", key])
        {
            mine.Metadata[other] = 1;
        }

        foreach (string command in (string[])["Get-SfBlobMetadata $mine -Key ", "Get-SfBlobMetadata $mine -LiteralKey ", "Remove-SfBlobMetadata $mine -Key "])
        {
            _ = cluster.Run("Get-SfBlob $mine").Good;
            string[] taken =
            [
                .. Texts(Offer(cluster, command)).Where(text =>
                {
                    EngineResult got = cluster.Run($"{command.Replace("Remove", "Get", StringComparison.Ordinal)}{text}").Good;
                    return got.Only.Get<string>("Key") == key;
                }),
            ];
            _ = cluster.Run(command + Assert.Single(taken)).Good;
        }

        Assert.Equal(((string[])["``z", "`z", "a1", "a`b1", "ab", "x"]).Order(StringComparer.Ordinal), mine.Metadata.Select(p => p.Key).Order(StringComparer.Ordinal));
    }

    private static void AssertHarmless(IEnumerable<PSObject> offered) => Assert.All(offered, o => Assert.DoesNotContain(
        o.Text("CompletionText") + o.Text("ListItemText") + o.Text("ToolTip"),
        c => char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format));

    private static IReadOnlyList<PSObject> Offer(Cluster cluster, string line)
    {
        cluster.Engine["line"] = line;
        return cluster.Run(Complete).Good.Output;
    }

    private static IReadOnlyList<string> Texts(IReadOnlyList<PSObject> offered) => [.. offered.Where(o => o.Text("ResultType") == "ParameterValue").Select(o => o.Text("CompletionText"))];
}
