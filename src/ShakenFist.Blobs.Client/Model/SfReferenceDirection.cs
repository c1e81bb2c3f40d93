namespace ShakenFist.Blobs;

/// <summary>The direction of a reference, from the point of view of the blob.</summary>
public enum SfReferenceDirection
{
    /// <summary>No direction. No reference has this value.</summary>
    None = 0,

    /// <summary>The other object uses the blob (the server's <c>references_to</c>).</summary>
    UsedBy = 1,

    /// <summary>The blob uses the other object (the server's <c>references_from</c>).</summary>
    Uses = 2,

    /// <summary>Both directions, for requests.</summary>
    Both = UsedBy | Uses,
}
