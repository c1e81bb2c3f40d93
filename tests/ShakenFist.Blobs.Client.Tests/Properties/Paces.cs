using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Time.Testing;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests.Properties;

/// <summary>Tests the calculation of progress: from 0 to 100, finite, and never negative, for any changes of the bytes.</summary>
public sealed class PaceProperties
{
    private static Gen<long> Moved => Gen.OneOf(Given.Positive, Given.Positive.Select(n => -n), Gen.Constant(0L), Gen.Choose(-1000, 100_000).Select(n => (long)n));

    private static Gen<long> Passed => Gen.OneOf(Gen.Choose(0, 3000).Select(n => (long)n), Gen.Choose(0, int.MaxValue).Select(n => (long)n), Gen.Constant(0L));

    [Cases(1000)]
    public Property Every_sample_can_be_displayed() =>
        Prop.ForAll(Gen.OneOf(Given.Positive, Gen.Constant(0L)).ToArbitrary(), Given.List(Moved.Zip(Passed)), (total, steps) =>
        {
            FakeTimeProvider time = new();
            DownloadProgress progress = new() { Total = total };
            TransferPace pace = new(progress, time);
            foreach ((long moved, long passed) in steps)
            {
                progress.Position = moved;
                time.Advance(TimeSpan.FromMilliseconds(passed));
                PaceSample sample = pace.Sample();
                Assert.InRange(sample.Percent, total == 0 ? -1 : 0, 100);
                Assert.InRange(sample.Position, 0, total);
                Assert.True(double.IsFinite(sample.BytesPerSecond) && sample.BytesPerSecond >= 0);
                Assert.True(sample.SecondsRemaining is null or >= 0);
                Assert.True(sample.Percent < 100 || sample.Position == total);
            }

            return true;
        });

    [Cases(500)]
    public Property At_an_even_rate_the_rate_and_the_time_left_are_right() =>
        Prop.ForAll(Gen.Choose(1, 100_000_000).ToArbitrary(), Gen.Choose(2, 100).ToArbitrary(), (rate, seconds) =>
        {
            FakeTimeProvider time = new();
            DownloadProgress progress = new() { Total = 2L * rate * seconds };
            TransferPace pace = new(progress, time);
            PaceSample sample = pace.Sample();
            for (int i = 0; i < seconds; i++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                progress.Advance(rate);
                sample = pace.Sample();
            }

            return sample.Percent == 50 && Math.Abs(sample.BytesPerSecond - rate) <= rate * 0.001 && Math.Abs(sample.SecondsRemaining!.Value - seconds) <= 1;
        });

    [Fact]
    public void The_rate_is_that_of_the_last_few_seconds()
    {
        FakeTimeProvider time = new();
        DownloadProgress progress = new() { Total = 1_000_000 };
        TransferPace pace = new(progress, time);
        pace.Sample();
        for (int i = 0; i < 20; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            progress.Advance(i < 10 ? 10_000 : 100);
            pace.Sample();
        }

        Assert.Equal(100, pace.Sample().BytesPerSecond, tolerance: 1);
    }

    [Cases(1000)]
    public Property A_percentage_is_from_0_to_100() =>
        Prop.ForAll(Moved.ToArbitrary(), Moved.ToArbitrary(), (done, whole) =>
        {
            int percent = PaceSample.PercentOf(done, whole);
            return whole > 0 ? percent is >= 0 and <= 100 && percent < 100 == (double)done < whole : percent == -1;
        });
}
