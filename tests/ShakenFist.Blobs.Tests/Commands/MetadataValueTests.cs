using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests that metadata values are read back from the server unchanged.</summary>
public sealed class MetadataValueTests
{
    private const string Command = ",ShakenFist.Blobs.Commands.SetSfBlobMetadataCommand";

    /// <summary>The value, the JSON that is sent (none if it is too long for the request log), and an expression about the returned value that must be true.</summary>
    public static TheoryData<string, string, string> Values => new()
    {
        { "'plain'", "\"plain\"", "$v -is [string] -and $v -ceq 'plain'" },
        { "' '", "\" \"", "$v -ceq ' '" },
        { "'0'", "\"0\"", "$v -is [string] -and $v -ceq '0'" },
        { "\"gr\u00f6\u00dfe \u2713 \U0001F600 `u{202e}`0`e[2J`r`n`\"'\"", "\"gr\\u00f6\\u00dfe \\u2713 \\ud83d\\ude00 \\u202e\\u0000\\u001b[2J\\u000d\\u000a\\\"'\"", "$v.Length -eq 21" },
        { "[string][char]0xd800", "\"\\ud800\"", "$v.Length -eq 1 -and [int]$v[0] -eq 0xd800" },
        { "1", "1", "$v -eq 1 -and $v -isnot [double]" },
        { "1.0", "1.0", "$v -is [double] -and $v -eq 1" },
        { "-7", "-7", "$v -eq -7" },
        { "[byte]200", "200", "$v -eq 200" },
        { "[float]0.1", "0.1", "$v -eq 0.1" },
        { "1e300", "1E+300", "$v -eq 1e300" },
        { "0.1", "0.1", "$v -eq 0.1" },
        { "1.50d", "1.50", "$v -eq 1.5" },
        { "[long]::MaxValue", "9223372036854775807", "$v -eq [long]::MaxValue" },
        { "[ulong]::MaxValue", "18446744073709551615", "[bigint]$v -eq [bigint][ulong]::MaxValue" },
        { "[bigint]::Pow(10, 40)", "1" + new string('0', 40), "$v -is [bigint] -and $v -eq [bigint]::Pow(10, 40)" },
        { "-[bigint]::Pow(2, 200)", "-" + BigInteger.Pow(2, 200).ToString(CultureInfo.InvariantCulture), "$v -eq -[bigint]::Pow(2, 200)" },
        { "$true", "true", "$v -is [bool] -and $v" },
        { "@(1, 'two', 3.0, $null, $false, @(), @{})", "[1,\"two\",3.0,null,false,[],{}]", "$v.Count -eq 7 -and $v[1] -eq 'two' -and $null -eq $v[3] -and $v[4] -eq $false" },
        { ",'one'", "[\"one\"]", "$v.Count -eq 1 -and $v[0] -eq 'one' -and $v -isnot [string]" },
        { "[ordered]@{ b = 1; a = [ordered]@{ list = 1, @{ deep = 'x' } } }", "{\"b\":1,\"a\":{\"list\":[1,{\"deep\":\"x\"}]}}", "$v.b -eq 1 -and $v.a.list[1].deep -eq 'x'" },
        { "@{ '' = 'empty' }", "{\"\":\"empty\"}", "$v[''] -eq 'empty'" },
        { "@{ Case = 1 }", "{\"Case\":1}", "$v.ContainsKey('Case') -and -not $v.ContainsKey('case')" },
        { "@{ 7 = 'seven' }", "{\"7\":\"seven\"}", "$v['7'] -eq 'seven'" },
        { "[PSCustomObject]@{ name = 'ada'; tags = 'x', 'y'; more = [PSCustomObject]@{ z = 0 } }", "{\"name\":\"ada\",\"tags\":[\"x\",\"y\"],\"more\":{\"z\":0}}", "$v.more.z -eq 0 -and $v.tags[1] -eq 'y'" },
        { "[guid]'d3a00001-7a1e-4c52-9c0b-6f1f5e0a0001'", "\"d3a00001-7a1e-4c52-9c0b-6f1f5e0a0001\"", "$v -is [string]" },
        { "[datetime]::new(2026, 3, 12, 9, 15, 0, [DateTimeKind]::Utc)", "\"2026-03-12T09:15:00.0000000Z\"", "$v -is [string]" },
        { "[ConsoleColor]::Red", "\"Red\"", "$v -eq 'Red'" },
        { "'x' * 100000", "", "$v.Length -eq 100000" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_value_is_read_back_unchanged(string value, string json, string check)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.AddBlob("mine", 1000);
        EngineResult result = cluster.Run($$"""
            $value = {{value}}
            Set-SfBlobMetadata $mine key $value
            $v = (Get-SfBlobMetadata $mine key).Value
            {{check}}
            $v = (Get-SfBlob $mine).Metadata['key']
            {{check}}
            $v = (Get-SfBlob | ForEach-Object { if ($_.Uuid -eq $mine) { $_ } }).Metadata['key']
            {{check}}
            """).Good;
        Assert.Equal(["True", "True", "True"], result.Output.Select(o => o.ToString()));
        string sent = Encoding.ASCII.GetString(Assert.Single(cluster.Emulator.Requests, r => r.Method == "PUT").Body.Span);
        Assert.Equal(json.Length == 0 ? "" : $"{{\"value\":{json}}}", sent);

        // The returned value equals the stored value, so setting it again sends no request.
        cluster.Emulator.ClearRequests();
        Assert.Contains("not changed", string.Join(' ', cluster.Run("Get-SfBlobMetadata $mine key | Set-SfBlobMetadata -Verbose").Good.Verbose), StringComparison.Ordinal);
        Assert.DoesNotContain(cluster.Emulator.Requests, r => r.Method != "GET");
    }

    [Theory]
    [InlineData("''")]
    [InlineData("0")]
    [InlineData("-0.0")]
    [InlineData("0.0d")]
    [InlineData("[bigint]::Zero")]
    [InlineData("$false")]
    [InlineData("@{}")]
    [InlineData("[PSCustomObject]@{}")]
    [InlineData("@()")]
    [InlineData("$null")]
    public async Task A_value_that_the_server_rejects_is_rejected_before_a_request_and_the_other_keys_are_set(string value)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.AddBlob("mine", 1000);
        EngineResult result = cluster.Run($"Set-SfBlobMetadata $mine -Metadata ([ordered]@{{ before = 1; bad = {value}; after = 2 }})");
        Assert.Equal("MetadataValueRefused" + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Contains("treats the value of key 'bad' as missing", result.OnlyError.ToString(), StringComparison.Ordinal);
        Assert.Equal(cluster.Engine["mine"], result.OnlyError.TargetObject);
        Assert.Equal(["after", "before"], Stored(cluster).Select(p => p.Key).Order(StringComparer.Ordinal));

        cluster.Emulator.ClearRequests();
        foreach (string command in (string[])["Set", "New"])
        {
            result = cluster.Run($"{command}-SfBlobMetadata $mine bad ({value})");
            Assert.StartsWith("MetadataValueRefused,", result.OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(cluster.Emulator.Requests, r => r.Method != "GET");
    }

    [Theory]
    [InlineData("[Threading.Thread]::CurrentThread", "cannot be written as JSON")]
    [InlineData("$(@{ 1 = 'a' } + @{ '1' = 'b' })", "twice")]
    [InlineData("$(foreach ($i in 1..100) { $deep = ,$deep }; ,$deep)", "levels deep")]
    [InlineData("$($ring = @{}; $ring.me = $ring; $ring)", "levels deep")]
    public async Task A_value_that_cannot_be_JSON_is_an_error_for_that_key_only(string value, string reason)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.AddBlob("mine", 1000);
        EngineResult result = cluster.Run($"$value = {value}; Set-SfBlobMetadata $mine -Metadata ([ordered]@{{ bad = $value; good = 1 }})");
        Assert.Equal("MetadataValueRefused" + Command, result.OnlyError.FullyQualifiedErrorId);
        Assert.Contains(reason, result.OnlyError.ToString(), StringComparison.Ordinal);
        Assert.Equal(["good"], Stored(cluster).Select(p => p.Key));
    }

    [Theory]
    [InlineData(58)]
    [InlineData(59)]
    [InlineData(60)]
    [InlineData(61)]
    [InlineData(62)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    public async Task An_accepted_nested_value_can_be_read_back_with_its_blob(int levels)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.AddBlob("mine", 1000);
        EngineResult result = cluster.Run($"$deep = 'x'; foreach ($i in 1..{levels}) {{ $deep = @{{ a = $deep }} }}; Set-SfBlobMetadata $mine deep $deep");
        Assert.All(result.Errors, e => Assert.Equal("MetadataValueRefused" + Command, e.FullyQualifiedErrorId));
        Assert.Equal(levels > 60, result.Errors.Count > 0);
        Assert.Single(cluster.Run("Get-SfBlob $mine").Good.Output);
        Assert.Equal(levels > 60 ? 0 : 1, cluster.Run("Get-SfBlobMetadata $mine").Good.Output.Count);
    }

    [Fact]
    public async Task A_big_integer_returned_by_a_job_is_still_a_number()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.AddBlob("mine", 1000);
        _ = cluster.Run("""
            Set-SfBlobMetadata $mine -Metadata @{ big = [bigint]::Pow(10, 30); list = @([bigint]::Pow(10, 30), 'x') }
            $back = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize((Get-SfBlobMetadata $mine), 5))
            Remove-SfBlobMetadata $mine * -Force
            $back | Set-SfBlobMetadata
            """).Good;
        Assert.Equal("1" + new string('0', 30), Stored(cluster)["big"]!.ToJsonString());
        Assert.Equal($"[1{new string('0', 30)},\"x\"]", Stored(cluster)["list"]!.ToJsonString());
    }

    private static JsonObject Stored(Cluster cluster) => cluster.Emulator.State.Blob((Guid)cluster.Engine["mine"]!)!.Metadata;
}
