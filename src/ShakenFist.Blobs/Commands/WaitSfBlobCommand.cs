using System.Globalization;
using System.Management.Automation;
using ShakenFist.Blobs.Parameters;
using ShakenFist.Blobs.Pipeline;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Commands;

/// <summary>Waits until blobs reach a state, and returns them.</summary>
[Cmdlet(VerbsLifecycle.Wait, "SfBlob")]
[OutputType(typeof(SfBlob))]
public sealed class WaitSfBlobCommand : SfBlobCmdlet
{
    private const int ActivityId = 0x5D_0001;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Specifies the state. The default is created. If a blob reaches the state error or deleted instead, an error is reported.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BlobStateCompleter))]
    public string State { get; set; } = "created";

    /// <summary>Specifies how many seconds the command waits, for all blobs together. The default is 600. With 0, the state of each blob is checked once.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0, 86400)]
    public int TimeoutSeconds { get; set; } = 600;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        CommandTimeLimit = new TimeLimit(TimeSpan.FromSeconds(TimeoutSeconds), TimeProvider.System);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SfSession session = ResolveSession();
        foreach (Guid uuid in ResolveUuids(Uuid))
        {
            string? seen = null;
            RunFor(
                uuid,
                async (sink, stop) => await sink.WriteObjectAsync(await WaitAsync(session, uuid, state => Volatile.Write(ref seen, state), sink, stop).ConfigureAwait(false)).ConfigureAwait(false),
                () => Progress(uuid, Volatile.Read(ref seen)));
        }
    }

    private async Task<SfBlob> WaitAsync(SfSession session, Guid uuid, Action<string?> seen, PipelineSink sink, CancellationToken stop)
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

            // A blob in state error can still be deleted.
            if (blob.State == "deleted" || (blob.State == "error" && !string.Equals(State, "deleted", StringComparison.OrdinalIgnoreCase)))
            {
                throw new SfException(SfErrors.BlobStateFinal, $"Blob {uuid:D} is in state {blob.State} and can no longer reach state {State}.");
            }

            if (!await CommandTimeLimit!.DelayAsync(pause, stop).ConfigureAwait(false))
            {
                throw new SfException(SfErrors.WaitTimeout, $"Blob {uuid:D} was still in state '{ServerText.Clean(blob.State, 40)}' after {TimeoutSeconds} s.");
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private ProgressRecord Progress(Guid uuid, string? state) => new(
        ActivityId,
        $"Waiting for blob {uuid:D} to reach state {State}",
        string.Create(CultureInfo.CurrentCulture, $"State: {(state is null ? "not known yet" : ServerText.Clean(state, 40))}, {CommandTimeLimit!.Elapsed.TotalSeconds:0} of {TimeoutSeconds} s"))
    {
        PercentComplete = PaceSample.PercentOf(CommandTimeLimit!.Elapsed.TotalSeconds, TimeoutSeconds),
    };
}
