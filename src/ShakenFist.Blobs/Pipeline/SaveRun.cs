using System.Collections.Concurrent;
using System.Globalization;
using ShakenFist.Blobs.Images;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>
/// Runs the transfers of one command: contains what they share (connections, bandwidth, time limit), and the work before and after each of them. It is used by a cmdlet
/// as well as by a job.
/// </summary>
internal sealed class SaveRun : IDisposable
{
    // The time to wait for the first data while the command has not received any response.
    private static readonly TimeSpan FirstAnswerTimeout = TimeSpan.FromSeconds(10);

    private readonly SfSession _session;
    private readonly SfBlobSaveOptions _options;
    private readonly TimeLimit _timeLimit;
    private volatile bool _hasAnswered;
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(SaveTarget.FileNames);
    private readonly ConcurrentDictionary<string, Guid> _targets = new(SaveTarget.FileNames);
    private readonly ConcurrentDictionary<string, Guid> _dependencies = new(SaveTarget.FileNames);

    /// <summary>Creates the run, which owns <paramref name="timeLimit"/>.</summary>
    public SaveRun(SfSession session, SfBlobSaveOptions options, TimeLimit timeLimit)
    {
        _session = session;
        Board = new ProgressBoard(session.Options.TimeProvider);
        _timeLimit = timeLimit;
        _options = options with { TimeLimit = timeLimit.Token };
    }

    /// <summary>Gets whether a record of each transfer is returned.</summary>
    public bool PassThru { get; init; }

    /// <summary>Gets whether the dependencies of an image are saved as well.</summary>
    public bool IncludeDependency { get; init; }

    /// <summary>Gets whether a cluster that cannot be reached is retried even before it has responded for the first time.</summary>
    public bool RetriesFirstRequest { get; init; }

    /// <summary>Gets the running transfers.</summary>
    public ProgressBoard Board { get; }

    /// <summary>Gets the number of transfers to run in parallel. It is larger than the number of connections, because small transfers spend part of their time off the network.</summary>
    public int MaxConcurrency => Math.Max(8, _options.Limits!.Connections + 4);

    /// <summary>Gets a blob. After the cluster has responded for the first time, a failure is retried as for data.</summary>
    /// <exception cref="SfException">The blob does not exist, or the time limit was reached.</exception>
    public Task<SfBlob> LookUpAsync(Guid blob, ISfLog log, CancellationToken stop) => WithinTimeLimitAsync(
        blob,
        async token =>
        {
            SfBlob record = await _session.GetBlobWithRetryAsync(blob, _hasAnswered || RetriesFirstRequest ? _options.RetryTimeout : TimeSpan.Zero, log, token).ConfigureAwait(false);
            _hasAnswered = true;
            return record;
        },
        stop);

