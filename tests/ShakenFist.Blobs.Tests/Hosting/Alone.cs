namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>Tests that change or measure the whole process. No other test runs at the same time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}
