using System.Text;
using System.Text.Json;
using ShakenFist.Blobs.Model;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class BlobReaderTests
{
    private const string Uuid = "5f000001-0000-4000-8000-000000000001";

    /// <summary>All blob records in the recorded responses of a real server.</summary>
    public static TheoryData<string> Recorded
    {
        get
        {
            string path = Path.Combine(AppContext.BaseDirectory, "Recorded", "05-blob-get.json");
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
            return [.. document.RootElement.GetProperty("exchanges").EnumerateArray()
                .Select(exchange => exchange.GetProperty("response"))
                .Where(response => response.GetProperty("status").GetInt32() == 200 && response.TryGetProperty("body", out JsonElement body) && body.ToString().StartsWith('{'))
                .Select(response => response.GetProperty("body").GetString()!)
                .Distinct()];
        }
    }

    private static SfBlob Read(string json) => BlobReader.Read(Encoding.UTF8.GetBytes(json));

    private static SfBlob With(string members) => Read($$"""{"uuid": "{{Uuid}}", {{members}}}""");

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Every_recorded_record_is_read_to_the_last_member(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement record = document.RootElement;
        SfBlob blob = Read(json);
        Assert.Equal(record.GetProperty("uuid").GetGuid(), blob.Uuid);
        Assert.Equal(record.GetProperty("state").GetString(), blob.State);
        Assert.Equal(record.GetProperty("size").GetInt64(), blob.Size);
        Assert.Equal(record.GetProperty("sha512").GetString(), blob.Sha512);
        Assert.Equal(blob.Sha512 is null, blob.Checksums.Count == 0);
        Assert.Equal(record.GetProperty("reference_count").GetInt64(), blob.ReferenceCount);
        Assert.Equal(record.GetProperty("locations").GetArrayLength(), blob.Locations!.Length);
        Assert.Equal(record.GetProperty("instances").GetArrayLength(), blob.Instances!.Length);
        Assert.Equal(record.GetProperty("last_used").ValueKind == JsonValueKind.Null, blob.LastUsed is null);
        Assert.Equal(record.TryGetProperty("virtual size", out _), blob.VirtualSize is not null);
        Assert.Null(blob.ReferencesTo);
        Assert.Empty(blob.AdditionalProperties);
    }

    [Fact]
    public void A_qcow2_image_has_the_properties_that_qemu_img_reports()
    {
        SfBlob blob = Read((string)Recorded.Select(row => row.Data).Single(json => json.Contains("backing file", StringComparison.Ordinal)));
        Assert.Equal("qcow2", blob.FileFormat);
        Assert.Equal("application/x-qemu-disk", blob.MimeType);
        Assert.Equal(2097152, blob.ClusterSize);
        Assert.Equal(1.1, blob.Compat);
        Assert.Equal("zlib", blob.CompressionType);
        Assert.False(blob.ExtendedL2);
        Assert.StartsWith("base.qcow2", blob.BackingFile, StringComparison.Ordinal);
        Assert.Equal("qcow2", blob.BackingFileFormat);
        Assert.Equal(3145728, blob.VirtualSize);
        Assert.Equal("6 MiB", blob.DiskSize);
        Assert.Equal(Guid.Parse("5f000014-0000-4000-8000-000000000014"), blob.DependsOn);
        Assert.Equal(new DateTime(2026, 11, 22, 18, 56, 24, DateTimeKind.Utc), blob.Modified!.Value.ToUniversalTime(), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Metadata_keeps_every_kind_of_value()
    {
        SfBlob blob = With("""  "metadata": {"colour": "blue", "count": 42, "big": 123456789012345678901234567890, "owner": {"tags": ["a"]}, "x": NaN, "\ud800": null}""");
        Assert.Equal(6, blob.Metadata.Count);
        Assert.Equal(42L, blob.Metadata["count"]);
        Assert.Equal(double.NaN, blob.Metadata["x"]);
        Assert.Null(blob.Metadata["\ud800"]);
        Assert.Equal(["a"], Assert.IsType<List<object?>>(Assert.IsType<Dictionary<string, object?>>(blob.Metadata["owner"])["tags"]));
    }

    [Fact]
    public void Numbers_can_be_text_and_sizes_can_be_floats()
    {
        SfBlob blob = With("""  "size": "4096", "virtual size": 512.0, "disk size": 4096.5, "modified": "1795373770", "compat": "1.1", "extended l2": true, "version": 6.0""");
        Assert.Equal(4096, blob.Size);
        Assert.Equal(512, blob.VirtualSize);
        Assert.Equal("4096.5", blob.DiskSize);
        Assert.Equal(1795373770, new DateTimeOffset(blob.Modified!.Value).ToUnixTimeSeconds());
        Assert.Equal(1.1, blob.Compat);
        Assert.True(blob.ExtendedL2);
        Assert.Equal(6, blob.RecordVersion);
        Assert.Empty(blob.AdditionalProperties);
    }

    [Fact]
    public void A_field_of_another_type_is_null_and_kept_in_the_additional_properties()
    {
        SfBlob blob = With("""  "state": ["x"], "size": NaN, "modified": Infinity, "locations": "sf-1", "instances": [7], "transcodes": {"a": "b"}, "metadata": [], "checksums": 5, "references_to": [], "depends_on": "none", "size of a moon": 1""");
        Assert.Null(blob.State);
        Assert.Null(blob.Size);
        Assert.Null(blob.Modified);
        Assert.Null(blob.Locations);
        Assert.Null(blob.Instances);
        Assert.Empty(blob.Transcodes);
        Assert.Empty(blob.Metadata);
        Assert.Empty(blob.Checksums);
        Assert.Null(blob.ReferencesTo);
        Assert.Null(blob.DependsOn);
        Assert.Equal(
            ["checksums", "depends_on", "instances", "locations", "metadata", "modified", "references_to", "size", "size of a moon", "state", "transcodes"],
            blob.AdditionalProperties.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(double.NaN, blob.AdditionalProperties["size"]);
    }

    [Fact]
    public void Null_members_are_not_kept()
    {
        SfBlob blob = With("""  "state": null, "size": null, "transcodes": null, "metadata": null, "checksums": null, "references_to": null, "instances": null""");
        Assert.Null(blob.State);
        Assert.Empty(blob.Metadata);
        Assert.Empty(blob.AdditionalProperties);
    }

    [Fact]
    public void Checksums_of_both_fields_are_merged()
    {
        SfBlob blob = With("""  "sha512": "AB", "checksums": {"sha1": "12", "sha256": null, "xxh128": "ff"}""");
        Assert.Equal("AB", blob.Checksums["SHA512"]);
        Assert.Equal("12", blob.Checksums["sha1"]);
        Assert.Equal("ff", blob.Checksums["xxh128"]);
        Assert.False(blob.Checksums.ContainsKey("sha256"));
        Assert.Equal("CD", With("""  "sha512": "AB", "checksums": {"sha512": "CD"}""").Checksums["sha512"]);
    }

    [Fact]
    public void A_checksum_that_is_not_text_or_is_repeated_is_kept_separately()
    {
        SfBlob blob = With("""  "sha512": "AB", "checksums": {"sha1": "12", "SHA1": "13", "sha256": 7, "xxh128": "ff"}""");
        Assert.Equal(["sha1", "sha512", "xxh128"], blob.Checksums.Keys.Order(StringComparer.Ordinal));
        Dictionary<string, object?> others = Assert.IsType<Dictionary<string, object?>>(blob.AdditionalProperties["checksums"]);
        Assert.Equal(["SHA1", "sha256"], others.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("12", blob.Checksums["SHA1"]);
    }

    [Fact]
    public void References_are_read_with_all_their_columns()
    {
        SfBlob blob = With("""
            "references_to": {"disk": [{"source_object_type": "instance", "source_uuid": "0a56ef2c", "relationship": "disk", "relationship_value": "0",
            "target_object_type": "blob", "target_uuid": "578da8b6", "created": 1683995934.357137, "last_active": "yesterday", "weight": 3}], "new": []}, "references_from": {}
            """);
        SfBlobReference row = Assert.Single(blob.ReferencesTo!["disk"]);
        Assert.Equal(("instance", "0a56ef2c", "disk", "0", "blob", "578da8b6"),
            (row.SourceObjectType, row.SourceUuid, row.Relationship, row.RelationshipValue, row.TargetObjectType, row.TargetUuid));
        Assert.Equal(2023, row.Created!.Value.Year);
        Assert.Null(row.LastActive);
        Assert.Equal("yesterday", row.AdditionalProperties["last_active"]);
        Assert.Equal(3L, row.AdditionalProperties["weight"]);
        Assert.Empty(blob.ReferencesTo["new"]);
        Assert.Empty(blob.ReferencesFrom!);
    }

    [Theory]
    [InlineData("""{"disk": [1]}""")]
    [InlineData("""{"disk": [{}, null]}""")]
    [InlineData("""{"disk": {}}""")]
    public void References_of_another_form_are_kept_unchanged(string references)
    {
        SfBlob blob = With($"\"references_to\": {references}");
        Assert.Null(blob.ReferencesTo);
        Assert.True(blob.AdditionalProperties.ContainsKey("references_to"));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"uuid": null}""")]
    [InlineData("""{"uuid": "x"}""")]
    [InlineData("""{"uuid": 7}""")]
    public void A_record_without_a_UUID_is_rejected(string json) => Assert.ThrowsAny<JsonException>(() => Read(json));

    [Fact]
    public void A_blob_is_written_as_its_uuid() => Assert.Equal(Uuid, With(""" "size": 1""").ToString());
}
