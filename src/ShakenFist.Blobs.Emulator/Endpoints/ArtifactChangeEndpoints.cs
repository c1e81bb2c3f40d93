using System.Numerics;
using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>Handles the deletion of artifacts and versions, and the maximum number of versions.</summary>
internal static class ArtifactChangeEndpoints
{
    /// <summary>Deletes an artifact. Its versions stay in the record, but no longer count as references of their blobs.</summary>
    public static ValueTask<Reply> Delete(Call call)
    {
        (EmulatedArtifact? artifact, Reply? refusal) = ArtifactEndpoints.Find(call, ArtifactEndpoints.OwnsOrIsTrusted);
        if (refusal is not null)
        {
            return ValueTask.FromResult(refusal);
        }

        lock (artifact!.Gate)
        {
            if (artifact.State == "deleted")
            {
                return ValueTask.FromResult(Reply.NullJson());
            }

            artifact.State = "deleted";
            foreach (Guid blob in artifact.Versions.Values)
            {
                call.State.Release(blob);
            }
        }

        return ValueTask.FromResult(Call.Json(ArtifactRecord.Of(artifact, call, withInstances: false)));
    }

    public static ValueTask<Reply> SetMaxVersions(Call call)
    {
        (EmulatedArtifact? artifact, Reply? refusal) = ArtifactEndpoints.Find(call, ArtifactEndpoints.OwnsOrIsTrusted);
        if (refusal is not null)
        {
            return ValueTask.FromResult(refusal);
        }

        JsonNode? max = call.Arguments["max_versions"];
        if (call.Arguments.Has("max_versions") && max is null)
        {
            return ValueTask.FromResult(Reply.Error(400, "int() argument must be a string, a bytes-like object or a real number, not 'NoneType'"));
        }

        BigInteger number = 3;
        if (max is not null && PythonType.NameOf(max) == "float")
        {
            number = (BigInteger)(double)max;
        }
        else if (max is not null && !WireText.TryParseInteger(PythonType.Text(max), out number))
        {
            return ValueTask.FromResult(Reply.Error(400, "max version is not an integer"));
        }

        artifact!.MaxVersions = (int)BigInteger.Clamp(number, int.MinValue + 1, int.MaxValue);
        ArtifactVersions.RemoveSurplus(call.State, artifact);
        return ValueTask.FromResult(Reply.NullJson());
    }

    /// <summary>Deletes a version, even of a deleted artifact, as the real server does.</summary>
    public static ValueTask<Reply> DeleteVersion(Call call)
    {
        (EmulatedArtifact? artifact, Reply? refusal) = ArtifactEndpoints.Find(call, ArtifactEndpoints.OwnsOrIsTrusted);
        if (refusal is not null)
        {
            return ValueTask.FromResult(refusal);
        }

        if (!WireText.TryParseInteger(call.Arguments.Text("version_id"), out BigInteger index))
        {
            return ValueTask.FromResult(Reply.Error(400, "version index is not an integer"));
        }

        lock (artifact!.Gate)
        {
            if (index < 0 || index > int.MaxValue || !ArtifactVersions.Remove(call.State, artifact, (int)index))
            {
                return ValueTask.FromResult(Reply.Error(404, "artifact index not found"));
            }

            if (artifact.Versions.Count == 0)
            {
                artifact.State = "deleted";
            }
        }

        return ValueTask.FromResult(Call.Json(ArtifactRecord.Of(artifact, call, withInstances: false)));
    }
}
