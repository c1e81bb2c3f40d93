using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Uploads that end in the middle and continue in another run: after a stop, a time limit, or a kill of the process.</summary>
public sealed class UploadResumeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stopped_upload_continues_at_the_confirmed_size(bool noDeduplication)
    {
        await using Publication publication = await Publication.StartAsync();
        await StopAtAsync(publication, appends: 3, noDeduplication);

        SfArtifactPublishResult result = await publication.PublishesAsync(o => o with { NoDeduplication = noDeduplication });

        Assert.Equal((1, SfArtifactPublishStatus.Published), (result.ResumeCount, result.Status));
        Assert.InRange(result.BytesSent, 1, publication.Content.Length - Publication.Chunk);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public async Task A_damaged_or_longer_journal_only_costs_time(int cut)
    {
        await using Publication publication = await Publication.StartAsync();
        await StopAtAsync(publication, appends: 3);
        string journal = Assert.Single(UploadJournal.Find(publication.StateDirectory)).JournalPath;
        byte[] bytes = await File.ReadAllBytesAsync(journal, Limit.Token);
        bytes[^cut] ^= 0x10;
        await File.WriteAllBytesAsync(journal, [.. bytes, .. "7 x\n"u8], Limit.Token);

        await publication.PublishesAsync();
    }

    [Fact]
    public async Task A_journal_with_a_damaged_first_line_starts_a_new_upload()
    {
        await using Publication publication = await Publication.StartAsync();
        await StopAtAsync(publication, appends: 3);
        string journal = Assert.Single(UploadJournal.Find(publication.StateDirectory)).JournalPath;
        byte[] bytes = await File.ReadAllBytesAsync(journal, Limit.Token);
        bytes[20] ^= 0x10;
        await File.WriteAllBytesAsync(journal, bytes, Limit.Token);
        Assert.Equal(SfBlobTransferState.Damaged, Assert.Single(UploadJournal.Find(publication.StateDirectory)).State);

        SfArtifactPublishResult result = await publication.PublishesAsync();

        Assert.Equal(publication.Content.Length, result.BytesSent);
    }

    [Fact]
    public async Task Foreign_bytes_behind_the_confirmed_ones_are_truncated()
    {
        await using Publication publication = await Publication.StartAsync();
        await StopAtAsync(publication, appends: 3);
        publication.State.Uploads.Single().Append(new byte[77_777]);

        await publication.PublishesAsync();
    }

    [Fact]
    public async Task Bytes_that_the_cluster_lost_are_sent_again()
    {
        await using Publication publication = await Publication.StartAsync();
        await StopAtAsync(publication, appends: 3);
        Assert.True(publication.State.Uploads.Single().TryTruncate(10));

        await publication.PublishesAsync();
    }

    [Fact]
    public async Task A_forgotten_upload_begins_anew()
    {
        await using Publication publication = await Publication.StartAsync();
        await StopAtAsync(publication, appends: 3);
        publication.State.RemoveUpload(publication.State.Uploads.Single().Uuid.ToString());

        SfArtifactPublishResult result = await publication.PublishesAsync();

        Assert.Equal(publication.Content.Length, result.BytesSent);
    }

    [Fact]
    public async Task A_time_limit_leaves_an_upload_that_can_be_resumed()
    {
        await using Publication publication = await Publication.StartAsync();
        using CancellationTokenSource limit = new();
        publication.With(new Fault { Kind = FaultKind.Stall, Skip = 2, When = CancelsAfter(2, limit) });

        SfException e = await publication.FailsAsync(SfErrors.TimeLimitReached, o => o with { TimeLimit = limit.Token });

        Assert.Contains("were sent", e.Message, StringComparison.Ordinal);
        SfArtifactPublishResult result = await publication.PublishesAsync();
        Assert.InRange(result.BytesSent, 1, publication.Content.Length - Publication.Chunk);
    }

    [Fact]
    public async Task A_second_process_does_not_send_the_same_file()
    {
        await using Publication publication = await Publication.StartAsync();
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        publication.With(new Fault { Kind = FaultKind.Delay, Delay = TimeSpan.FromMilliseconds(500), When = _ => { started.TrySetResult(); return true; } });
        Task<SfArtifactPublishResult> first = publication.PublishesAsync();
        await started.Task.WaitAsync(Limit.Token);

        Assert.Equal(SfBlobTransferState.Active, Assert.Single(UploadJournal.Find(publication.StateDirectory)).State);
        await SfAssert.ThrowsAsync(SfErrors.TargetBusy, () => publication.RunAsync());
        await first;
    }

    /// <summary>A process that was killed between two requests left the upload, the staging artifact, or the new version, and a journal.</summary>
    [Theory]
    [InlineData("/artifacts/upload/sf-staging-*", "POST", false)]
    [InlineData("/artifacts/upload/sf-staging-*", "POST", true)]
    [InlineData("/blobs/*", "GET", false)]
    [InlineData("/artifacts/upload/debian-13", "POST", false)]
    [InlineData("/artifacts/upload/debian-13", "POST", true)]
    [InlineData("/artifacts/*", "DELETE", false)]
    [InlineData("/artifacts/*", "DELETE", true)]
    public async Task After_a_kill_at_any_request_the_next_run_completes_and_leaves_nothing(string path, string method, bool processed)
    {
        await using Publication publication = await Publication.StartAsync();
        publication.AddVersions();
        using CancellationTokenSource kill = CancellationTokenSource.CreateLinkedTokenSource(Limit.Token);
        publication.Cluster.Faults.Add(new Fault
        {
            Method = method,
            Path = path,
            Kind = processed ? FaultKind.LoseAnswer : FaultKind.CutBeforeHeaders,
            When = _ => { kill.Cancel(); return true; },
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publication.RunAsync(cancellationToken: kill.Token));
        publication.Cluster.Faults.Clear();

        SfArtifactPublishResult result = await publication.PublishesAsync();

        Assert.Equal(4, result.Version);
        Assert.Equal([2, 3, 4], publication.Artifact!.Versions.Keys);
    }

    [Theory]
    [InlineData(null, "/home/u/.local/state/shakenfist-blobs/uploads")]
    [InlineData("/var/state", "/var/state/shakenfist-blobs/uploads")]
    [InlineData("relative", "/home/u/.local/state/shakenfist-blobs/uploads")]
    [InlineData("", "/home/u/.local/state/shakenfist-blobs/uploads")]
    public void The_journals_are_in_the_state_directory_of_the_user(string? variable, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The paths are those of Unix.");
        Assert.Equal(expected, UploadJournal.DirectoryFor(name => name == "XDG_STATE_HOME" ? variable : null, isWindows: false, "/home/u"));
    }

    /// <summary>Stops an upload while it waits for the response to the append after this number of appends. The server has stored that one as well.</summary>
    private static async Task StopAtAsync(Publication publication, int appends, bool noDeduplication = false)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Limit.Token);
        publication.With(new Fault { Kind = FaultKind.Stall, Skip = appends, When = CancelsAfter(appends, stop) });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publication.RunAsync(o => o with { NoDeduplication = noDeduplication }, cancellationToken: stop.Token));
        publication.Cluster.Faults.Clear();
    }

    private static Func<RequestRecord, bool> CancelsAfter(int requests, CancellationTokenSource source)
    {
        int seen = 0;
        return _ =>
        {
            if (seen++ == requests)
            {
                source.CancelAfter(30);
            }

            return true;
        };
    }
}
