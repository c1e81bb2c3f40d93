using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Resilience;

namespace ShakenFist.Blobs.Soak;

/// <summary>An emulated cluster with one blob, and a folder to save it to.</summary>
internal sealed class World : IAsyncDisposable
{
    private const string Key = "soak-key";
    private const string Namespace = "soak";

    private World(SfEmulator emulator, EmulatedBlob blob)
    {
        Emulator = emulator;
        Blob = blob;
    }

    public SfEmulator Emulator { get; }

    public EmulatedBlob Blob { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("sf-soak-").FullName;

    public string Target => Path.Combine(Folder, "blob.raw");

    public static async Task<World> StartAsync(EmulatedBlob blob, EmulatorOptions options)
    {
        SfEmulator emulator = await SfEmulator.StartAsync(options);
        emulator.State.AddNamespace(Namespace, Key);
        emulator.State.AddBlob(blob);
        return new World(emulator, blob);
    }

    /// <summary>Connects.</summary>
    public static Task<SfSession> ConnectAsync(Uri url, SfTransportOptions options) => PatientlyAsync(() => SfSession.ConnectAsync(
        new SfConnectionSettings(url, Namespace, Key, "the soak"), options,
        sockets => ResilientHandler.Create(sockets, options.AttemptTimeout, options.RetryDelay), NullLog.Instance, CancellationToken.None));

    /// <summary>Gets the blob's record.</summary>
    public Task<SfBlob> GetRecordAsync(SfSession session) => PatientlyAsync(() => session.GetBlobAsync(Blob.Uuid, NullLog.Instance, CancellationToken.None));

    /// <summary>Asks once more where a busy machine kept silent for longer than such an impatient session waits: that is not what is tried here.</summary>
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

    /// <summary>The file is the blob to the last byte, and nothing lies beside it.</summary>
    /// <exception cref="InvalidOperationException">It is not.</exception>
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

        string[] beside = [.. Directory.GetFiles(Folder).Where(f => f.EndsWith(".sfpart", StringComparison.Ordinal) || f.EndsWith(".sfjournal", StringComparison.Ordinal))];
        if (beside.Length > 0)
        {
            throw new InvalidOperationException($"There is more than the file: {string.Join(", ", beside)}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Emulator.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
