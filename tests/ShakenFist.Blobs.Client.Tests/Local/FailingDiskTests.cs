using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Tests;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Disks that fail at one operation. The failures are injected, because a real disk cannot be made to return them.</summary>
public sealed class FailingDiskTests
{
    private const int Part = 64 * 1024;
    private const int Size = (20 * Part) - 1;

    private static readonly SfBlobSaveOptions Anything = new() { Sparse = SfSparsePolicy.Always, Force = true, RetryTimeout = TimeSpan.FromDays(1) };

    private static async Task<Download> StartAsync(TimeProvider? time = null)
    {
        Download download = await Download.StartAsync(Size);
        download.Options = Cluster.Quick with { BlockBytes = Part, RequestBytes = 2 * Part, TimeProvider = time ?? TimeProvider.System };
        return download;
    }

    [Theory]
    [InlineData(nameof(FileOperation.Open), ".sfpart", 1, FaultInjectingDisk.InputOutput, nameof(SfErrors.FileFailed), 0)]
    [InlineData(nameof(FileOperation.Open), ".sfjournal", 1, FaultInjectingDisk.InputOutput, nameof(SfErrors.FileFailed), 0)]
    [InlineData(nameof(FileOperation.Write), ".sfpart", 1, FaultInjectingDisk.TooLarge, nameof(SfErrors.FileFailed), 0)]
    [InlineData(nameof(FileOperation.Write), ".sfpart", 2, FaultInjectingDisk.InputOutput, nameof(SfErrors.FileFailed), 0)]
    [InlineData(nameof(FileOperation.Write), ".sfpart", 8, FaultInjectingDisk.InputOutput, nameof(SfErrors.FileFailed), 1)]
    [InlineData(nameof(FileOperation.Write), ".sfpart", 8, FaultInjectingDisk.NoSpace, nameof(SfErrors.DiskFull), 1)]
    [InlineData(nameof(FileOperation.Write), ".sfpart", 8, FaultInjectingDisk.Quota, nameof(SfErrors.DiskFull), 1)]
    [InlineData(nameof(FileOperation.Write), ".sfjournal", 1, FaultInjectingDisk.NoSpace, nameof(SfErrors.DiskFull), 0)]
    [InlineData(nameof(FileOperation.Write), ".sfjournal", 2, FaultInjectingDisk.NoSpace, nameof(SfErrors.DiskFull), 0)]
    [InlineData(nameof(FileOperation.Write), ".sfjournal", 9, FaultInjectingDisk.InputOutput, nameof(SfErrors.FileFailed), 4)]
    [InlineData(nameof(FileOperation.Read), ".sfpart", 1, FaultInjectingDisk.InputOutput, nameof(SfErrors.FileFailed), -1)]
    [InlineData(nameof(FileOperation.Flush), ".sfpart", 1, FaultInjectingDisk.InputOutput, nameof(SfErrors.FileFailed), 0)]
    [InlineData(nameof(FileOperation.Flush), ".sfpart", 1, FaultInjectingDisk.NoSpace, nameof(SfErrors.DiskFull), 0)]
    [InlineData(nameof(FileOperation.Rename), "", 1, FaultInjectingDisk.InputOutput, nameof(SfErrors.FileFailed), 20)]
    [InlineData(nameof(FileOperation.Rename), "", 1, FaultInjectingDisk.NoSpace, nameof(SfErrors.DiskFull), 20)]
    [InlineData(nameof(FileOperation.Rename), "", 1, FaultInjectingDisk.ReadOnly, nameof(SfErrors.FileAccessDenied), 20)]
    public async Task A_failed_file_operation_is_reported_and_the_same_command_resumes(string step, string suffix, int from, int code, string id, int parts)
    {
        // With several connections, there may be no complete block when the disk fails in the middle.
        SfBlobSaveOptions options = Anything with { Limits = new SfTransferLimits(parts == 1 ? 1 : SfTransferLimits.DefaultConnections) };
        foreach (bool old in (bool[])[false, true])
        {
            await using Download download = await StartAsync();
            if (old)
            {
                download.Folder.Write("blob.raw", [7, 7]);
            }

            TransferOutcome after;
            using (FaultInjectingDisk.Failing(download.Folder.Path, Enum.Parse<FileOperation>(step), suffix, from, code))
            {
                after = (await TransferOutcome.OfAsync(download, options)).Failed(SfErrors.All.Single(e => e.Id == id));
            }

            Assert.InRange(after.Kept, Math.Clamp(parts * Part, 0, Size), parts == 0 ? 0 : Size);
            await after.ResumeAsync(download, options);
            TestContext.Current.TestOutputHelper?.WriteLine($"{after.Kept} of {Size} bytes kept, none of them fetched twice.");
        }
    }

    [Fact]
    public async Task A_journal_that_cannot_be_deleted_does_not_affect_the_saved_file()
    {
        await using Download download = await StartAsync();
        using (FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Delete, TransferJournal.Suffix, 1, FaultInjectingDisk.InputOutput))
        {
            Assert.Equal(SfBlobSaveStatus.Saved, (await download.RunAsync(Anything)).Status);
        }

