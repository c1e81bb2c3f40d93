namespace ShakenFist.Blobs;

/// <summary>One row of the error table: a stable id, what kind of failure it is, and what to do about it.</summary>
/// <param name="Id">The stable id, the first part of a PowerShell error record's FullyQualifiedErrorId.</param>
/// <param name="Category">The kind of failure.</param>
/// <param name="Advice">What to do next, a sentence to the user.</param>
public sealed record SfError(string Id, SfErrorCategory Category, string Advice);
