namespace ShakenFist.Blobs;

/// <summary>One row of the error table: the ID, the category, and the recommended action.</summary>
/// <param name="Id">The stable ID, the first part of the FullyQualifiedErrorId of an error record.</param>
/// <param name="Category">The category.</param>
/// <param name="Advice">The recommended action.</param>
public sealed record SfError(string Id, SfErrorCategory Category, string Advice);
