namespace ShakenFist.Blobs;

/// <summary>Which way a reference points, seen from the blob.</summary>
[Flags]
public enum SfReferenceDirection
{
    /// <summary>Neither; no reference has it.</summary>
    None = 0,

    /// <summary>The other object uses the blob (the server's <c>references_to</c>).</summary>
    UsedBy = 1,

    /// <summary>The blob uses the other object (the server's <c>references_from</c>).</summary>
    Uses = 2,

    /// <summary>Both, when asking for references.</summary>
    Both = UsedBy | Uses,
}
