using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests that changes of the system clock affect neither time limits nor tokens.</summary>
public sealed class ClockTests
{
    private const int Part = 64 * 1024;
    private const int Size = (20 * Part) - 1;

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(400)]
    public async Task Changing_the_system_clock_by_days_during_a_transfer_has_no_effect(int days)
    {
        await using Download download = await Download.StartAsync(Size);
        SetClock clock = new();
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = 2 * Part, TimeProvider = clock };
        download.With(new Fault { Kind = FaultKind.CutAfter, AfterBytes = Part / 2, Times = 3 });
        using (new FaultInjectingDisk(download.Folder.Path, (_, _) => clock.Set(TimeSpan.FromDays(days))))
        {
            TransferOutcome after = await TransferOutcome.OfAsync(download);
            Assert.Equal(SfBlobSaveStatus.Saved, after.Transfer?.Status);
            Assert.Equal(0, after.Transfer!.ReauthenticationCount);
            Assert.InRange(after.Transfer.Duration, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        }

        Assert.True(Math.Abs(clock.Steps) > 0);
        Assert.Equal(1, download.Cluster.Count("POST", "/auth"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_transfer_resumes_if_the_clock_was_set_a_day_forward_or_back(int days)
    {
        await using Download download = await Download.StartAsync(Size);
        SetClock clock = new();
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = 2 * Part, TimeProvider = clock };
        TransferOutcome after;
        using (FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Write, PartialDownload.Suffix, 9, FaultInjectingDisk.InputOutput))
        {
            after = (await TransferOutcome.OfAsync(download)).Failed(SfErrors.FileFailed);
        }

        File.SetLastWriteTimeUtc(download.Target + PartialDownload.Suffix, DateTime.UtcNow.AddDays(days));
        File.SetLastWriteTimeUtc(download.Target + TransferJournal.Suffix, DateTime.UtcNow.AddDays(-days));
        clock.Set(TimeSpan.FromDays(-days));
        await after.ResumeAsync(download);
    }

    /// <summary>A system clock that can be changed, with the real monotonic clock of the computer.</summary>
    private sealed class SetClock : TimeProvider
    {
        private long _offset;
        private int _steps;

        public int Steps => _steps;

        public void Set(TimeSpan by)
        {
            Interlocked.Add(ref _offset, Interlocked.Increment(ref _steps) <= 20 ? by.Ticks : 0);
        }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _offset));
    }
}
