using System.Text;
using ShakenFist.Blobs.Model;

namespace ShakenFist.Blobs.Client.Tests;

public sealed class BlobReferencesTests
{
    private static readonly Guid Uuid = Guid.Parse("5f000001-0000-4000-8000-000000000001");
    private static readonly Guid Other = Guid.Parse("5f000002-0000-4000-8000-000000000002");
    private static readonly Guid Third = Guid.Parse("5f000003-0000-4000-8000-000000000003");

    private static SfBlob Old => new()
    {
        Uuid = Uuid,
        DependsOn = Other,
        Transcodes = new() { ["zlib;qcow2;cluster_size"] = Third },
        Instances = [Other, Third, Other],
        Locations = ["sf-1", "sf-2"],
    };

    private static SfBlob Read(string members) => BlobReader.Read(Encoding.UTF8.GetBytes($$"""{"uuid": "{{Uuid}}", {{members}}}"""));

    private static (string?, string?, string?, string?)[] Rows(SfBlob blob, SfReferenceDirection direction) =>
        [.. BlobReferences.Of(blob, direction).Select(r => (r.Relationship, r.RelationshipValue, r.OtherType, r.OtherUuid))];

    [Fact]
    public void The_references_of_an_old_record_are_derived_and_marked()
    {
        SfBlobReference[] rows = [.. BlobReferences.Of(Old, SfReferenceDirection.Uses)];
        Assert.Equal([("depends_on", null, "blob", Other.ToString()), ("transcode", "zlib;qcow2;cluster_size", "blob", Third.ToString())], Rows(Old, SfReferenceDirection.Uses));
        Assert.All(rows, r => Assert.Equal((true, Uuid, SfReferenceDirection.Uses, "blob", Uuid.ToString()), (r.IsDerived, r.BlobUuid, r.Direction, r.SourceObjectType, r.SourceUuid)));
        Assert.All(rows, r => Assert.Equal((null, null), (r.Created, r.LastActive)));
    }

    [Fact]
    public void The_users_of_an_old_record_are_derived_and_each_instance_is_listed_once()
    {
        SfBlobReference[] rows = [.. BlobReferences.Of(Old, SfReferenceDirection.UsedBy)];
        Assert.Equal(
            [("disk", null, "instance", Other.ToString()), ("disk", null, "instance", Third.ToString()), ("blob_location", null, "node", "sf-1"), ("blob_location", null, "node", "sf-2")],
            Rows(Old, SfReferenceDirection.UsedBy));
        Assert.All(rows, r => Assert.Equal((true, SfReferenceDirection.UsedBy, "blob", Uuid.ToString()), (r.IsDerived, r.Direction, r.TargetObjectType, r.TargetUuid)));
    }

    [Fact]
    public void Only_the_requested_directions_are_returned()
    {
        Assert.Equal(6, Rows(Old, SfReferenceDirection.Both).Length);
        Assert.Empty(Rows(Old, SfReferenceDirection.None));
        Assert.Empty(Rows(new SfBlob { Uuid = Uuid }, SfReferenceDirection.Both));
    }

    [Fact]
    public void References_from_the_server_are_not_mixed_with_derived_ones()
    {
        SfBlob blob = Read($$$"""
            "depends_on": "{{{Other}}}", "instances": ["{{{Other}}}"], "references_from": {}, "references_to": {"disk": [{"source_object_type": "instance", "source_uuid": "{{{Third}}}",
            "relationship": "disk", "relationship_value": "0", "target_object_type": "blob", "target_uuid": "{{{Uuid}}}", "created": 1795373770.25, "last_active": 1795373790.5}], "new": []}
            """);
        SfBlobReference row = Assert.Single(BlobReferences.Of(blob, SfReferenceDirection.UsedBy));
        Assert.Equal((false, SfReferenceDirection.UsedBy, "instance", Third.ToString(), "0"), (row.IsDerived, row.Direction, row.OtherType, row.OtherUuid, row.RelationshipValue));
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(1795373770.25).ToLocalTime(), row.Created);
        Assert.Equal(DateTimeKind.Local, row.LastActive!.Value.Kind);
    }

    [Fact]
    public void The_dependency_is_reported_if_the_server_sends_no_references()
    {
        SfBlob blob = Read($$""" "depends_on": "{{Other}}", "references_from": {}, "references_to": {} """);
        SfBlobReference row = Assert.Single(BlobReferences.Of(blob, SfReferenceDirection.Both));
        Assert.Equal((true, SfReferenceDirection.Uses, "depends_on", Other.ToString()), (row.IsDerived, row.Direction, row.Relationship, row.OtherUuid));
    }

    [Fact]
    public void If_the_references_have_another_form_derived_ones_are_returned()
    {
        SfBlob blob = Read($$"""  "depends_on": "{{Other}}", "references_from": [1] """);
        Assert.Equal([("depends_on", null, "blob", Other.ToString())], Rows(blob, SfReferenceDirection.Uses));
        Assert.True(blob.AdditionalProperties.ContainsKey("references_from"));
    }

    [Fact]
    public void Text_that_could_control_a_terminal_is_cleaned_and_the_original_is_kept()
    {
        const string Hostile = "created\u001b[2J\u202e\ud800\u0007";
        const string Escaped = "created\\u001b[2J\\u202e\\ud800\\u0007";
        const string Clean = "created\ufffd[2J\ufffd\ufffd\ufffd";
        string[] names = ["state", "file format", "mime-type", "disk size", "sha512", "compression type", "backing file", "backing file format"];
        SfBlob blob = Read(string.Join(',', names.Select(name => $"\"{name}\": \"{Escaped}\"")));
        Assert.All(
            [blob.State, blob.FileFormat, blob.MimeType, blob.DiskSize, blob.Sha512, blob.CompressionType, blob.BackingFile, blob.BackingFileFormat],
            word => Assert.Equal(Clean, word));
        Assert.Equal(names.Order(), blob.AdditionalProperties.Keys.Order());
        Assert.All(blob.AdditionalProperties.Values, raw => Assert.Equal(Hostile, raw));
    }

    [Fact]
    public void Text_of_a_reference_is_cleaned_and_plain_text_is_not_changed()
    {
        SfBlob blob = Read("""  "state": "créé ✓ 😀", "references_to": {"disk": [{"source_uuid": "\u001b]0;x\u0007", "relationship": "disk", "relationship_value": "\u009b31m"}]} """);
        SfBlobReference row = Assert.Single(blob.ReferencesTo!["disk"]);
        Assert.Equal(("\ufffd]0;x\ufffd", "disk", "\ufffd31m"), (row.SourceUuid, row.Relationship, row.RelationshipValue));
        Assert.Equal("\u001b]0;x\u0007", row.AdditionalProperties["source_uuid"]);
        Assert.Equal(2, row.AdditionalProperties.Count);
        Assert.Equal("créé ✓ 😀", blob.State);
        Assert.Empty(blob.AdditionalProperties);
    }
}
