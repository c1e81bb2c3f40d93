using ShakenFist.Blobs.Soak;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>A few of the schedules and kills that tests/Soak runs by the thousand. What fails says with which seed it can be repeated.</summary>
public sealed class SoakTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1001)]
    public async Task Any_schedule_of_sizes_parts_connections_faults_and_stops_ends_in_the_identical_file(int seed)
    {
        StringWriter log = new();
        Assert.True(await Schedules.RunAsync(30, seed, log) == 0, log.ToString());
        TestContext.Current.TestOutputHelper?.WriteLine(log.ToString());
    }

    [Fact]
    public async Task A_process_that_is_killed_at_any_point_leaves_what_the_same_command_completes()
    {
        StringWriter log = new();
        Assert.True(await Kills.RunAsync(6, seed: 1, log) == 0, log.ToString());
        TestContext.Current.TestOutputHelper?.WriteLine(log.ToString());
    }
}
