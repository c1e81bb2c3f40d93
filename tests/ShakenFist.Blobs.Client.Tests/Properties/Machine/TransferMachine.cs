using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests.Properties.Machine;

/// <summary>
/// Compares whole histories of transfers with a model. A history contains saves that complete, are rejected, stopped, or killed, each with different connections,
/// request sizes, servers, options, and hashes, and changes of the files in between. After each step, the outcome and the folder must match the model.
/// </summary>
public sealed class TransferMachine
{
    private static readonly byte[] Content = Disk();

    [Cases(40, EndSize = 25)]
    public Property A_history_of_a_blob_with_a_published_hash_matches_the_model() => Prop.ForAll(Given.List(Command.Any(publish: true)), history => PlayedAsync(history, publish: true).GetAwaiter().GetResult());

    [Cases(40, EndSize = 25)]
    public Property A_history_of_a_blob_without_a_published_hash_matches_the_model() => Prop.ForAll(Given.List(Command.Any(publish: false)), history => PlayedAsync(history, publish: false).GetAwaiter().GetResult());

    private static async Task<bool> PlayedAsync(Command[] history, bool publish)
    {
        await using World world = await World.StartAsync(Content, publish);
        Model model = new(Content.Length, publish);
        foreach (Command command in history)
        {
            if (command is Tamper tamper)
            {
                world.Apply(tamper, model);
            }
            else if (command is Save save)
            {
                await PlayAsync(world, model, save);
            }
        }

        return true;
    }

    private static async Task PlayAsync(World world, Model model, Save save)
    {
        TargetIs before = model.Target;
        bool verifies = model.Verifies(save);
        if (save.Ending == Ending.Wrong && !verifies)
        {
            save = save with { Ending = Ending.Itself };
        }

        long missing = Content.Length;
        Outcome due = model.Apply(save);
        (SfBlobSaveResult? transfer, SfError? error) = await world.RunAsync(save);
        bool done = transfer is not null;
        if (done && due.MayEnd)
        {
            model.Ended();
        }
        else
        {
            Assert.Equal(due.Error, error);
            Assert.Equal(due.Error is null && !due.Stopped, done);
        }

        if (transfer is not null)
        {
            Assert.Equal(due.Status, transfer.Status);
            Assert.Equal(due.Resumed, transfer.BytesResumed);
            missing = transfer.Status == SfBlobSaveStatus.Saved ? Content.Length - due.Resumed : 0;
            Assert.InRange(transfer.BytesReceived, missing, Math.Max(missing, due.MaxReceived));
            Assert.Equal(
                save.Knowledge == Knowledge.Ignored ? SfVerificationOutcome.NotVerified : verifies ? SfVerificationOutcome.Verified : SfVerificationOutcome.NotPublished, transfer.Verification);
        }

        Found found = world.Look();
        (TargetIs target, bool hasPart, JournalIs journal, int[] recorded, int[] wrong, _, bool remembers) = found;
        Assert.Equal(done ? TargetIs.Blob : before, target);
        Assert.Equal(model.Target, target);
        if (!done && model.IsLoose)
        {
            // The model does not determine which blocks were received in time. The recorded blocks must be in the file, and received data must be kept unless it could
            // not be verified: if a wrong offset cannot be detected, everything after a gap is fetched with one request.
            Assert.Equal(error == SfErrors.HashMismatch, journal == JournalIs.Mismatch);
            Assert.Equal(journal != JournalIs.Absent && model.Remembers, remembers);
            if (journal == JournalIs.Mismatch)
            {
                // The file is kept for inspection, and no command completes it.
                model.Adopt(found);
                return;
            }

            Assert.Empty(wrong);
            Assert.True((save.Generation == ServerGeneration.A && !verifies) || model.Recorded.IsSubsetOf(recorded), "Parts were lost.");
            Assert.Equal(recorded.Length > 0 || save.Ending == Ending.Killed, hasPart);
            model.Adopt(found);
            return;
        }

        Assert.Equal((model.HasPart, model.Journal, model.Remembers), (hasPart, journal, remembers));
        Assert.True(model.Recorded.SetEquals(recorded), $"There are the parts {string.Join(' ', recorded)} and should be {string.Join(' ', model.Recorded.Order())}; requests: {world.Requests(save)}");
        Assert.Equal(model.Wrong.Order(), wrong);
        Assert.Equal(model.Provisional.Order(), found.Provisional);
    }

    /// <summary>Creates a disk of some data and many zeros for sparse files.</summary>
    private static byte[] Disk()
    {
        byte[] disk = new byte[(21 * World.Unit) + 1234];
        new Random(5).NextBytes(disk.AsSpan(0, 9 * World.Unit));
        new Random(6).NextBytes(disk.AsSpan(15 * World.Unit));
        return disk;
    }
}
