using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests that metadata keys can contain any text and are not changed.</summary>
public sealed class MetadataKeyTests
{
    private static readonly string[] Keys =
    [
        "plain", "Plain", "*", "?", "a[1]", "a1", "[", "]", "[!a]", "`", "a`*", "a/b", "/", ".", "..", "../x", "%2F", "%", "#x", "a?b", "a&b=c", "a+b", "\\", "~",
        "it's", "\"quoted\"", " ", " leading", "trailing ", "tab\tnew\nline", "\u0001\u001b[2J\u007f", "\u202e\u200b", "gr\u00f6\u00dfe \u2713", "\U0001F600", "\ud800", "x\udfff", "$null",
        "key", "value", "blob_uuid", "key-in-body", "-1", "{}", new('k', 3000),
    ];

    public static TheoryData<string> Scripts => new(
        "$keys | ForEach-Object { Set-SfBlobMetadata $mine $_ \"of $_\" }",
        "foreach ($key in $keys) { Set-SfBlobMetadata $mine -LiteralKey $key -Value \"of $key\" }",
        "foreach ($key in $keys) { $mine | New-SfBlobMetadata -Key $key -Value \"of $key\" }",
        "$table = [Collections.Specialized.OrderedDictionary]::new([StringComparer]::Ordinal); foreach ($key in $keys) { $table.Add($key, \"of $key\") }; Set-SfBlobMetadata $mine -Metadata $table",
        "foreach ($key in $keys) { [PSCustomObject]@{ BlobUuid = $mine; Key = $key; Value = \"of $key\" } | Set-SfBlobMetadata }");

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task A_key_with_any_text_is_set_returned_and_removed_without_affecting_other_keys(string script)
    {
        await using Cluster cluster = await StartAsync();
        _ = cluster.Run(script).Good;
        Assert.Equal(Keys.Order(StringComparer.Ordinal), Stored(cluster));

        EngineResult all = cluster.Run("Get-SfBlobMetadata $mine").Good;
        Assert.Equal(Keys.Order(StringComparer.Ordinal), all.Each<string>("Key").Order(StringComparer.Ordinal));
        Assert.All(all.Output, o => Assert.Equal($"of {o.Get<string>("Key")}", o.Get<string>("Value")));

        // Sequentially: each removes only itself.
        EngineResult counts = cluster.Run("""
            foreach ($one in Get-SfBlobMetadata $mine) {
                $same = $one | Get-SfBlobMetadata
                if ($same.Key -cne $one.Key -or @($same).Count -ne 1) { "got another for $($one.Key)" }
                $one | Remove-SfBlobMetadata
                if ((Get-SfBlob $mine).Metadata.ContainsKey($one.Key)) { "left $($one.Key)" }
                (Get-SfBlob $mine).Metadata.Count
            }
            """).Good;
        Assert.Equal(Enumerable.Range(0, Keys.Length).Reverse().Select(n => $"{n}"), counts.Output.Select(o => o.ToString()));
    }

    [Fact]
    public async Task Keys_are_not_changed_by_a_front_end_that_resolves_paths()
    {
        await using Cluster cluster = await StartAsync(new EmulatorOptions { BasePath = "/api" });
        _ = cluster.Run("foreach ($key in $keys) { Set-SfBlobMetadata $mine $key x }").Good;
        Assert.Equal(Keys.Order(StringComparer.Ordinal), Stored(cluster));
        _ = cluster.Run("foreach ($key in $keys) { Remove-SfBlobMetadata $mine -LiteralKey $key }").Good;
        Assert.Empty(Stored(cluster));
    }

    [Theory]
    [InlineData("a*", "a1,a[1],ab")]
    [InlineData("A*", "")]
    [InlineData("a[1]", "a1")]
    [InlineData("a``[1``]", "a[1]")]
    [InlineData("?1", "a1")]
    [InlineData("b', 'a?", "a1,ab,b")]
    [InlineData("B*', 'c*", "Blue")]
    public async Task Wildcards_match_keys_case_sensitively(string pattern, string expected)
    {
        await using Cluster cluster = await StartAsync();
        _ = cluster.Run("foreach ($key in 'a1', 'ab', 'a[1]', 'b', 'Blue') { Set-SfBlobMetadata $mine $key x }").Good;
        string[] names = expected.Split(',', StringSplitOptions.RemoveEmptyEntries);
        pattern = pattern.Replace("``", "`", StringComparison.Ordinal);
        Assert.Equal(names, cluster.Run($"Get-SfBlobMetadata $mine -Key '{pattern}'").Good.Each<string>("Key").Order(StringComparer.Ordinal));
        _ = cluster.Run($"Remove-SfBlobMetadata $mine -Key '{pattern}'").Good;
        Assert.Equal(((string[])["a1", "ab", "a[1]", "b", "Blue"]).Except(names).Order(StringComparer.Ordinal), Stored(cluster));
    }

