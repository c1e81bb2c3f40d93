using System.Diagnostics;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests.Properties.Machine;

/// <summary>Clusters of each generation with the same blob, and a real folder.</summary>
internal sealed class World : IAsyncDisposable
{
    /// <summary>The unit of block and request lengths: the maximum length of an error.</summary>
    public const int Unit = DataRequest.MaxErrorBytes;

    private static readonly byte[] OldBytes = [7, 7, 7];

    private readonly Dictionary<ServerGeneration, Cluster> _clusters = [];

    private World(byte[] content) => Content = content;

    public byte[] Content { get; }

    private Guid Uuid { get; } = Guid.NewGuid();

    private TempFolder Folder { get; } = new();

    private string Part => Folder.Target + PartialDownload.Suffix;

    private string Journal => Folder.Target + TransferJournal.Suffix;

    public static async Task<World> StartAsync(byte[] content, bool publish)
    {
        World world = new(content);
        foreach (ServerGeneration generation in Enum.GetValues<ServerGeneration>())
        {
            Cluster cluster = await Cluster.StartAsync(generation);
            EmulatedBlob blob = EmulatedBlob.FromBytes(content, world.Uuid);
            blob.PublishChecksums = publish;
            cluster.State.AddBlob(blob);
            world._clusters[generation] = cluster;
        }

        return world;
    }

    /// <summary>Deletes all files in the folder.</summary>
    public void Clear() => Array.ForEach(Directory.GetFiles(Folder.Path), File.Delete);

    /// <summary>Runs a command to its planned end.</summary>
    /// <returns>The result or the error. Neither if the command was stopped.</returns>
    public async Task<(SfBlobSaveResult? Transfer, SfError? Error)> RunAsync(Save save)
    {
        Cluster cluster = _clusters[save.Generation];
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Limit.Token);
        string remains = Folder.At("remains");
        int requests = 0;
        cluster.Emulator.ClearRequests();
        using SfSession session = await Cluster.ConnectAsync(
            cluster.Emulator.Url, Cluster.Quick with { BlockBytes = save.Part, RequestBytes = save.RequestBytes }, "banana", resilient: false, Cluster.Key, NullLog.Instance);
        SfBlob blob = await session.GetBlobAsync(Uuid, NullLog.Instance, Limit.Token);
        if (save.Knowledge == Knowledge.NoHash)
        {
            blob = blob with { Checksums = [], Sha512 = null };
        }

        // Requests of the previous command, which it canceled, can still be in progress.
        string token = cluster.Emulator.Requests.Last(r => r.Path.EndsWith($"{Uuid}", StringComparison.Ordinal)).Headers["Authorization"][0];
        bool IsOurs(RequestRecord request) => request.Headers["Authorization"][0] == token;
        cluster.Faults.Add(save.Ending == Ending.Wrong
            ? new Fault { Path = "/blobs/*/data", Kind = FaultKind.FlipBit, AfterBytes = 10 * Unit, Times = int.MaxValue, When = IsOurs }
            : save.Ending == Ending.Refused
            ? new Fault { Path = "/blobs/*/data", Kind = FaultKind.Status, Status = 403, Skip = save.After, Times = int.MaxValue, When = IsOurs }
            : new Fault { Path = "/blobs/*/data", When = request => IsOurs(request) && End() });
        SfBlobSaveOptions options = new()
        {
            Force = save.Force,
            Verification = save.Knowledge == Knowledge.Ignored ? SfVerificationPolicy.None : SfVerificationPolicy.IfAvailable,
            RetryTimeout = Cluster.RetryTimeout,
            Sparse = save.Sparse ? SfSparsePolicy.Always : SfSparsePolicy.Never,
            Limits = new SfTransferLimits(save.Connections),
            CreateXxh128 = Xxh128.Create,
        };
        try
        {
            return (await session.SaveBlobDataAsync(blob, Folder.Target, options, NullLog.Instance, stop.Token), null);
        }
        catch (SfException e)
        {
            return (null, e.Error);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            PutBack(remains);
            return (null, null);
        }
        finally
        {
            cluster.Faults.Clear();
            Array.ForEach(Directory.GetFiles(Folder.Path, "remains*"), File.Delete);
        }

