namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>Tests that change or measure the process as a whole: no other test runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}
