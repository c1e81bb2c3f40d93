using System.Collections.Concurrent;
using System.Globalization;
using ShakenFist.Blobs.Images;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Pipeline;

/// <summary>
/// The transfers of one command: what they share (connections, bandwidth, the time they have), and what is done around each of them. It runs behind a cmdlet as
/// well as in a job.
/// </summary>
internal sealed class SaveRun : IDisposable
{
    // How long a command that has not had an answer yet waits for the first data.
    private static readonly TimeSpan FirstAnswerTimeout = TimeSpan.FromSeconds(10);

    private readonly SfSession _session;
    private readonly SfDownloadOptions _options;
    private readonly CancellationTokenSource _deadline = new();
    private volatile bool _hasAnswered;
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(SaveTarget.FileNames);
    private readonly ConcurrentDictionary<string, Guid> _dependencies = new(SaveTarget.FileNames);

    /// <summary>Begins; the time for all of it runs from now.</summary>
    public SaveRun(SfSession session, SfDownloadOptions options, TimeSpan? timeLeft)
    {
        _session = session;
        _options = options with { Deadline = _deadline.Token };
        if (timeLeft <= TimeSpan.Zero)
        {
            _deadline.Cancel();
        }
        else if (timeLeft is { } left && left.TotalMilliseconds < int.MaxValue)
        {
            _deadline.CancelAfter(left);
        }
    }

    /// <summary>Output a record of each transfer.</summary>
    public bool PassThru { get; init; }

    /// <summary>Save what an image depends on as well.</summary>
    public bool IncludeDependency { get; init; }

    /// <summary>Wait for a cluster that cannot be reached even before it has answered once.</summary>
    public bool WaitsFromTheStart { get; init; }

    /// <summary>The transfers that are under way.</summary>
    public ProgressBoard Board { get; } = new();

    /// <summary>Transfers worth having under way at a time: small ones need more than there are connections, since not all of their time goes to the network.</summary>
    public int MostAtOnce => Math.Max(8, _options.Limits!.Connections + 4);

    /// <summary>Gets the record of a blob. Once the cluster has answered, a failure is retried as for data.</summary>
    /// <exception cref="SfException">There is no such blob, or the time is over.</exception>
    public Task<SfBlob> LookUpAsync(Guid blob, ISfLog log, CancellationToken stop) => WithinDeadlineAsync(
        blob,
        async token =>
        {
            SfBlob record = await _session.GetBlobWithRetryAsync(blob, _hasAnswered || WaitsFromTheStart ? _options.RetryTimeout : TimeSpan.Zero, log, token).ConfigureAwait(false);
            _hasAnswered = true;
            return record;
        },
        stop);

    /// <summary>Does work that ends with the time there is for all.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.DeadlineReached"/>.</exception>
    public async Task<T> WithinDeadlineAsync<T>(Guid blob, Func<CancellationToken, Task<T>> work, CancellationToken stop)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop, _deadline.Token);
        try
        {
            either.Token.ThrowIfCancellationRequested();
            return await work(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_deadline.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new SfException(SfErrors.DeadlineReached, $"The time was over before blob {blob:D} had its turn.");
        }
    }

    /// <summary>Saves a blob, and with it what it depends on.</summary>
    /// <exception cref="SfException">The blob itself could not be saved.</exception>
    public async Task SaveAsync(SfBlob blob, string file, ITransferOutput output, CancellationToken stop)
    {
        await SaveOneAsync(blob, file, _options, output, stop).ConfigureAwait(false);
        await SaveDependencyAsync(blob, file, [blob.Uuid], output, stop).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _deadline.Dispose();
        foreach (SemaphoreSlim turn in _turns.Values)
        {
            turn.Dispose();
        }
    }

    private async Task SaveOneAsync(SfBlob blob, string file, SfDownloadOptions options, ITransferOutput output, CancellationToken stop)
    {
        // The same file twice, as one blob's own and as what another one depends on: one after the other.
        SemaphoreSlim turn = _turns.GetOrAdd(file, _ => new SemaphoreSlim(1));
        await turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            BlobDownload download = new(_session, blob, file, options with { InitialRetryTimeout = _hasAnswered || WaitsFromTheStart ? null : FirstAnswerTimeout }, output);
            string activity = $"Saving blob {blob.Uuid:D} to {ServerText.Clean(Path.GetFileName(file), 80)}";
            using IDisposable shown = Board.Show(new TransferProgress(activity, download.Progress, _session.Options.TimeProvider));
            SfBlobTransfer transfer = await download.RunAsync(stop).ConfigureAwait(false);
            _hasAnswered = true;
            if (transfer.Verification == SfVerificationOutcome.NotPublished)
            {
                output.Warning($"Blob {blob.Uuid:D} was saved to '{file}' but not verified: the cluster has published no checksum of it. Its length is right.");
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
            output.Verbose($"Blob {blob.Uuid:D} depends on blob {uuid:D}, which is not saved with it without -IncludeDependency.");
            return;
        }

        if (!chain.Add(uuid))
        {
            output.Warning($"Blob {uuid:D} depends on itself by way of others: its chain ends here.");
            return;
        }

        try
        {
            SfBlob below = await LookUpAsync(uuid, output, stop).ConfigureAwait(false);
            string? named = await BackingFileOfAsync(file, stop).ConfigureAwait(false);
            bool byName = named is not null && BlobFileName.IsPlain(named);
            string belowFile = Path.Combine(Path.GetDirectoryName(file)!, byName ? named! : BlobFileName.Of(below));
            if (_dependencies.TryAdd(belowFile, uuid))
            {
                // A name that the image chose replaces nothing.
                await SaveOneAsync(below, belowFile, byName ? _options with { Force = false } : _options, output, stop).ConfigureAwait(false);
                await SaveDependencyAsync(below, belowFile, chain, output, stop).ConfigureAwait(false);
            }
            else if (_dependencies[belowFile] is var other && other != uuid)
            {
                // Two images that call different backing files by one name: each would take the other's for its own.
                throw new SfException(SfErrors.TargetRepeated, $"Blob {uuid:D} and blob {other:D} would both be saved as '{belowFile}'.");
            }

            if (named is not null && !byName)
            {
                string format = below.FileFormat is { Length: > 0 } known && known.All(char.IsAsciiLetterOrDigit) ? known : "raw";
                output.Warning(string.Create(CultureInfo.InvariantCulture,
                    $"'{file}' names its backing file by a path of the cluster. To make it use the one saved beside it: qemu-img rebase -u -F {format} -b '{belowFile}' '{file}'"));
            }
        }
        catch (SfException e)
        {
            // The blob itself has been saved and told of.
            output.Error(e, uuid);
        }
    }

    private static async Task<string?> BackingFileOfAsync(string file, CancellationToken stop)
    {
        using FileImageSource source = new(file);
        return (await ImageProbe.ProbeAsync(source, stop).ConfigureAwait(false)).BackingFile;
    }
}