    /// <summary>Runs work that is stopped when the time limit is reached.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.TimeLimitReached"/>.</exception>
    public async Task<T> WithinTimeLimitAsync<T>(Guid blob, Func<CancellationToken, Task<T>> work, CancellationToken stop)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop, _timeLimit.Token);
        try
        {
            either.Token.ThrowIfCancellationRequested();
            return await work(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_timeLimit.Token.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new SfException(SfErrors.TimeLimitReached, $"The time limit was reached before the transfer of blob {blob:D} started.");
        }
    }

    /// <summary>Gets what <see cref="SaveAsync"/> would do to the file of a blob.</summary>
    /// <exception cref="SfException">The blob cannot be saved.</exception>
    public Task<SavePreview> PreviewAsync(SfBlob blob, string file, ITransferOutput output, CancellationToken stop) =>
        WithinTimeLimitAsync(blob.Uuid, token => _session.PreviewSaveAsync(blob, file, _options, output, token), stop);

    /// <summary>Saves a blob for a job.</summary>
    /// <exception cref="SfException">The blob itself cannot be saved.</exception>
    public async Task<bool> SaveForJobAsync(PlannedSave save, ITransferOutput output, CancellationToken stop)
    {
        try
        {
            await SaveAsync(save.Blob, save.File, output, stop).ConfigureAwait(false);
            return true;
        }
        finally
        {
            Board.End();
        }
    }

    /// <summary>Saves a blob and, if requested, its dependencies.</summary>
    /// <exception cref="SfException">The blob itself cannot be saved.</exception>
    public async Task SaveAsync(SfBlob blob, string file, ITransferOutput output, CancellationToken stop)
    {
        _ = Reserve(_targets, file, blob.Uuid);
        EnsureFree(_dependencies, file, blob.Uuid);
        await SaveOneAsync(blob, file, _options, output, stop).ConfigureAwait(false);
        await SaveDependencyAsync(blob, file, [blob.Uuid], output, stop).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _timeLimit.Dispose();
        foreach (SemaphoreSlim turn in _turns.Values)
        {
            turn.Dispose();
        }
    }

    private async Task SaveOneAsync(SfBlob blob, string file, SfBlobSaveOptions options, ITransferOutput output, CancellationToken stop)
    {
        // The same file can be saved for a blob itself and as a dependency of another blob. These transfers run one after the other.
        SemaphoreSlim turn = _turns.GetOrAdd(file, _ => new SemaphoreSlim(1));
        await turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            DownloadProgress progress = new();
            string activity = $"Saving {ServerText.Clean(Path.GetFileName(file), 80)}";
            using IDisposable shown = Board.Show(new TransferProgress(activity, progress, _session.Options.TimeProvider));
            SfBlobSaveOptions own = options with { Progress = progress, InitialRetryTimeout = _hasAnswered || RetriesFirstRequest ? null : FirstAnswerTimeout };
            SfBlobSaveResult transfer = await _session.SaveBlobDataAsync(blob, file, own, output, stop).ConfigureAwait(false);
            _hasAnswered = true;
            if (transfer.Verification == SfVerificationOutcome.NotPublished)
            {
                output.Warning($"Blob {blob.Uuid:D} was saved to '{file}' but not verified, because the cluster has not published its hash. Its length is correct.");
            }

            if (PassThru)
            {
                await output.WriteObjectAsync(transfer).ConfigureAwait(false);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task SaveDependencyAsync(SfBlob blob, string file, HashSet<Guid> chain, ITransferOutput output, CancellationToken stop)
    {
        if (blob.DependsOn is not { } uuid)
        {
            return;
        }

        if (!IncludeDependency)
        {
            output.Verbose($"Blob {blob.Uuid:D} depends on blob {uuid:D}, which is not saved. To save it as well, specify -IncludeDependency.");
            return;
        }

        if (!chain.Add(uuid))
        {
            output.Warning($"Blob {uuid:D} depends on itself through other blobs. Stopped following its dependencies.");
            return;
        }

        try
        {
            SfBlob below = await LookUpAsync(uuid, output, stop).ConfigureAwait(false);
            string? named = await BackingFileOfAsync(file, stop).ConfigureAwait(false);
            bool byName = named is not null && BlobFileName.IsPlain(named);
            string belowFile = Path.Combine(Path.GetDirectoryName(file)!, byName ? named! : BlobFileName.Of(below));
            EnsureFree(_targets, belowFile, uuid);
            if (Reserve(_dependencies, belowFile, uuid))
            {
                // A file name from the image header does not replace an existing file.
                await SaveOneAsync(below, belowFile, byName ? _options with { Force = false } : _options, output, stop).ConfigureAwait(false);
                await SaveDependencyAsync(below, belowFile, chain, output, stop).ConfigureAwait(false);
            }

            if (named is not null && !byName)
            {
                string format = below.FileFormat is { Length: > 0 } known && known.All(char.IsAsciiLetterOrDigit) ? known : "raw";
                output.Warning(string.Create(CultureInfo.InvariantCulture,
                    $"'{file}' refers to its backing file by a path on the cluster. To use the saved file, run: qemu-img rebase -u -F {format} -b '{belowFile}' '{file}'"));
            }
        }
        catch (SfException e)
        {
            // The blob itself has been saved and reported.
            output.Error(e, uuid);
        }
    }

    /// <summary>Reserves a file for a blob. Returns false if it is already reserved for the same blob.</summary>
    /// <exception cref="SfException">The file is reserved for another blob.</exception>
    private static bool Reserve(ConcurrentDictionary<string, Guid> files, string file, Guid blob)
    {
        bool isFirst = files.TryAdd(file, blob);
        EnsureFree(files, file, blob);
        return isFirst;
    }

    // Two images can use the same name for different backing files, and a backing file can have the name of an image.
    private static void EnsureFree(ConcurrentDictionary<string, Guid> files, string file, Guid blob)
    {
        if (files.TryGetValue(file, out Guid other) && other != blob)
        {
            throw new SfException(SfErrors.TargetRepeated, $"Blob {blob:D} and blob {other:D} would both be saved as '{file}'.");
        }
    }

    private static async Task<string?> BackingFileOfAsync(string file, CancellationToken stop)
    {
        using FileImageSource source = new(file);
        return (await ImageProbe.ProbeAsync(source, stop).ConfigureAwait(false)).BackingFile;
    }
}
