using System.Diagnostics;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>An emulated cluster in a separate process, so that its memory and processor time are measured separately.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly Process _process;

    private Server(Process process, string url, string token, Guid[] blobs)
    {
        _process = process;
        Url = url;
        Token = token;
        Blobs = blobs;
    }

    public string Url { get; init; }

    /// <summary>A token of the administrator, for tools that cannot authenticate.</summary>
    public string Token { get; }

    public string Key { get; } = DemoCluster.AdminKey;

    /// <summary>The blobs of the cluster.</summary>
    public Guid[] Blobs { get; }

    /// <summary>The processor time of the server so far, in seconds.</summary>
    public double CpuSeconds
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
    }

    public static async Task<Server> StartAsync(ServerOptions options)
    {
        Process process = Child.Start("serve", $"{options}");
        string[] output = (await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The emulator did not start.")).Split(' ');
        return new Server(process, output[0], output[1], [.. output[2..].Select(Guid.Parse)]);
    }

    /// <summary>The entry point of the server process. It runs until its standard input ends.</summary>
    public static async Task<int> RunAsync(ServerOptions options)
    {
        await using SfEmulator emulator = await SfEmulator.StartAsync(options.ToEmulator());
        emulator.State.AddNamespace(DemoCluster.AdminNamespace, DemoCluster.AdminKey, admin: true);
        List<Guid> blobs = [];
        for (int i = 0; i < options.Count; i++)
        {
            EmulatedBlob blob = options.Kind switch
            {
                "records" => new EmulatedBlob { Size = i + 1, Sha512 = new string('a', 128), Locations = ["sf-1", "sf-2"] },
                "zeros" => new EmulatedBlob { Content = new MostlyZeros(options.Size), Info = new() { ["file format"] = "raw" } },
                _ => EmulatedBlob.Generated(options.Size, seed: i + 1, publishChecksums: options.Size <= 8L << 30),
            };
            emulator.State.AddBlob(blob);

            // Compute the checksums now, so that the first measurement does not include it.
            _ = blob.Sha512;
            if (options.Kind != "records")
            {
                blobs.Add(blob.Uuid);
            }
        }

        if (options.ResetEvery > 0)
        {
            long step = (long)options.ResetEvery << 20;
            HashSet<long> struck = [];
            emulator.Faults.Add(new Fault
            {
                Path = "/blobs/*/data",
                Kind = FaultKind.CutAfter,
                AfterBytes = 1 << 20,
                Reset = true,
                Times = int.MaxValue,
                When = r => Offset(r) is { } offset && offset >= step / 2 && struck.Add(offset / step),
            });
        }

        Console.WriteLine($"{emulator.Url} {emulator.ForgeToken(DemoCluster.AdminNamespace)} {string.Join(' ', blobs)}".TrimEnd());
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static long? Offset(RequestRecord request) =>
        request.Query.Split('&').Where(p => p.StartsWith("offset=", StringComparison.Ordinal)).Select(p => (long?)long.Parse(p.AsSpan(7), System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();

    /// <summary>A disk of zeros with 1 MiB of data in every 64 MiB.</summary>
    private sealed class MostlyZeros(long length) : BlobContent
    {
        public const int DataEvery = 64;

        private readonly GeneratedContent _data = new(length, 7);

        public override long Length => length;

        public override void Read(long offset, Span<byte> buffer)
        {
            while (!buffer.IsEmpty)
            {
                int count = (int)Math.Min(buffer.Length, (1 << 20) - (offset & ((1 << 20) - 1)));
                if ((offset >> 20) % DataEvery == 0)
                {
                    _data.Read(offset, buffer[..count]);
                }
                else
                {
                    buffer[..count].Clear();
                }

                buffer = buffer[count..];
                offset += count;
            }
        }
    }
}
