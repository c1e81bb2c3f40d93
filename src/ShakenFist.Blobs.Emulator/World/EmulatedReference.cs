namespace ShakenFist.Blobs.Emulator;

/// <summary>A row of the reference table, in which one object uses another, such as an instance its disk.</summary>
public sealed record EmulatedReference(
    string SourceObjectType,
    string SourceUuid,
    string Relationship,
    string? RelationshipValue,
    string TargetObjectType,
    string TargetUuid,
    double Created = 1_795_373_770.25,
    double LastActive = 1_795_373_790.5);
