namespace ShakenFist.Blobs.Tests;

/// <summary>Tests that the emulator responds like the recorded server.</summary>
public sealed class ReplayTests(Replay replay) : IClassFixture<Replay>
{
    public static IEnumerable<TheoryDataRow<string, int>> Exchanges => Replay.Groups.SelectMany(Recording.Load)
        .Where(recording => !NotImitated.All.Any(entry => entry.Covers(recording)))
        .Select(recording => new TheoryDataRow<string, int>(recording.Group, recording.Index) { TestDisplayName = recording.ToString() });

    public static IEnumerable<TheoryDataRow<int>> Exclusions =>
        NotImitated.All.Select((entry, i) => new TheoryDataRow<int>(i) { TestDisplayName = $"{entry.Group} {entry.Note ?? $"from {entry.From}"} is not imitated" });

    [Theory]
    [MemberData(nameof(Exchanges))]
    public void The_response_equals_the_recorded_response(string group, int index)
    {
        string? difference = replay.DifferenceOf(Recording.Load(group).Single(r => r.Index == index));

        Assert.True(difference is null, difference);
    }

    [Theory]
    [MemberData(nameof(Exclusions))]
    public void Each_exclusion_in_the_list_is_still_needed(int index)
    {
        NotImitated entry = NotImitated.All[index];
        Recording[] covered = [.. Recording.Load(entry.Group).Where(entry.Covers)];

        Assert.NotEmpty(covered);
        if (entry.Note is null)
        {
            Assert.NotNull(replay.DifferenceOf(covered[0]));
            Assert.NotNull(replay.DifferenceOf(covered[^1]));
        }
        else
        {
            Assert.All(covered, recording => Assert.NotNull(replay.DifferenceOf(recording)));
        }
    }

    [Fact]
    public void More_than_five_hundred_exchanges_are_replayed() => Assert.InRange(Exchanges.Count(), 500, int.MaxValue);
}
