namespace ShakenFist.Blobs;

/// <summary>Which way a reference points, seen from the blob.</summary>
public enum SfReferenceDirection
{
    /// <summary>The other object uses the blob (the server's <c>references_to</c>).</summary>
    UsedBy,

    /// <summary>The blob uses the other object (the server's <c>references_from</c>).</summary>
    Uses,
}
