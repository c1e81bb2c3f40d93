namespace ShakenFist.Blobs.Emulator;

/// <summary>Adds and removes versions of artifacts, and counts the references of their blobs.</summary>
internal static class ArtifactVersions
{
    /// <summary>Adds a version with the next index, and removes the oldest versions that exceed the maximum.</summary>
    public static void Add(EmulatorState state, EmulatedArtifact artifact, EmulatedBlob blob)
    {
        lock (artifact.Gate)
        {
            artifact.LastIndex = Math.Max(artifact.LastIndex, artifact.Versions.Keys.LastOrDefault()) + 1;
            artifact.Versions.Add(artifact.LastIndex, blob.Uuid);
            blob.ReferenceCount++;
            RemoveSurplus(state, artifact);
        }
    }

    /// <summary>Removes a version, even of a deleted artifact. The reference is then counted down a second time.</summary>
    /// <returns>Whether the version existed.</returns>
    public static bool Remove(EmulatorState state, EmulatedArtifact artifact, int index)
    {
        lock (artifact.Gate)
        {
            artifact.LastIndex = Math.Max(artifact.LastIndex, artifact.Versions.Keys.LastOrDefault());
            if (!artifact.Versions.Remove(index, out Guid blob))
            {
                return false;
            }

            state.Release(blob);
            return true;
        }
    }

    /// <summary>Removes the oldest versions that exceed the maximum. Python's slice [:-max] removes none if the maximum is 0, and one if it is -1.</summary>
    public static void RemoveSurplus(EmulatorState state, EmulatedArtifact artifact)
    {
        lock (artifact.Gate)
        {
            int max = artifact.MaxVersions;
            int surplus = max > 0 ? artifact.Versions.Count - max : Math.Min(-max, artifact.Versions.Count);
            foreach (int index in artifact.Versions.Keys.Take(surplus).ToArray())
            {
                Remove(state, artifact, index);
            }
        }
    }
}
