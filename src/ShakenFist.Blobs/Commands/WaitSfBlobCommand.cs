using System.Globalization;
using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Commands;

/// <summary>Waits until blobs are in a state, and outputs them then.</summary>
[Cmdlet(VerbsLifecycle.Wait, "SfBlob")]
[OutputType(typeof(SfBlob))]
public sealed class WaitSfBlobCommand : SfBlobCmdlet
{
    private const int ActivityId = 0x5D_0001;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>The state to wait for, created unless told otherwise. A blob that ends in error or deleted instead is an error.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BlobStateCompleter))]
    public string State { get; set; } = "created";

    /// <summary>Seconds to wait for each blob, 600 unless told otherwise.</summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int TimeoutSeconds { get; set; } = 600;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        foreach (Guid uuid in Named(Uuid))
        {
            Deadline deadline = new(TimeSpan.FromSeconds(TimeoutSeconds), session.Options.TimeProvider);
            string? seen = null;
            RunFor(
                uuid,
                async (sink, stop) => await sink.WriteObjectAsync(await WaitAsync(session, uuid, deadline, state => Volatile.Write(ref seen, state), sink, stop).ConfigureAwait(false)).ConfigureAwait(false),
                () => Progress(uuid, Volatile.Read(ref seen), deadline));
        }
    }

    private async Task<SfBlob> WaitAsync(SfSession session, Guid uuid, Deadline deadline, Action<string?> seen, PipelineSink sink, CancellationToken stop)
    {
        TimeSpan pause = FirstPause;
        while (true)
        {
            SfBlob blob = await session.GetBlobAsync(uuid, sink, stop).ConfigureAwait(false);
            seen(blob.State);
            if (string.Equals(blob.State, State, StringComparison.OrdinalIgnoreCase))
            {
                return blob;
            }

            // What has failed can still be deleted.
            if (blob.State == "deleted" || (blob.State == "error" && !string.Equals(State, "deleted", StringComparison.OrdinalIgnoreCase)))
            {
                throw new SfException(SfErrors.BlobStateFinal, $"Blob {uuid:D} is in state {blob.State} and will not come to be {State}.");
            }

            if (!await deadline.DelayAsync(pause, stop).ConfigureAwait(false))
            {
                throw new SfException(SfErrors.WaitTimeout, $"Blob {uuid:D} was still in state '{ServerText.Clean(blob.State, 40)}' after {TimeoutSeconds} s.");
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private ProgressRecord Progress(Guid uuid, string? state, Deadline deadline) => new(
        ActivityId,
        $"Waiting for blob {uuid:D} to be {State}",
        string.Create(CultureInfo.CurrentCulture, $"It is {(state is null ? "not known yet" : ServerText.Clean(state, 40))}; {deadline.Elapsed.TotalSeconds:0} of {TimeoutSeconds} s"))
    {
        PercentComplete = PaceSample.PercentOf(deadline.Elapsed.TotalSeconds, TimeoutSeconds),
    };
}
