using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Handles POST /artifacts/upload/&lt;name&gt;: makes an upload or an existing blob the newest version of an artifact.</summary>
internal static class PublishEndpoint
{
    private static readonly string[] Types = ["image", "other"];

    public static async ValueTask<Reply> Post(Call call)
    {
        PythonArguments given = call.Arguments;
        JsonNode? uploadUuid = given["upload_uuid"];
        JsonNode? blobUuid = given["blob_uuid"];
        bool hasUpload = PythonType.IsTruthy(uploadUuid);
        if (call.BadCall is { } bad)
        {
            return bad;
        }

        if (hasUpload && PythonType.IsTruthy(blobUuid))
        {
            return Reply.Error(400, "only specify one of upload_uuid and blob_uuid");
        }

        if (given.Has("artifact_type") && !Types.Contains(given.Text("artifact_type")))
        {
            return Reply.Error(403, "invalid artifact type specified");
        }

        if (hasUpload && PythonType.NameOf(uploadUuid) is not "str" and var type)
        {
            return Reply.Error(400, $"{uploadUuid!.ToJsonString()} has type {type}, but expected one of: bytes, unicode");
        }

        (EmulatedUpload? upload, Reply? missing) = hasUpload ? UploadEndpoints.Find(call) : (null, null);
        if (missing is not null)
        {
            return missing;
        }

        if (PythonType.IsTruthy(given["source_url"]) && PythonType.NameOf(given["source_url"]) is not "str" and var urlType)
        {
            return Reply.ServerError($"AttributeError(\"'{urlType}' object has no attribute 'startswith'\")");
        }

        string space = PythonType.IsTruthy(given["namespace"]) ? given.Text("namespace") : call.Caller;
        if (call.State.Namespace(space) is null)
        {
            return Reply.Error(404, "namespace not found");
        }

        bool shared = PythonType.IsTruthy(given["shared"]);
        EmulatedArtifact artifact = FindOrCreate(call, space, shared && call.IsAdmin);
        if (!call.IsTrustedBy(artifact.Namespace))
        {
            return Reply.Error(404, "namespace not found");
        }

        if (shared && !call.IsAdmin)
        {
            return Reply.Error(403, "only the system namespace can create shared artifacts");
        }

        (EmulatedBlob? blob, Reply? refusal) = upload is not null ? await HashAsync(call, upload) : Existing(call, blobUuid);
        if (refusal is not null)
        {
            return refusal;
        }

        AddVersion(call.State, artifact, blob!);
        if (upload is not null)
        {
            call.State.RemoveUpload(upload.Uuid.ToString());
        }

        return Call.Json(ArtifactRecord.Of(artifact, call, withInstances: false));
    }

    /// <summary>Returns the artifact of the same type and source URL, whatever its name. If there is none, creates one without versions, which stays if the call fails.</summary>
    private static EmulatedArtifact FindOrCreate(Call call, string space, bool shared)
    {
        string name = call.Arguments.Text("artifact_name");
        string type = call.Arguments.Has("artifact_type") ? call.Arguments.Text("artifact_type") : "image";
        string url = PythonType.IsTruthy(call.Arguments["source_url"]) ? call.Arguments.Text("source_url") : $"sf://upload/{call.Caller}/{name}";
        EmulatedArtifact? found = call.State.Artifacts.FirstOrDefault(artifact =>
            artifact.State != "deleted" && artifact.Type == type && artifact.SourceUrl == url
            && (artifact.Shared || artifact.Namespace == space || call.State.Namespace(artifact.Namespace)!.Trusts(space) || space == "system"));
        if (found is not null)
        {
            return found;
        }

        EmulatedArtifact created = new() { Name = name, Type = type, Namespace = space, SourceUrl = url, Shared = shared };
        bool isStored = !url.StartsWith("sf://blob/", StringComparison.Ordinal);
        return isStored ? call.State.AddArtifact(created) : created;
    }

    private static (EmulatedBlob? Blob, Reply? Refusal) Existing(Call call, JsonNode? uuid)
    {
        if (!PythonType.IsTruthy(uuid) || PythonType.NameOf(uuid) != "str")
        {
            return (null, Reply.ServerError($"AttributeError(\"'{(PythonType.IsTruthy(uuid) ? PythonType.NameOf(uuid) : "NoneType")}' object has no attribute 'uuid'\")"));
        }

        return call.State.Blob((string)uuid!) switch
        {
            null => (null, Reply.Error(404, "blob not found")),
            { State: "deleted" } deleted => (null, Reply.ServerError($"BlobDeleted('{deleted.Uuid}')")),
            var blob => (blob, null),
        };
    }

    /// <summary>Moves the bytes into a new blob and hashes them. If the time limit of the request ends during that, the blob stays without a hash.</summary>
    private static async ValueTask<(EmulatedBlob? Blob, Reply? Refusal)> HashAsync(Call call, EmulatedUpload upload)
    {
        BlobContent? content = upload.Take();
        if (content is null or { Length: 0 })
        {
            return (null, Reply.ServerError(content is null ? "FileNotFoundError(2, 'No such file or directory')" : "BlobsMustHaveContent('A blob cannot be of zero size')"));
        }

        double now = (call.Options.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        EmulatedBlob blob = EmulatedBlob.From(content, Guid.NewGuid(), publish: false);
        blob.ReferenceCount = 0;
        blob.Locations = upload.Node == call.Options.NodeName ? null : [upload.Node];
        blob.Modified = Math.Floor(now);
        blob.FetchedAt = now;
        call.State.AddBlob(blob);
        await Pause.ForAsync(call.Fault?.Kind == FaultKind.SlowHash ? call.Fault.Delay : call.Options.HashDelay, call.TimeIsUp);
        if (call.TimeIsUp.IsCancellationRequested)
        {
            return (null, Reply.None);
        }

        // Other algorithms follow in a background job of the real server.
        blob.Sha512 = Checksums.Sha512Of(content);
        return (blob, null);
    }

    /// <summary>Adds a version, and deletes the oldest ones that exceed the maximum. Content equal to that of the newest version changes nothing.</summary>
    private static void AddVersion(EmulatorState state, EmulatedArtifact artifact, EmulatedBlob blob)
    {
        lock (artifact.Gate)
        {
            if (artifact.Versions.Count > 0 && state.Blob(artifact.Versions.Last().Value) is { } newest
                && (newest.Uuid == blob.Uuid || (newest.Sha512 is { } sum && sum == blob.Sha512)))
            {
                return;
            }

            ArtifactVersions.Add(state, artifact, blob);
        }
    }
}