        Assert.Equal(download.Content, await File.ReadAllBytesAsync(download.Target, Limit.Token));
        Assert.Equal(SfBlobSaveStatus.Unchanged, (await TransferOutcome.OfAsync(download, Anything)).Transfer?.Status);
        download.Folder.ContainsNoPartialFile();
    }

    [Fact]
    public async Task Data_that_was_not_flushed_before_a_failed_flush_is_fetched_again()
    {
        FakeTimeProvider time = new(DateTimeOffset.UnixEpoch);
        await using Download download = await StartAsync(time);
        using FlushingDisk disk = new(time);
        TransferOutcome after;
        using (new FaultInjectingDisk(download.Folder.Path, disk.On))
        {
            after = (await TransferOutcome.OfAsync(download, Anything)).Failed(SfErrors.FileFailed);
        }

        // The system reported the failure only once, so neither the end of the transfer nor the next run would detect it.
        Assert.Equal(2, disk.Flushes);
        Assert.InRange(after.Kept, 1, disk.WrittenAtFirstFlush * Part);
        await after.ResumeAsync(download, Anything);
    }

    /// <summary>
    /// Advances the clock by five seconds at the sixth and the fourteenth write. The first flush succeeds. The second fails, like on a disk that reports a failure only
    /// once.
    /// </summary>
    private sealed class FlushingDisk(FakeTimeProvider time) : IDisposable
    {
        private readonly SemaphoreSlim _flushed = new(0);
        private int _writes;
        private int _flushes;

        public int Flushes => _flushes;

        public int WrittenAtFirstFlush { get; private set; }

        public void On(FileOperation step, string path)
        {
            if (step == FileOperation.Write && path.EndsWith(PartialDownload.Suffix, StringComparison.Ordinal))
            {
                // The first write sets the length of the file.
                int write = Interlocked.Increment(ref _writes) - 1;
                if (write is 6 or 14)
                {
                    WaitForFlush();
                }
            }
            else if (step == FileOperation.Flush && path.EndsWith(PartialDownload.Suffix, StringComparison.Ordinal))
            {
                WrittenAtFirstFlush = _flushes == 0 ? Volatile.Read(ref _writes) : WrittenAtFirstFlush;
                if (Interlocked.Increment(ref _flushes) == 2)
                {
                    _flushed.Release();
                    throw FaultInjectingDisk.Error(FaultInjectingDisk.InputOutput);
                }
            }
            else if (step == FileOperation.Flush)
            {
                _flushed.Release();
            }
        }

        public void Dispose() => _flushed.Dispose();

        private void WaitForFlush()
        {
            Stopwatch watch = Stopwatch.StartNew();
            do
            {
                Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), "No flush started.");
                time.Advance(TimeSpan.FromSeconds(5));
            }
            while (!_flushed.Wait(10));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stop_does_not_wait_for_a_flush(bool failsLater)
    {
        await using Download download = await StartAsync();
        using CancellationTokenSource stop = new();
        using ManualResetEventSlim done = new();
        TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using (new FaultInjectingDisk(download.Folder.Path, (step, _) =>
        {
            if (step == FileOperation.Flush)
            {
                stop.Cancel();
                done.Wait(TimeSpan.FromSeconds(20));
                answered.TrySetResult();
                if (failsLater)
                {
                    throw FaultInjectingDisk.Error(FaultInjectingDisk.InputOutput);
                }
            }
        }))
        {
            TransferOutcome after = await TransferOutcome.OfAsync(download, Anything, stop: stop.Token);
            Assert.False(answered.Task.IsCompleted);
            Assert.Equal(Size, after.Kept);
            done.Set();
            await answered.Task.WaitAsync(Limit.Token);
        }

        if (failsLater)
        {
            // The failed flush was not reported, so the next command must not use the file.
            await Eventually.TrueAsync(() => !File.Exists(download.Target + PartialDownload.Suffix));
        }

        Assert.Equal(failsLater ? 0 : Size, (await download.SavesAsync(Anything)).BytesResumed);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_periodic_flush()
    {
        FakeTimeProvider time = new(DateTimeOffset.UnixEpoch);
        await using Download download = await StartAsync(time);
        using CancellationTokenSource stop = new();
        using ManualResetEventSlim flushing = new();
        using ManualResetEventSlim done = new();
        int writes = 0;
        TransferOutcome after;
        using (new FaultInjectingDisk(download.Folder.Path, (step, path) =>
        {
            if (step == FileOperation.Flush)
            {
                flushing.Set();
                stop.Cancel();
                done.Wait(TimeSpan.FromSeconds(20));
            }
            else if (step == FileOperation.Write && path.EndsWith(PartialDownload.Suffix, StringComparison.Ordinal) && Interlocked.Increment(ref writes) == 9)
            {
                Stopwatch watch = Stopwatch.StartNew();
                while (!flushing.Wait(10) && watch.Elapsed < TimeSpan.FromSeconds(20))
                {
                    time.Advance(TimeSpan.FromSeconds(5));
                }
            }
        }))
        {
            after = await TransferOutcome.OfAsync(download, Anything, stop: stop.Token);
            Assert.True(flushing.IsSet);
            done.Set();
        }

        Assert.InRange(after.Kept, 1, Size);
        await after.ResumeAsync(download, Anything);
    }
}
