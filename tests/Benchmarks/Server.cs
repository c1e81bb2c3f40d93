using System.Diagnostics;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>An emulated cluster in a process of its own, so that its memory and its time are not counted as the module's.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly Process _process;

    private Server(Process process, string url, string token, Guid blob)
    {
        _process = process;
        Url = url;
        Token = token;
        Blob = blob;
    }

    public string Url { get; }

    /// <summary>A token of the administrator, for tools that cannot log in by themselves.</summary>
    public string Token { get; }

    public string Key { get; } = DemoCluster.AdminKey;

    /// <summary>The only blob of a cluster of data.</summary>
    public Guid Blob { get; }

    /// <summary>One generated blob of <paramref name="size"/> bytes for the kind "data", or that many small records for "records".</summary>
    public static async Task<Server> StartAsync(string kind, long size)
    {
        Process process = Child.Start("serve", kind, $"{size}");
        string[] said = (await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The emulator did not start.")).Split(' ');
        return new Server(process, said[0], said[1], Guid.Parse(said[2]));
    }

    /// <summary>The role of the other process: serves until its input ends.</summary>
    public static async Task<int> RunAsync(string kind, long size)
    {
        await using SfEmulator emulator = await SfEmulator.StartAsync(new EmulatorOptions { KeepAlive = true });
        emulator.State.AddNamespace(DemoCluster.AdminNamespace, DemoCluster.AdminKey, admin: true);
        EmulatedBlob first = kind == "data" ? EmulatedBlob.Generated(size, seed: 1, publishChecksums: true) : new EmulatedBlob { Size = 1 };
        emulator.State.AddBlob(first);
        for (long i = 1; kind == "records" && i < size; i++)
        {
            emulator.State.AddBlob(new EmulatedBlob { Size = i + 1, Sha512 = new string('a', 128), Locations = ["sf-1", "sf-2"] });
        }

        // Computed now, so that the first measurement does not pay for it.
        _ = first.Sha512;
        Console.WriteLine($"{emulator.Url} {emulator.ForgeToken(DemoCluster.AdminNamespace)} {first.Uuid}");
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