        // The cluster calls this at each data request, before it responds.
        bool End()
        {
            if (requests++ == save.After && save.Ending is Ending.Stopped or Ending.Killed)
            {
                if (save.Ending == Ending.Killed)
                {
                    Copy(Journal, remains + TransferJournal.Suffix);
                    Copy(Part, remains + PartialDownload.Suffix);
                }

                stop.Cancel();
            }

            return false;
        }
    }

    /// <summary>The data requests of the last command, as text.</summary>
    public string Requests(Save save) => string.Join("; ", _clusters[save.Generation].Emulator.Requests.Where(r => r.Query.Length > 0).Select(r => $"{r.Query} {r.Status}"));

    /// <summary>Returns the state of the folder.</summary>
    public Found Look()
    {
        TargetIs target = !File.Exists(Folder.Target) ? TargetIs.Absent : File.ReadAllBytes(Folder.Target).AsSpan().SequenceEqual(Content) ? TargetIs.Blob : TargetIs.Old;
        Assert.True(target != TargetIs.Old || File.ReadAllBytes(Folder.Target).SequenceEqual(OldBytes), "The target is neither the old file nor the blob.");
        Assert.All(Directory.GetFiles(Folder.Path), file => Assert.Contains(file, new[] { Folder.Target, Part, Journal }));
        JournalContent? journal = TransferJournal.Read(Folder.Target);
        JournalIs journalIs = journal is null ? JournalIs.Absent : journal.Header is null || (journal.Header.Blob != Uuid && journal.Blocks.Count == 0) ? JournalIs.Damaged
            : journal.Header.Blob != Uuid ? JournalIs.OfOtherBlob
            : journal.HasMismatch ? JournalIs.Mismatch : JournalIs.Usable;
        byte[] part = File.Exists(Part) ? File.ReadAllBytes(Part) : [];
        Assert.InRange(part.Length, 0, Content.Length);
        if (journal?.Header?.File == FileStatus.At(Part)?.Identity.ToString())
        {
            // A truncated file gets its length back, and blocks of zeros are then correct again. The copy of a file is only read.
            Array.Resize(ref part, Content.Length);
        }

        int[] recorded = journalIs == JournalIs.Usable ? [.. journal!.Blocks.Keys.Order()] : [];
        int[] wrong = [.. recorded.Where(p => !IsRight(part, p, (int)journal!.Header!.BlockBytes))];
        long? bytes = File.Exists(Part) && journalIs == JournalIs.Usable ? recorded.Sum(p => (long)Slice(Content, p, (int)journal!.Header!.BlockBytes).Length) : null;
        long? reported = BlobTransferApi.Get(Folder.Target) is { State: SfBlobTransferState.Resumable } left && left.BlobUuid == Uuid ? left.BytesTransferred : null;
        Assert.Equal(bytes, reported);
        int[] provisional = [.. recorded.Where(p => journal!.Blocks[p].IsProvisional)];
        return new Found(target, File.Exists(Part), journalIs, recorded, wrong, provisional, journalIs is JournalIs.Usable or JournalIs.Mismatch && journal!.Header!.Checksums.Count > 0);
    }

    /// <summary>Applies a change to the folder, if it is possible, and to the model.</summary>
    public void Apply(Tamper tamper, Model model)
    {
        switch (tamper.What)
        {
            case Tampering.AlterPart when model.HasPart && model.Recorded.Count > 0 && new FileInfo(Part).Length > 0:
                Change(Part, f =>
                {
                    f.Position = tamper.Place * 97L % f.Length;
                    f.WriteByte((byte)~Content[f.Position]);
                });
                break;
            case Tampering.ShortenPart when model.HasPart:
                Change(Part, f => f.SetLength(f.Length * tamper.Place / 1001));
                break;
            case Tampering.RemovePart:
                File.Delete(Part);
                break;
            case Tampering.CutJournal when model.Journal != JournalIs.Absent:
                Change(Journal, f => f.SetLength(f.Length * tamper.Place / 1001));
                break;
            case Tampering.EditJournal when model.Journal != JournalIs.Absent:
                Change(Journal, f =>
                {
                    f.Position = Math.Min(tamper.Place % 100, f.Length);
                    f.WriteByte((byte)'~');
                });
                break;
            case Tampering.RemoveJournal:
                File.Delete(Journal);
                break;
            case Tampering.LeaveOtherBlobs:
                using (TransferJournal journal = TransferJournal.Create(Folder.Target, new JournalHeader { Blob = Guid.NewGuid(), Size = Content.Length, BlockBytes = Unit, BlockHash = "XXH128" }, new BlockTable(Content.Length, Unit)))
                {
                    journal.Add(0, 1, provisional: false);
                }

                File.WriteAllBytes(Part, new byte[Unit]);
                break;
            case Tampering.PutOldFile:
                File.WriteAllBytes(Folder.Target, OldBytes);
                break;
            case Tampering.PutRightFile:
                File.WriteAllBytes(Folder.Target, Content);
                break;
            case Tampering.RemoveFile:
                File.Delete(Folder.Target);
                break;
            case Tampering.RemoveTransfer when BlobTransferApi.Get(Folder.Target) is { } left:
                BlobTransferApi.Remove(left);
                break;
        }

        Found found = Look();
        model.PutTarget(found.Target);
        model.Adopt(found);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Cluster cluster in _clusters.Values)
        {
            await cluster.DisposeAsync();
        }

        Folder.Dispose();
    }

    private bool IsRight(byte[] file, int part, int partBytes) => Slice(file, part, partBytes).SequenceEqual(Slice(Content, part, partBytes));

    private static ReadOnlySpan<byte> Slice(byte[] bytes, int part, int partBytes)
    {
        int from = Math.Min(bytes.Length, part * partBytes);
        return bytes.AsSpan(from, Math.Min(partBytes, bytes.Length - from));
    }

    private void PutBack(string remains)
    {
        if (File.Exists(remains + PartialDownload.Suffix))
        {
            File.Move(remains + PartialDownload.Suffix, Part, overwrite: true);
            File.Move(remains + TransferJournal.Suffix, Journal, overwrite: true);
        }
    }

    /// <summary>Copies a file that this process has locked, as another program would read it.</summary>
    private static void Copy(string from, string to)
    {
        ProcessStartInfo command = OperatingSystem.IsWindows() ? new("cmd", ["/c", "copy", "/b", from, to]) : new("cp", [from, to]);
        using Process copying = Process.Start(command)!;
        copying.WaitForExit();
    }

    private static void Change(string path, Action<FileStream> change)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite);
        change(file);
    }
}
