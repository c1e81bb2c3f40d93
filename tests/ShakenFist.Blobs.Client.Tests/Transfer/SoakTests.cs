using ShakenFist.Blobs.Soak;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Runs a few of the schedules and kills of tests/Soak. A failure reports the seed to repeat it.</summary>
public sealed class SoakTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1001)]
    public async Task Any_schedule_of_sizes_blocks_connections_faults_and_stops_ends_with_the_identical_file(int seed)
    {
        StringWriter log = new();
        Assert.True(await Endurance.RunAsync(30, time: null, seed, kills: false, log) == 0, log.ToString());
        TestContext.Current.TestOutputHelper?.WriteLine(log.ToString());
    }

    [Fact]
    public async Task A_run_with_a_time_limit_ends_in_time()
    {
        StringWriter log = new();
        Assert.Equal(0, await Endurance.RunAsync(int.MaxValue, TimeSpan.Zero, seed: 1, kills: true, log));
        Assert.StartsWith("0 schedules", log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_leak_is_the_slope_through_all_samples()
    {
        (double slope, double error) = Drift.Regress([.. Enumerable.Range(0, 200).Select(i => (i * 25.0, 100 + (i * 25 * 0.004) + (i % 2)))]);
        Assert.Equal(4, slope * 1000, tolerance: 0.1);
        Assert.InRange(error * 1000, 0.001, 0.1);
        Assert.Equal(0, Drift.Regress([(0, 7), (1, 7), (2, 7)]).Slope);
    }

    [Fact]
    public async Task The_same_command_completes_a_transfer_whose_process_was_killed()
    {
        StringWriter log = new();
        Assert.True(await Kills.RunAsync(6, seed: 1, log) == 0, log.ToString());
        TestContext.Current.TestOutputHelper?.WriteLine(log.ToString());
    }
}
