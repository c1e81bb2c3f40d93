using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Resilience;

namespace ShakenFist.Blobs.Soak;

/// <summary>An emulated cluster with one blob, and a folder to save it to.</summary>
internal sealed class World : IAsyncDisposable
{
    private const string Key = "soak-key";
    private const string Namespace = "soak";

    private readonly EmulatorOptions _options;

    private World(SfEmulator emulator, EmulatedBlob blob, EmulatorOptions options)
    {
        Emulator = emulator;
        Blob = blob;
        _options = options;
        Folder = Directory.CreateDirectory(Path.Combine(Root, "folder")).FullName;
        Elsewhere = Directory.CreateDirectory(Path.Combine(Root, "elsewhere")).FullName;
    }

    public SfEmulator Emulator { get; private set; }

    public EmulatedBlob Blob { get; }

    /// <summary>The parent of both folders.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("sf-soak-").FullName;

    /// <summary>The folder of the target.</summary>
    public string Folder { get; }

    /// <summary>The folder of the files of other programs, on the same file system.</summary>
    public string Elsewhere { get; }

    public string Target => Path.Combine(Folder, "blob.raw");

    public static async Task<World> StartAsync(EmulatedBlob blob, EmulatorOptions options)
    {
        SfEmulator emulator = await SfEmulator.StartAsync(options);
        emulator.State.AddNamespace(Namespace, Key);
        emulator.State.AddBlob(blob);
        return new World(emulator, blob, options);
    }

    /// <summary>Adds another blob.</summary>
    public void Add(EmulatedBlob blob) => Emulator.State.AddBlob(blob);

    /// <summary>Stops the cluster, and restarts it with the same address and blobs.</summary>
    public async Task RestartAsync(TimeSpan after, TimeSpan away)
    {
        await Task.Delay(after);
        EmulatedBlob[] blobs = [.. Emulator.State.Blobs];
        int port = Emulator.Url.Port;
        await Emulator.DisposeAsync();
        await Task.Delay(away);
        Emulator = await SfEmulator.StartAsync(_options with { Port = port });
        Emulator.State.AddNamespace(Namespace, Key);
        Array.ForEach(blobs, blob => Emulator.State.AddBlob(blob));
    }

    /// <summary>Returns targets in the other folder, for links of the same name, that have a temporary file or a journal next to them.</summary>
    public string[] LeftoversElsewhere() =>
    [
        .. Directory.GetFiles(Elsewhere, "*.sf*").Select(f => f[..f.IndexOf(".sf", Root.Length, StringComparison.Ordinal)]).Distinct(),
    ];

    /// <summary>Connects.</summary>
    public static Task<SfSession> ConnectAsync(Uri url, SfTransportOptions options) => PatientlyAsync(() => SfSession.ConnectAsync(
        new SfConnectionSettings(url, Namespace, Key, "the soak"), options,
        sockets => ResilientHandler.Create(sockets, options.AttemptTimeout, options.RetryDelay), NullLog.Instance, CancellationToken.None));

    /// <summary>Gets the record of the blob.</summary>
    public Task<SfBlob> GetRecordAsync(SfSession session) => GetRecordAsync(session, Blob);

    /// <summary>Gets the record of a blob.</summary>
    public static Task<SfBlob> GetRecordAsync(SfSession session, EmulatedBlob blob) => PatientlyAsync(() => session.GetBlobAsync(blob.Uuid, NullLog.Instance, CancellationToken.None));

    /// <summary>Retries if a busy computer did not respond within the short time limit of the session, because that is not tested here.</summary>
    private static async Task<T> PatientlyAsync<T>(Func<Task<T>> ask)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await ask();
            }
            catch (SfException e) when (e.Error == SfErrors.ResponseStalled && attempt < 20)
            {
                await Task.Delay(TimeSpan.FromSeconds(0.1 * attempt));
            }
        }
    }

    /// <summary>Checks that the file equals the blob, and that there are no other files.</summary>
    /// <exception cref="InvalidOperationException">The check failed.</exception>
    public void CheckFile(string target)
    {
        BlobContent content = Blob.Content!;
        using FileStream file = File.OpenRead(target);
        if (file.Length != content.Length)
        {
            throw new InvalidOperationException($"The file has {file.Length} bytes, the blob {content.Length}.");
        }

        byte[] there = new byte[1 << 20];
        byte[] due = new byte[1 << 20];
        for (long at = 0; at < content.Length; at += there.Length)
        {
            int count = (int)Math.Min(there.Length, content.Length - at);
            file.ReadExactly(there, 0, count);
            content.Read(at, due.AsSpan(0, count));
            if (!there.AsSpan(0, count).SequenceEqual(due.AsSpan(0, count)))
            {
                int[] wrong = [.. Enumerable.Range(0, count).Where(i => there[i] != due[i])];
                throw new InvalidOperationException($"SILENT CORRUPTION: {wrong.Length} bytes from {at + wrong[0]} to {at + wrong[^1]}.");
            }
        }

        string[] beside = [.. Directory.GetFileSystemEntries(Folder).Where(f => f.Contains(".sf", StringComparison.Ordinal))];
        if (beside.Length > 0)
        {
            throw new InvalidOperationException($"There is more than the file: {string.Join(", ", beside)}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Emulator.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }
}
