using System.Text;
using System.Text.Json;
using ShakenFist.Blobs.Model;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class ArtifactReaderTests
{
    private const string Uuid = "422af428-3f80-4675-b6d0-c12514e0a80c";

    /// <summary>All artifacts in the recorded responses of a real server.</summary>
    public static TheoryData<string> RecordedArtifacts => [.. Recorded("18-artifacts", "21-labels", "20-instances").Where(json => json.Contains("\"artifact_type\"", StringComparison.Ordinal) && json.Contains("\"blobs\"", StringComparison.Ordinal))];

    public static TheoryData<string> RecordedInstances => [.. Recorded("20-instances").Where(json => json.Contains("\"disk_spec\"", StringComparison.Ordinal))];

    /// <summary>Names as the server creates them in source URLs, and what else publishers store there.</summary>
    public static TheoryData<string?, string?> Names => new()
    {
        { "sf://upload/ops/img1", "img1" },
        { "sf://upload/ops/a/b", "a/b" },
        { "sf://upload/ops/with space", "with space" },
        { "sf://label/ops/prod", "prod" },
        { "sf://instance/1a000006-0000-4000-8000-000000000006/nvram", "1a000006-0000-4000-8000-000000000006/nvram" },
        { "https://example.com/x/debian-12.qcow2", "debian-12.qcow2" },
        { "https://example.com/x/debian-12.qcow2?token=a/b#c/d", "debian-12.qcow2" },
        { "https://example.com/x/", "x" },
        { "https://example.com", "example.com" },
        { "debian:12", "debian:12" },
        { "sf://upload/ops/", "ops" },
        { "sf://upload/ops", "ops" },
        { "sf://instance/", "instance" },
        { "///", "///" },
        { "", null },
        { null, null },
    };

    private static IEnumerable<string> Recorded(params string[] groups) => groups
        .SelectMany(group => JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Recorded", group + ".json"))).RootElement.GetProperty("exchanges").EnumerateArray().ToArray())
        .Where(exchange => exchange.TryGetProperty("response", out JsonElement response) && response.GetProperty("status").GetInt32() == 200)
        .Select(exchange => JsonDocument.Parse(exchange.GetProperty("response").GetProperty("body").GetString()!).RootElement)
        .SelectMany(body => body.ValueKind == JsonValueKind.Array ? [.. body.EnumerateArray()] : new[] { body })
        .Where(record => record.ValueKind == JsonValueKind.Object)
        .Select(record => record.GetRawText())
        .Distinct();

    private static SfArtifact Read(string json) => ArtifactReader.Read(Encoding.UTF8.GetBytes(json));

    private static SfArtifact With(string members) => Read($$"""{"uuid": "{{Uuid}}", {{members}}}""");

    [Theory]
    [MemberData(nameof(RecordedArtifacts))]
    public void Every_recorded_artifact_is_read_to_the_last_member(string json)
    {
        JsonElement record = JsonDocument.Parse(json).RootElement;
        SfArtifact artifact = Read(json);
        Assert.Equal(record.GetProperty("uuid").GetGuid(), artifact.Uuid);
        Assert.Equal(record.GetProperty("state").GetString(), artifact.State);
        Assert.Equal(record.GetProperty("artifact_type").GetString(), artifact.Type);
        Assert.Equal(record.GetProperty("source_url").GetString(), artifact.SourceUrl);
        Assert.Equal(record.GetProperty("namespace").GetString(), artifact.Namespace);
        Assert.Equal(record.GetProperty("shared").GetBoolean(), artifact.Shared);
        Assert.Equal(record.TryGetProperty("blob_uuid", out JsonElement blob) ? blob.GetGuid() : null, artifact.BlobUuid);
        Assert.Equal(record.GetProperty("blobs").EnumerateObject().Select(v => v.Name), artifact.Versions.Select(v => v.ToString()));
        Assert.All(artifact.Versions, version => Assert.Empty(version.AdditionalProperties));
        Assert.NotEmpty(artifact.Name!);
        Assert.Empty(artifact.AdditionalProperties);
    }

    [Theory]
    [MemberData(nameof(RecordedInstances))]
    public void Every_recorded_instance_is_read_with_its_disks(string json)
    {
        JsonElement record = JsonDocument.Parse(json).RootElement;
        SfInstance instance = InstanceReader.Read(Encoding.UTF8.GetBytes(json));
        Assert.Equal(record.GetProperty("uuid").GetGuid(), instance.Uuid);
        Assert.Equal(record.GetProperty("name").GetString(), instance.Name);
        Assert.Equal(record.GetProperty("node").GetString(), instance.Node);
        Assert.Equal(record.GetProperty("disks").EnumerateArray().Select(d => d.GetProperty("device").GetString()), instance.Disks.Select(d => d.Device));
        Assert.All(instance.Disks, disk => Assert.Empty(disk.AdditionalProperties));
        Assert.Equal(record.GetProperty("memory").GetInt64(), instance.AdditionalProperties["memory"]);
    }

    [Fact]
    public void The_recordings_contain_artifacts_and_instances()
    {
        Assert.True(RecordedArtifacts.Count > 50);
        Assert.True(RecordedInstances.Count >= 10);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_name_is_the_end_of_the_source_URL(string? url, string? name) => Assert.Equal(name, ArtifactName.Of(url));

    [Fact]
    public void Versions_are_sorted_by_number()
    {
        SfArtifact artifact = With("\"blobs\": {\"10\": {\"uuid\": \"UUID\", \"size\": 1}, \"9\": {\"uuid\": \"UUID\", \"size\": \"2\"}}".Replace("UUID", Uuid, StringComparison.Ordinal));
        Assert.Equal([9, 10], artifact.Versions.Select(v => v.Index));
        Assert.Equal(2, artifact.Versions[0].Size);
    }

    [Theory]
    [InlineData("""{"x": {"uuid": "422af428-3f80-4675-b6d0-c12514e0a80c"}}""")]
    [InlineData("""{"1": {"uuid": "nonsense"}}""")]
    [InlineData("""{"1": null}""")]
    [InlineData("[]")]
    public void Versions_of_another_form_are_kept_unread(string blobs)
    {
        SfArtifact artifact = With($"\"blobs\": {blobs}");
        Assert.Empty(artifact.Versions);
        Assert.Contains("blobs", artifact.AdditionalProperties.Keys);
    }

    [Fact]
    public void Control_characters_are_removed_from_names_and_kept_apart()
    {
        SfArtifact artifact = With("""
            "source_url": "sf://upload/ops/a\u001b[2Jb", "namespace": "o\u0007ps"
            """);
        Assert.DoesNotContain('\u001b', artifact.Name!);
        Assert.DoesNotContain('\u0007', artifact.Namespace!);
        Assert.Equal("sf://upload/ops/a\u001b[2Jb", artifact.AdditionalProperties["source_url"]);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"uuid": "nonsense"}""")]
    public void A_record_without_a_UUID_is_not_valid(string json)
    {
        Assert.Throws<JsonException>(() => Read(json));
        Assert.Throws<JsonException>(() => InstanceReader.Read(Encoding.UTF8.GetBytes(json)));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("9999999999999")]
    [InlineData("\"much\"")]
    public void A_disk_size_that_is_not_valid_is_kept_unread(string size)
    {
        SfInstance instance = InstanceReader.Read(Encoding.UTF8.GetBytes($$"""{"uuid": "{{Uuid}}", "disks": [{"device": "vda", "size": {{size}}}]}"""));
        Assert.Null(instance.Disks[0].Size);
        Assert.Contains("size", instance.Disks[0].AdditionalProperties.Keys);
    }
}
