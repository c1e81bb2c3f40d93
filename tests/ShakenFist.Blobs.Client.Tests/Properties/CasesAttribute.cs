using System.Globalization;
using FsCheck.Xunit;
using Xunit.v3;

namespace ShakenFist.Blobs.Client.Tests.Properties;

/// <summary>
/// A property held against so many cases, the same ones in each run. <c>SHAKENFIST_TEST_CASES=50</c> multiplies them and draws others each time; what fails then tells
/// the seed, which <c>SHAKENFIST_TEST_SEED</c> repeats. All of them run by the filter <c>--filter-trait "Runs=Cases"</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
#pragma warning disable xUnit3003 // Where a property stands in the source is not known: FsCheck's own attribute does not take it.
internal sealed class CasesAttribute : PropertyAttribute, ITraitAttribute
#pragma warning restore xUnit3003
{
    private const string UsualSeed = "20261127,5701";

    public CasesAttribute(int count)
    {
        MaxTest = count * Scale;
        if (Seed is not null || Scale == 1)
        {
            Replay = Seed ?? UsualSeed;
        }
    }

    /// <summary>By how much there are more cases than usual.</summary>
    public static int Scale { get; } = int.TryParse(Environment.GetEnvironmentVariable("SHAKENFIST_TEST_CASES"), CultureInfo.InvariantCulture, out int scale) ? Math.Max(1, scale) : 1;

    /// <summary>A seed for what is drawn by other means.</summary>
    public static int Number { get; } = int.TryParse((Seed ?? UsualSeed).Split(',')[0], CultureInfo.InvariantCulture, out int number) && (Seed is not null || Scale == 1) ? number : Random.Shared.Next();

    private static string? Seed => Environment.GetEnvironmentVariable("SHAKENFIST_TEST_SEED");

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Runs", "Cases")];
}
