using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests the changes, prompts, and output of the commands that change metadata.</summary>
public sealed class MetadataChangeTests
{
    [Fact]
    public async Task New_adds_a_key_and_rejects_an_existing_one()
    {
        await using Cluster cluster = await StartAsync();
        Assert.Empty(cluster.Run("New-SfBlobMetadata $mine fresh 1").Good.Output);
        Assert.Contains(cluster.Emulator.Requests, r => r.Method == "POST");
        ErrorRecord error = cluster.Run("New-SfBlobMetadata $mine a 2").OnlyError;
        Assert.Equal("MetadataKeyExists,ShakenFist.Blobs.Commands.NewSfBlobMetadataCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ResourceExists, error.CategoryInfo.Category);
        Assert.Contains("Its value is \"old\"", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("""{"a":"old","b":"kept","fresh":1}""", Stored(cluster));
        PSObject record = cluster.Run("New-SfBlobMetadata $mine a 2 -Force -PassThru").Only;
        Assert.Equal("a", record.Get<string>("Key"));
        Assert.Equal("""{"a":2,"b":"kept","fresh":1}""", Stored(cluster));
    }

    [Fact]
    public async Task Set_merges_and_reports_what_changed_and_what_did_not()
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run("Set-SfBlobMetadata $mine -Metadata ([ordered]@{ a = 'new'; b = 'kept'; c = 1 }) -PassThru -Verbose").Good;
        Assert.Equal("""{"a":"new","b":"kept","c":1}""", Stored(cluster));
        Assert.Equal(["a", "b", "c"], result.Each<string>("Key"));
        Assert.Equal(["new", "kept", "1"], result.Output.Select(o => o.Text("Value")));
        string reported = string.Join('\n', result.Verbose);
        Assert.Contains("'a' of blob", reported, StringComparison.Ordinal);
        Assert.Contains("changed from \"old\" to \"new\"", reported, StringComparison.Ordinal);
        Assert.Contains("is already \"kept\" and was not changed", reported, StringComparison.Ordinal);
        Assert.Contains("was added with the value 1", reported, StringComparison.Ordinal);
        Assert.Equal(2, cluster.Emulator.Requests.Count(r => r.Method == "PUT"));
    }

    [Fact]
    public async Task Replace_removes_keys_that_are_not_in_the_table()
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run("Set-SfBlobMetadata $mine @{ A = 1 } -Replace -Verbose").Good;
        Assert.Equal("""{"A":1}""", Stored(cluster));
        Assert.Contains(result.Verbose, v => v.Contains("was removed. Its value was \"kept\"", StringComparison.Ordinal));
        _ = cluster.Run("Set-SfBlobMetadata $mine -Metadata @{ } -Replace").Good;
        Assert.Equal("{}", Stored(cluster));
    }

    [Theory]
    [InlineData("Set-SfBlobMetadata $mine a new -WhatIf -PassThru", "Change the value from \"old\" to \"new\"")]
    [InlineData("Set-SfBlobMetadata $mine c 1 -WhatIf", "Add the value 1")]
    [InlineData("New-SfBlobMetadata $mine c @{ x = 1 } -WhatIf -PassThru", "Add the value {\"x\":1}")]
    [InlineData("New-SfBlobMetadata $mine a 7 -Force -WhatIf", "Change the value from \"old\" to 7")]
    [InlineData("Remove-SfBlobMetadata $mine * -WhatIf", "Remove all 2 keys: a, b")]
    [InlineData("$WhatIfPreference = $true; Remove-SfBlobMetadata $mine * -Force", "Remove all 2 keys: a, b")]
    [InlineData("Remove-SfBlobMetadata $mine b* -WhatIf", "Remove the value \"kept\"")]
    [InlineData("Set-SfBlobMetadata $mine -Metadata @{ a = 'new' } -Replace -WhatIf", "Remove the value \"kept\"")]
    [InlineData("Get-SfBlobMetadata $mine a | Remove-SfBlobMetadata -WhatIf", "Remove the value \"old\"")]
    public async Task WhatIf_sends_no_write_and_shows_old_and_new(string script, string shown)
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run(script).Good;
        Assert.Contains(shown, result.Shown, StringComparison.Ordinal);
        Assert.Contains(cluster.Engine["mine"]!.ToString()!, result.Shown, StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.All(cluster.Emulator.Requests, r => Assert.Equal("GET", r.Method));
    }

    [Theory]
    [InlineData("Set-SfBlobMetadata $mine -Metadata @{ a = 1 } -Replace", "", 0)]
    [InlineData("Set-SfBlobMetadata $mine -Metadata @{ a = 1 } -Replace -Confirm", "", 2)]
    [InlineData("Set-SfBlobMetadata $mine -Metadata @{ a = 1 } -Replace", "$ConfirmPreference = 'Medium'; ", 2)]
    [InlineData("Set-SfBlobMetadata $mine -Metadata @{ a = 1 } -Replace -Confirm:$false", "$ConfirmPreference = 'Low'; ", 0)]
    public async Task Prompts_depend_on_Confirm_and_ConfirmPreference(string script, string preference, int questions)
    {
        await using Cluster cluster = await StartAsync();
        _ = cluster.Run(preference + script).Good;
        Assert.Equal(questions, cluster.Engine.Shown.Questions);
        Assert.Equal("""{"a":1}""", Stored(cluster));
    }