    [Fact]
    public async Task A_key_that_is_specified_twice_is_removed_once()
    {
        await using Cluster cluster = await StartAsync();
        _ = cluster.Run("Set-SfBlobMetadata $mine -Metadata @{ a = 1; b = 2 }; Remove-SfBlobMetadata $mine -LiteralKey a, a; Remove-SfBlobMetadata $mine -Key b, b, 'b*'").Good;
        Assert.Empty(Stored(cluster));
    }

    [Theory]
    [InlineData("Get-SfBlobMetadata $mine none, a", "Get", 1)]
    [InlineData("Get-SfBlobMetadata $mine -LiteralKey 'n*', 'a'", "Get", 1)]
    [InlineData("Get-SfBlobMetadata $mine -Key A, a", "Get", 1)]
    [InlineData("Remove-SfBlobMetadata $mine none, a", "Remove", 0)]
    [InlineData("Remove-SfBlobMetadata $mine -LiteralKey '*', 'a'", "Remove", 0)]
    public async Task A_missing_key_is_an_error_that_can_be_ignored_and_the_others_are_removed(string script, string verb, int objects)
    {
        await using Cluster cluster = await StartAsync();
        _ = cluster.Run("Set-SfBlobMetadata $mine a 1").Good;
        EngineResult result = cluster.Run($"{script} -ErrorAction Ignore; $count = $Error.Count");
        Assert.Empty(result.Good.Errors);
        Assert.Equal(0, cluster.Engine["count"]);

        _ = cluster.Run("Set-SfBlobMetadata $mine a 1").Good;
        result = cluster.Run(script);
        Assert.Equal($"MetadataKeyNotFound,ShakenFist.Blobs.Commands.{verb}SfBlobMetadataCommand", result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ObjectNotFound, result.OnlyError.CategoryInfo.Category);
        Assert.Contains(cluster.Engine["mine"]!.ToString()!, result.OnlyError.ToString(), StringComparison.Ordinal);
        Assert.Equal(objects, result.Output.Count);
        Assert.Equal(verb == "Get" ? ["a"] : [], Stored(cluster));
    }

    [Fact]
    public async Task A_pattern_that_matches_no_key_is_not_an_error()
    {
        await using Cluster cluster = await StartAsync();
        Assert.Empty(cluster.Run("Get-SfBlobMetadata $mine 'n*'; Remove-SfBlobMetadata $mine 'n*'; Get-SfBlobMetadata $mine").Good.Output);
    }

    [Theory]
    [InlineData("Set-SfBlobMetadata $mine '' x")]
    [InlineData("New-SfBlobMetadata $mine '' x")]
    [InlineData("Remove-SfBlobMetadata $mine ''")]
    [InlineData("Set-SfBlobMetadata $mine -Metadata @{ '' = 'x' }")]
    public async Task An_empty_key_is_rejected_before_a_request(string script)
    {
        await using Cluster cluster = await StartAsync();
        Assert.Matches("^(ParameterArgumentValidationError|MetadataValueRefused),", cluster.Run(script).OnlyError.FullyQualifiedErrorId);
        Assert.DoesNotContain(cluster.Emulator.Requests, r => r.Method != "GET");
    }

    private static string[] Stored(Cluster cluster) =>
        [.. cluster.Emulator.State.Blob((Guid)cluster.Engine["mine"]!)!.Metadata.Select(p => p.Key).Order(StringComparer.Ordinal)];

    private static async Task<Cluster> StartAsync(EmulatorOptions? options = null)
    {
        Cluster cluster = await Cluster.StartAsync(options);
        cluster.AddBlob("mine", 1000);
        cluster.Engine["keys"] = Keys;
        return cluster;
    }
}
