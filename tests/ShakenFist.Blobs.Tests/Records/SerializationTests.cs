using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Records;

/// <summary>Tests the serialization of records by jobs, remote sessions, and Export-Clixml.</summary>
public sealed class SerializationTests
{
    private const string RoundTrip = "[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($o, 4))";

    [Fact]
    public async Task A_blob_keeps_its_values()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        PSObject before = cluster.Run("$o = Get-SfBlob $qcow2; $o").Only;
        PSObject after = cluster.Run($"$back = {RoundTrip}; $back").Only;
        Assert.Equal("Deserialized.ShakenFist.Blobs.SfBlob", after.TypeNames[0]);
        foreach (string name in before.Properties.Where(p => p.Value is Guid or long or string or double or bool or DateTime).Select(p => p.Name))
        {
            Assert.Equal(before.Get<object>(name), after.Get<object>(name));
        }

        Assert.Equal(DateTimeKind.Local, after.Get<DateTime>("Modified").Kind);
        Assert.Equal("debian-13", cluster.Run("$back.Metadata.name").Only.ToString());
        Assert.Equal("golden", cluster.Run("$back.Metadata['tags'][1]").Only.ToString());
        Assert.Equal(cluster.Emulator.State.Blob(DemoCluster.BaseImage)!.Sha512, cluster.Run("$back.Checksums['sha512']").Only.ToString());
        Assert.Equal(2, cluster.Run("$back.Locations.Count").Only.BaseObject);
    }

    [Fact]
    public async Task A_transfer_keeps_its_values_and_its_path_still_binds()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        PSObject before = cluster.Run("$o = Save-SfBlobData $raw $dir -PassThru; $o").Only;
        PSObject after = cluster.Run(RoundTrip).Only;
        foreach (string name in (string[])["BlobUuid", "Path", "Size", "BytesReceived", "RequestCount", "ResumeCount", "Hash", "Duration", "BytesPerSecond"])
        {
            Assert.Equal(before.Get<object>(name), after.Get<object>(name));
        }

        Assert.Equal("Saved", after.Text("Status"));
        Assert.Equal(before.Text("Algorithm"), after.Text("Algorithm"));
        Assert.Equal("Verified", after.Text("Verification"));
        Assert.True(File.Exists(after.Get<string>("Path")));
    }

    [Theory]
    [InlineData("$o.Modified -lt (Get-Date)")]
    [InlineData("$o.Modified -gt (Get-Date).AddMinutes(-20)")]
    [InlineData("(Get-Date) -gt $o.Modified")]
    [InlineData("$future.Modified -gt (Get-Date)")]
    [InlineData("(Get-Date).AddMinutes(20) -gt $future.Modified")]
    [InlineData("$o.Modified -eq [datetime]::new($o.Modified.Ticks, 'Local')")]
    [InlineData("$o.Modified -lt $future.Modified")]
    public async Task Times_can_be_compared_with_the_current_time_before_and_after_serialization(string comparison)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.AddBlob("later", 1000, b => b.Modified = (DateTime.UtcNow.AddMinutes(10) - DateTime.UnixEpoch).TotalSeconds);
        cluster.AddBlob("earlier", 1000, b => b.Modified = (DateTime.UtcNow.AddMinutes(-10) - DateTime.UnixEpoch).TotalSeconds);
        EngineResult result = cluster.Run(
            "$o = Get-SfBlob $earlier; $future = Get-SfBlob $later\n" + comparison
            + $"\n$o = {RoundTrip}; $later = $o; $o = $future; $future = {RoundTrip}; $o = $later\n" + comparison).Good;
        Assert.Equal([true, true], result.Output.Select(o => (bool)o.BaseObject));
    }

    [Fact]
    public void Every_public_record_can_be_created_by_a_user()
    {
        using Engine engine = new();
        Guid uuid = Guid.NewGuid();
        engine["uuid"] = uuid;
        Assert.Equal(1L, engine.Run("([ShakenFist.Blobs.SfBlob]@{ Uuid = $uuid; Size = 1 }).Size").Only.BaseObject);
        Assert.Equal(uuid, engine.Run("([ShakenFist.Blobs.SfBlob]@{ Uuid = \"$uuid\"; State = 'created'; Modified = [datetime]::UtcNow; Metadata = [Collections.Generic.Dictionary[string,object]]::new() }).Uuid").Only.BaseObject);
        Assert.Equal("x", engine.Run("([ShakenFist.Blobs.SfBlobSaveResult]@{ BlobUuid = $uuid; Path = 'x'; Status = 'Unchanged'; Duration = '0:0:1' }).Path").Only.ToString());
        Assert.Equal("disk", engine.Run("([ShakenFist.Blobs.SfBlobReference]@{ Relationship = 'disk' }).Relationship").Only.ToString());
        Assert.Equal("True", engine.Run("([ShakenFist.Blobs.SfBlobSaveOptions]@{ Force = $true; Verification = 'Required' }).Force").Only.ToString());
        Type[] records = [.. ModuleUnderTest.ClientAssembly.GetExportedTypes().Where(t => t.GetMethod("<Clone>$") is not null && t.GetConstructor([]) is not null)];
        Assert.Contains(records, t => t.Name == "SfBlob");
        foreach (Type record in records)
        {
            Assert.Equal(record.FullName, engine.Run($"[{record.FullName}]@{{}}").Only.BaseObject.GetType().FullName);
        }
    }

    [Theory]
    [InlineData("([ShakenFist.Blobs.SfBlob]@{ Metadata = @{ name = 'disk' } }).Metadata['name']", "disk")]
    [InlineData("([ShakenFist.Blobs.SfBlob]@{ Metadata = [ordered]@{ name = 'disk'; tags = 1, 2 } }).Metadata['tags'].Count", "2")]
    [InlineData("([ShakenFist.Blobs.SfBlob]@{ Checksums = @{ SHA512 = 'ab' } }).Checksums['sha512']", "ab")]
    [InlineData("([ShakenFist.Blobs.SfBlob]@{ Transcodes = @{ zlib = \"$uuid\" } }).Transcodes['zlib'] -eq $uuid", "True")]
    [InlineData("([ShakenFist.Blobs.SfBlob]@{ Transcodes = @{ zlib = 'nonsense' } })", null)]
    [InlineData("([ShakenFist.Blobs.SfBlob]@{ ReferencesTo = @{ disk = [ShakenFist.Blobs.SfBlobReference]@{ SourceUuid = 'x' } } }).ReferencesTo['disk'][0].SourceUuid", "x")]
    [InlineData("([ShakenFist.Blobs.SfBlob]@{ ReferencesTo = @{ disk = 1, 2 } })", null)]
    [InlineData("([ShakenFist.Blobs.SfBlob]@{ Locations = 'sf-1', 'sf-2'; Instances = \"$uuid\" }).Locations.Count", "2")]
    [InlineData("([ShakenFist.Blobs.SfBlobSaveResult]@{ FailedRequestIds = 'a' }).FailedRequestIds[0]", "a")]
    public void A_record_created_by_a_user_accepts_hashtables_and_lists_or_reports_invalid_values(string script, string? value)
    {
        using Engine engine = new();
        engine["uuid"] = Guid.NewGuid();
        EngineResult result = engine.Run(script);
        if (value is null)
        {
            Assert.Equal("ObjectCreationError", result.OnlyError.FullyQualifiedErrorId);
        }
        else
        {
            Assert.Equal(value, result.Only.ToString());
        }
    }

    [Theory]
    [InlineData("[Management.Automation.PSSerializer]::Serialize($session, 6)")]
    [InlineData("$session | Out-Default")]
    [InlineData("$session.ToString()")]
    [InlineData("\"$($session.PSObject.Properties | ForEach-Object { \"$($_.Name)=$($_.Value)\" })\"")]
    public async Task A_session_shows_and_serializes_no_secret(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        cluster.Emulator.State.AddNamespace("canary", "canary-KEY-0123456789");
        cluster.Engine["admin"] = Cluster.Credential("canary", "canary-KEY-0123456789");
        EngineResult result = cluster.Run("$session = Connect-ShakenFist $url $admin\n" + script).Good;
        Assert.Contains("canary", result.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-KEY", result.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", result.Everything, StringComparison.Ordinal);
    }
}