    [Theory]
    [InlineData("Get-SfBlobMetadata")]
    [InlineData("Set-SfBlobMetadata -Key k -Value v -PassThru")]
    [InlineData("New-SfBlobMetadata -Key k -Value v -PassThru")]
    public async Task After_an_unknown_blob_the_others_are_output_in_order(string command)
    {
        await using Cluster cluster = await StartAsync();
        EngineResult result = cluster.Run($"$raw, $unknown, $mine, $qcow2 | {command}");
        Assert.StartsWith("BlobNotFound,", result.OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(Cluster.Unknown.ToString(), result.OnlyError.TargetObject.ToString());
        Assert.Contains("request id", result.OnlyError.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal([DemoCluster.RawDisk, (Guid)cluster.Engine["mine"]!, DemoCluster.BaseImage], result.Each<Guid>("BlobUuid").Distinct());
    }

    [Fact]
    public async Task A_value_can_be_piped_to_another_key_and_blob()
    {
        await using Cluster cluster = await StartAsync();
        _ = cluster.Run("Get-SfBlobMetadata $mine a | Set-SfBlobMetadata -Key copy; Get-SfBlobMetadata $mine a | ForEach-Object { Set-SfBlobMetadata $iso $_.Key $_.Value }").Good;
        Assert.Equal("""{"a":"old","b":"kept","copy":"old"}""", Stored(cluster));
        Assert.Equal("""{"a":"old"}""", cluster.Emulator.State.Blob(DemoCluster.InstallMedium)!.Metadata.ToJsonString());
    }

    [Theory]
    [InlineData("Set-SfBlobMetadata nonsense k v", "BlobUuidInvalid", "is not the UUID of a blob")]
    [InlineData("'nonsense' | Get-SfBlobMetadata", "BlobUuidInvalid", "is not the UUID of a blob")]
    [InlineData("Get-SfBlobMetadata 42", "CannotConvertArgumentNoMessage", "has no Uuid")]
    public async Task A_malformed_UUID_is_rejected(string script, string id, string reason)
    {
        await using Cluster cluster = await StartAsync();
        ErrorRecord error = cluster.Run(script).OnlyError;
        Assert.StartsWith(id + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(reason, error.ToString(), StringComparison.Ordinal);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task A_failed_write_is_an_error_for_that_key_and_the_others_are_set()
    {
        await using Cluster cluster = await StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Method = "PUT", Path = "*/metadata/two", Kind = FaultKind.Status, Status = 403, Body = "{\"error\": \"not you\"}" });
        EngineResult result = cluster.Run("Set-SfBlobMetadata $mine -Metadata ([ordered]@{ one = 1; two = 2; three = 3 })");
        Assert.Equal("AccessForbidden,ShakenFist.Blobs.Commands.SetSfBlobMetadataCommand", result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal(cluster.Engine["mine"], result.OnlyError.TargetObject);
        Assert.Contains("the key 'two'", result.OnlyError.ToString(), StringComparison.Ordinal);
        Assert.Equal("""{"a":"old","b":"kept","one":1,"three":3}""", Stored(cluster));
    }

    [Theory]
    [InlineData("*", false)]
    [InlineData("**", false)]
    [InlineData("?*", false)]
    [InlineData("*?", false)]
    [InlineData("x*', '*", false)]
    [InlineData("*", true)]
    [InlineData("x*', '?*", true)]
    public async Task A_pattern_that_matches_every_key_removes_nothing_unless_it_is_forced(string pattern, bool force)
    {
        await using Cluster cluster = await StartAsync();
        cluster.AddBlob("bare", 1000);
        EngineResult result = cluster.Run($"$bare, $mine | Remove-SfBlobMetadata -Key '{pattern}' {(force ? "-Force -Verbose" : string.Empty)}");
        if (force)
        {
            Assert.Equal(2, result.Good.Verbose.Count(line => line.Contains("was removed. Its value was", StringComparison.Ordinal)));
            Assert.Equal("{}", Stored(cluster));
            return;
        }

        // A blob without metadata has nothing to lose.
        Assert.Equal("ForceRequired,ShakenFist.Blobs.Commands.RemoveSfBlobMetadataCommand", result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal(cluster.Engine["mine"], result.OnlyError.TargetObject);
        Assert.Contains("matches all 2 keys: a, b.", result.OnlyError.ToString(), StringComparison.Ordinal);
        Assert.Contains("-Force", result.OnlyError.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal("""{"a":"old","b":"kept"}""", Stored(cluster));
    }

    [Theory]
    [InlineData("a*', 'b*")]
    [InlineData("?")]
    [InlineData("`**")]
    public async Task A_pattern_that_some_keys_do_not_match_needs_no_force(string pattern)
    {
        await using Cluster cluster = await StartAsync();
        _ = cluster.Run($"Set-SfBlobMetadata $mine '*x' 1; Remove-SfBlobMetadata $mine -Key '{pattern}'").Good;
        Assert.Equal(pattern == "`**" ? """{"a":"old","b":"kept"}""" : """{"*x":1}""", Stored(cluster));
    }

    [Fact]
    public async Task Confirm_asks_once_for_all_keys_of_a_blob()
    {
        await using Cluster cluster = await StartAsync();
        _ = cluster.Run("Remove-SfBlobMetadata $mine * -Force -Confirm").Good;
        Assert.Equal(1, cluster.Engine.Shown.Questions);
        Assert.Equal("{}", Stored(cluster));
    }

    private static string Stored(Cluster cluster)
    {
        System.Text.Json.Nodes.JsonObject metadata = cluster.Emulator.State.Blob((Guid)cluster.Engine["mine"]!)!.Metadata;
        return new System.Text.Json.Nodes.JsonObject(metadata.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))).ToJsonString();
    }

    private static async Task<Cluster> StartAsync()
    {
        Cluster cluster = await Cluster.StartAsync();
        cluster.AddBlob("mine", 1000, b =>
        {
            b.Metadata["a"] = "old";
            b.Metadata["b"] = "kept";
        });
        return cluster;
    }
}
