using System.Globalization;
using FsCheck.Xunit;
using Xunit.v3;

namespace ShakenFist.Blobs.Client.Tests.Properties;

/// <summary>
/// A property that is tested with a number of cases, the same in each run. <c>SHAKENFIST_TEST_CASES=50</c> multiplies the number and creates different cases in each
/// run. A failure reports its seed. To repeat it, set <c>SHAKENFIST_TEST_SEED</c>. To run all properties, use the filter <c>--filter-trait "Runs=Cases"</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
#pragma warning disable xUnit3003 // The attribute of FsCheck does not accept the source location.
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

    /// <summary>The factor of <c>SHAKENFIST_TEST_CASES</c>.</summary>
    public static int Scale { get; } = int.TryParse(Environment.GetEnvironmentVariable("SHAKENFIST_TEST_CASES"), CultureInfo.InvariantCulture, out int scale) ? Math.Max(1, scale) : 1;

    /// <summary>A seed for values that FsCheck does not generate.</summary>
    public static int Number { get; } = int.TryParse((Seed ?? UsualSeed).Split(',')[0], CultureInfo.InvariantCulture, out int number) && (Seed is not null || Scale == 1) ? number : Random.Shared.Next();

    private static string? Seed => Environment.GetEnvironmentVariable("SHAKENFIST_TEST_SEED");

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Runs", "Cases")];
}
