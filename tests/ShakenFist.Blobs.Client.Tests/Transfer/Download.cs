using System.Security.Cryptography;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Resilience;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>
/// A cluster with one blob, and a folder to save it to. After each transfer, the target is the old file or the whole blob, and the other files are those of a transfer
/// that can be resumed.
/// </summary>
internal sealed class Download : IAsyncDisposable
{
    private Download(Cluster cluster, EmulatedBlob blob, byte[] content)
    {
        Cluster = cluster;
        Blob = blob;
        Content = content;
    }

    public Cluster Cluster { get; }

    public EmulatedBlob Blob { get; }

    /// <summary>The correct content of the blob.</summary>
    public byte[] Content { get; }

    /// <summary>The record of the blob, after it was requested.</summary>
    public SfBlob? Record { get; private set; }

    public TempFolder Folder { get; } = new();

    public string Target => Folder.Target;

    public SfTransportOptions Options { get; set; } = Cluster.Quick;

    public string Namespace { get; set; } = "banana";

    public static Task<Download> StartAsync(int size, ServerGeneration generation = ServerGeneration.C, bool publish = true, Func<EmulatorOptions, EmulatorOptions>? change = null) =>
        StartAsync(Random(size), generation, publish, change);

    public static async Task<Download> StartAsync(byte[] content, ServerGeneration generation = ServerGeneration.C, bool publish = true, Func<EmulatorOptions, EmulatorOptions>? change = null)
    {
        Cluster cluster = await Cluster.StartAsync(generation, change);
        EmulatedBlob blob = EmulatedBlob.FromBytes(content);
        blob.PublishChecksums = publish;
        cluster.State.AddBlob(blob);
        return new Download(cluster, blob, content);
    }

    public static byte[] Random(int size)
    {
        byte[] content = new byte[size];
        new Random(size).NextBytes(content);
        return content;
    }

    public Download With(Fault fault)
    {
        Cluster.Faults.Add(fault with { Path = fault.Path == "*" ? "/blobs/*/data" : fault.Path });
        return this;
    }

    /// <summary>Returns the session and the record, like a command before it saves.</summary>
    public async Task<(SfSession Session, SfBlob Record)> PrepareAsync(bool resilient = false)
    {
        SfSession session = await Cluster.ConnectAsync(Options, Namespace, resilient);
        Record = await session.GetBlobAsync(Blob.Uuid, Cluster.Log, Limit.Token);
        return (session, Record);
    }

    public async Task<SfBlobSaveResult> RunAsync(SfBlobSaveOptions? options = null, string? path = null, bool resilient = false, CancellationToken? cancellationToken = null)
    {
        (SfSession session, SfBlob record) = await PrepareAsync(resilient);
        options ??= new SfBlobSaveOptions();
        return await session.SaveBlobDataAsync(record, path ?? Target, options with { CreateXxh128 = Xxh128.Create, RetryTimeout = options.RetryTimeout == SfBlobSaveOptions.DefaultRetryTimeout ? Cluster.RetryTimeout : options.RetryTimeout }, Cluster.Log, cancellationToken ?? Limit.Token);
    }

    /// <summary>Checks that the transfer succeeds, and that the file equals the blob.</summary>
    public async Task<SfBlobSaveResult> SavesAsync(SfBlobSaveOptions? options = null, bool resilient = false)
    {
        SfBlobSaveResult transfer = await RunAsync(options, resilient: resilient);
        Assert.True((await File.ReadAllBytesAsync(Target, Limit.Token)).AsSpan().SequenceEqual(Content), "The file is not the blob.");
        Assert.Equal(SfBlobSaveStatus.Saved, transfer.Status);
        Assert.Equal(Content.Length, transfer.Size);
        Assert.Equal(Blob.Uuid, transfer.BlobUuid);
        Assert.Equal(Target, transfer.Path);
        Folder.ContainsNoPartialFile();
        return transfer;
    }

    /// <summary>Checks that the transfer fails with this error, with and without an existing file. An old file is kept, and no new file is created.</summary>
    public async Task<SfException> FailsAsync(SfError error, SfBlobSaveOptions? options = null, bool resilient = false)
    {
        SfException e = await SfAssert.ThrowsAsync(error, () => RunAsync(options, resilient: resilient));
        Assert.False(File.Exists(Target));
        Folder.ContainsNothingOrResumableTransfers();
        return e;
    }

    /// <summary>Checks that the transfer fails with this error, and that the old file is kept.</summary>
    public async Task<SfException> FailsOverOldFileAsync(SfError error, bool resilient = false)
    {
        byte[] old = [7, 7, 7];
        Folder.Write("blob.raw", old);
        SfException e = await SfAssert.ThrowsAsync(error, () => RunAsync(new SfBlobSaveOptions { Force = true }, resilient: resilient));
        Assert.Equal(old, await File.ReadAllBytesAsync(Target, Limit.Token));
        Folder.ContainsNothingOrResumableTransfers();
        return e;
    }

    public string Sha512 => Convert.ToHexStringLower(SHA512.HashData(Content));

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        Folder.ContainsNothingOrResumableTransfers();
        Folder.Dispose();
    }
}
