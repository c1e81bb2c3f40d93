using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Json;
using ShakenFist.Blobs.Model;

namespace ShakenFist.Blobs.Client.Tests.Properties;

public sealed class JsonProperties
{
    private static readonly string[] Fields =
    [
        "state", "size", "file format", "mime-type", "virtual size", "disk size", "modified", "fetched_at", "last_used", "checksums", "sha512", "depends_on",
        "transcodes", "locations", "instances", "reference_count", "references_to", "references_from", "metadata", "version", "cluster_size", "compat",
        "compression type", "extended l2", "backing file", "backing file format", "unknown", "",
    ];

    private static Gen<string> Literal => Gen.OneOf(
        Gen.Elements("null", "true", "false", "NaN", "Infinity", "-Infinity", "0", "-0.0", "1e999", "\"\"", "\"[,]\"", "\"\\\"\"", "\"\\\\\"", "\"false\"", "\"12\"", "\"\\ud800\""),
        ArbMap.Default.GeneratorFor<long>().Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ArbMap.Default.GeneratorFor<NonNull<string>>().Select(s => JsonSerializer.Serialize(s.Get)));

    private static Gen<string> Value(int depth) => depth == 0
        ? Literal
        : Gen.OneOf(
            Literal,
            Value(depth - 1).ListOf().Select(items => $"[{string.Join(" ,", items)}]"),
            Value(depth - 1).ListOf().Select(items => $"{{{string.Join(", ", items.Select((v, i) => $"\"{i}]}},\": {v}"))}}}"));

    private static Gen<int[]> Pieces => Gen.Choose(1, 40).NonEmptyListOf().Select(pieces => pieces.ToArray());

    [Cases(200)]
    public Property A_list_split_anywhere_has_the_same_elements() =>
        Prop.ForAll(Value(2).ListOf().ToArbitrary(), Pieces.ToArbitrary(), (elements, pieces) =>
        {
            byte[] text = Encoding.UTF8.GetBytes($" [ {string.Join(",\n", elements)}]");
            List<string> found = JsonArraySplitterTests.SplitAsync(text, pieces).GetAwaiter().GetResult();
            return found.SequenceEqual(elements) && ((List<object?>)JsonTree.Parse(text)!).Count == elements.Count;
        });

    [Cases(60)]
    public Property A_list_split_at_every_place_has_the_same_elements_at_each() =>
        Prop.ForAll(Value(2).ListOf().ToArbitrary(), elements =>
        {
            byte[] text = Encoding.UTF8.GetBytes($"[{string.Join(", ", elements)}] ");
            return Enumerable.Range(1, Math.Min(text.Length, 400)).All(at => JsonArraySplitterTests.SplitAsync(text, at, text.Length).GetAwaiter().GetResult().SequenceEqual(elements));
        });

    [Cases(200)]
    public Property Any_nesting_is_parsed_and_the_result_is_not_deeper_than_the_limit() =>
        Prop.ForAll(Gen.Choose(1, 200).ToArbitrary(), Gen.Elements(Fields).ToArbitrary(), Gen.Elements(true, false).ToArbitrary(), (depth, field, array) =>
        {
            string deep = array ? new string('[', depth) + new string(']', depth) : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
            byte[] blob = Encoding.UTF8.GetBytes($$"""{"uuid": "5f000001-0000-4000-8000-000000000001", "{{field}}": {{deep}}}""");
            Assert.Equal("5f000001-0000-4000-8000-000000000001", BlobReader.Read(blob).ToString());
            return Depth(JsonTree.Parse(blob)) == Math.Min(depth + 1, JsonTree.MaxDepth);
        });

    private static int Depth(object? value) => value switch
    {
        Dictionary<string, object?> members => 1 + members.Values.Max(Depth),
        List<object?> items => 1 + items.Select(Depth).DefaultIfEmpty().Max(),
        _ => 0,
    };

    [Cases(200)]
    public Property A_truncated_list_is_never_accepted_as_complete() =>
        Prop.ForAll(Value(1).NonEmptyListOf().ToArbitrary(), Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), (elements, at) =>
        {
            byte[] text = Encoding.UTF8.GetBytes($"[{string.Join(",", elements)}]");
            return Record.Exception(() => JsonArraySplitterTests.SplitAsync(text[..(at % text.Length)]).GetAwaiter().GetResult()) is JsonException;
        });

    [Cases(300)]
    public Property A_blob_of_any_types_loses_no_member() =>
        Prop.ForAll(Gen.Elements(Fields).Zip(Value(2)).ListOf().ToArbitrary(), members =>
        {
            Dictionary<string, string> last = members.GroupBy(m => m.Item1).ToDictionary(g => g.Key, g => g.Last().Item2);
            string json = $$"""{"uuid": "5f000001-0000-4000-8000-000000000001"{{string.Concat(members.Select(m => $", \"{m.Item1}\": {m.Item2}"))}}}""";
            SfBlob blob = BlobReader.Read(Encoding.UTF8.GetBytes(json));
            return last.Where(m => m.Value != "null").All(m => IsKept(blob, m.Key, m.Value));
        });

    /// <summary>The field is parsed as its type, or kept under its name with its value.</summary>
    private static bool IsKept(SfBlob blob, string field, string value)
    {
        if (field == "checksums" && JsonTree.Parse(Encoding.UTF8.GetBytes(value)) is Dictionary<string, object?> checksums)
        {
            Dictionary<string, object?>? others = blob.AdditionalProperties.GetValueOrDefault(field) as Dictionary<string, object?>;
            return checksums.Where(c => c.Value is not null).All(c => others?.ContainsKey(c.Key) == true ? Same(others[c.Key], c.Value) : Same(blob.Checksums.GetValueOrDefault(c.Key), c.Value));
        }

        if (blob.AdditionalProperties.TryGetValue(field, out object? kept))
        {
            return Same(kept, JsonTree.Parse(Encoding.UTF8.GetBytes(value)));
        }

        object? read = field switch
        {
            "state" => blob.State,
            "size" => blob.Size,
            "file format" => blob.FileFormat,
            "mime-type" => blob.MimeType,
            "virtual size" => blob.VirtualSize,
            "disk size" => blob.DiskSize,
            "modified" => blob.Modified,
            "fetched_at" => blob.FetchedAt,
            "last_used" => blob.LastUsed,
            "sha512" => blob.Sha512,
            "depends_on" => blob.DependsOn,
            "transcodes" => blob.Transcodes,
            "locations" => blob.Locations,
            "instances" => blob.Instances,
            "reference_count" => blob.ReferenceCount,
            "references_to" => blob.ReferencesTo,
            "references_from" => blob.ReferencesFrom,
            "metadata" => blob.Metadata.Count == ((Dictionary<string, object?>)JsonTree.Parse(Encoding.UTF8.GetBytes(value))!).Count ? blob.Metadata : null,
            "version" => blob.RecordVersion,
            "cluster_size" => blob.ClusterSize,
            "compat" => blob.Compat,
            "compression type" => blob.CompressionType,
            "extended l2" => blob.ExtendedL2,
            "backing file" => blob.BackingFile,
            "backing file format" => blob.BackingFileFormat,
            _ => null,
        };
        return read is not null;
    }

    private static bool Same(object? one, object? other) => (one, other) switch
    {
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => Same(pair.First, pair.Second)),
        (Dictionary<string, object?> a, Dictionary<string, object?> b) => a.Count == b.Count && a.All(m => b.TryGetValue(m.Key, out object? v) && Same(m.Value, v)),
        _ => Equals(one, other),
    };

    [Cases(500)]
    public bool Any_bytes_are_JSON_or_a_parse_error(byte[] bytes) =>
        Record.Exception(() => JsonTree.Parse(bytes)) is null or JsonException;

    [Cases(300)]
    public Property Damaged_JSON_is_JSON_or_a_parse_error() =>
        Prop.ForAll(Value(3).ToArbitrary(), ArbMap.Default.ArbFor<byte>(), Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), (text, damage, at) =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            bytes[at % bytes.Length] = damage;
            return Record.Exception(() => JsonTree.Parse(bytes)) is null or JsonException;
        });

    [Cases(200)]
    public bool Text_that_the_framework_writes_is_parsed_to_the_same_value(NonNull<string> name, string? text, long number)
    {
        JsonObject written = new() { [name.Get] = text, [name.Get + "#"] = number };
        Dictionary<string, object?> read = (Dictionary<string, object?>)JsonTree.Parse(Encoding.UTF8.GetBytes(written.ToJsonString()))!;
        return (read[name.Get] as string) == (string?)written[name.Get] && Equals(read[name.Get + "#"], number);
    }
}
