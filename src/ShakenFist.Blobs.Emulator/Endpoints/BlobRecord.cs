using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Writes the record of a blob in the form of a server generation, with the fields that the caller may see.</summary>
internal ref struct BlobRecord
{
    private readonly EmulatedBlob _blob;
    private readonly HashSet<string>? _replaced;
    private PythonJsonWriter _json;

    private BlobRecord(PythonJsonWriter json, EmulatedBlob blob)
    {
        _json = json;
        _blob = blob;
        _replaced = blob.Extra.Count + blob.ExtraRaw.Count > 0 ? [] : null;
    }

    public static void Write(ref PythonJsonWriter json, EmulatedBlob blob, EmulatorOptions options, bool forAdmin, bool withInstances, int? index = null)
    {
        json.OpenObject();
        var record = new BlobRecord(json, blob);
        record.WriteFields(options, forAdmin, withInstances);
        if (index is { } number)
        {
            record.Number("index", number);
        }

        record.WriteExtras();
        json.CloseObject();
    }

    /// <summary>Returns the record without its instances.</summary>
    public static JsonObject ToJson(EmulatedBlob blob, EmulatorOptions options, bool forAdmin)
    {
        var body = new SegmentedContent();
        var json = new PythonJsonWriter(body);
        Write(ref json, blob, options, forAdmin, withInstances: false);
        byte[] bytes = new byte[body.Length];
        body.Read(0, bytes);
        return PythonJsonReader.TryRead(bytes, out JsonNode? node) ? node!.AsObject() : [];
    }

    /// <summary>Writes the checksums that a generation C server returns: those that have been computed.</summary>
    public static void WriteChecksums(ref PythonJsonWriter json, EmulatedBlob blob)
    {
        json.OpenObject();
        foreach ((string algorithm, string? sum) in Sums(blob))
        {
            if (sum is not null)
            {
                json.Name(algorithm);
                json.Value(sum);
            }
        }

        json.CloseObject();
    }

    public static (string Algorithm, string? Sum)[] Sums(EmulatedBlob blob) =>
        [("sha1", blob.Sha1), ("sha256", blob.Sha256), ("sha512", blob.Sha512), ("xxh128", blob.Xxh128)];

    private void WriteFields(EmulatorOptions options, bool forAdmin, bool withInstances)
    {
        bool isC = options.Generation >= ServerGeneration.C;
        Text("uuid", _blob.Uuid.ToString());
        Text("state", _blob.State);
        if (Begin("metadata"))
        {
            lock (_blob.Gate)
            {
                _json.Node(_blob.Metadata, sorted: true);
            }
        }

        Number("version", _blob.Version ?? (isC ? 11 : 6));
        Number("size", _blob.Size);
        Real("modified", _blob.Modified);
        Real("fetched_at", _blob.FetchedAt);
        Text("depends_on", _blob.DependsOn?.ToString());
        WriteTranscodes();
        if (!isC || forAdmin)
        {
            WriteList("locations", Placement.LocationsOf(_blob, options.NodeName));
        }

        Number("reference_count", _blob.ReferenceCount);
        Text("sha512", _blob.Sha512);
        Real("last_used", _blob.LastUsed);
        if (isC)
        {
            WriteSumsAndReferences(forAdmin);
        }

        if (_blob.State != "initial")
        {
            foreach ((string name, JsonNode? value) in _blob.Info.OrderBy(line => line.Key, CodePointOrder.Instance))
            {
                if (Begin(name))
                {
                    _json.Node(value);
                }
            }
        }

        if (withInstances)
        {
            WriteList("instances", _blob.Instances.Select(i => i.ToString()));
        }
    }

    private void WriteSumsAndReferences(bool forAdmin)
    {
        if (Begin("checksums"))
        {
            WriteChecksums(ref _json, _blob);
        }

        // The server filters the rows as if they belonged to the system namespace, so no other namespace receives any.
        WriteReferences("references_to", forAdmin ? _blob.ReferencesTo : []);
        WriteReferences("references_from", forAdmin ? _blob.ReferencesFrom : []);
    }

    private void WriteTranscodes()
    {
        if (Begin("transcodes"))
        {
            _json.OpenObject();
            foreach ((string style, Guid uuid) in _blob.Transcodes)
            {
                _json.Name(style);
                _json.Value(uuid.ToString());
            }

            _json.CloseObject();
        }
    }

    private void WriteReferences(string name, IEnumerable<EmulatedReference> rows)
    {
        if (!Begin(name))
        {
            return;
        }

        _json.OpenObject();
        foreach (IGrouping<string, EmulatedReference> group in rows.GroupBy(r => r.Relationship))
        {
            _json.Name(group.Key);
            _json.OpenArray();
            foreach (EmulatedReference row in group)
            {
                WriteRow(row);
            }

            _json.CloseArray();
        }

        _json.CloseObject();
    }

    private void WriteRow(EmulatedReference row)
    {
        _json.OpenObject();
        _json.Name("source_object_type");
        _json.Value(row.SourceObjectType);
        _json.Name("source_uuid");
        _json.Value(row.SourceUuid);
        _json.Name("relationship");
        _json.Value(row.Relationship);
        _json.Name("relationship_value");
        _json.Value(row.RelationshipValue);
        _json.Name("target_object_type");
        _json.Value(row.TargetObjectType);
        _json.Name("target_uuid");
        _json.Value(row.TargetUuid);
        _json.Name("created");
        _json.Value(row.Created);
        _json.Name("last_active");
        _json.Value(row.LastActive);
        _json.CloseObject();
    }

    private void WriteList(string name, IEnumerable<string> items)
    {
        if (Begin(name))
        {
            _json.OpenArray();
            foreach (string item in items)
            {
                _json.Value(item);
            }

            _json.CloseArray();
        }
    }

    private void Text(string name, string? value)
    {
        if (Begin(name))
        {
            _json.Value(value);
        }
    }

    private void Number(string name, long value)
    {
        if (Begin(name))
        {
            _json.Value(value);
        }
    }

    private void Real(string name, double? value)
    {
        if (Begin(name))
        {
            if (value is { } number)
            {
                _json.Value(number);
            }
            else
            {
                _json.Literal("null");
            }
        }
    }

    /// <summary>Writes the name of a member. If the blob has a replacement for the member, writes the whole member.</summary>
    private bool Begin(string name)
    {
        if (_replaced is not null && TryReplace(name))
        {
            return false;
        }

        _json.Name(name);
        return true;
    }

    private bool TryReplace(string name)
    {
        if (_blob.ExtraRaw.TryGetValue(name, out string? raw))
        {
            _json.Name(name);
            _json.Literal(raw);
        }
        else if (_blob.Extra.TryGetPropertyValue(name, out JsonNode? value))
        {
            _json.Name(name);
            _json.Node(value);
        }
        else
        {
            return false;
        }

        _replaced!.Add(name);
        return true;
    }

    private void WriteExtras()
    {
        if (_replaced is not null)
        {
            string[] added = [.. _blob.Extra.Select(e => e.Key).Union(_blob.ExtraRaw.Keys).Except(_replaced)];
            foreach (string name in added)
            {
                TryReplace(name);
            }
        }
    }
}
