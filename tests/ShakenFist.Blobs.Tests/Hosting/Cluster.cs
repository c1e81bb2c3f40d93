using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>An emulated cluster, an engine that is connected to it, and a directory for files.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    public const string AdminKey = DemoCluster.AdminKey;

    private Cluster(SfEmulator emulator, Engine engine)
    {
        Emulator = emulator;
        Engine = engine;
        Directory = System.IO.Directory.CreateTempSubdirectory("sf-tests-").FullName;
    }

    public SfEmulator Emulator { get; }

    public Engine Engine { get; }

    /// <summary>The directory, which is empty at first. $dir in scripts.</summary>
    public string Directory { get; }

    public string[] Files => [.. System.IO.Directory.EnumerateFiles(Directory, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Directory, f)).Order(StringComparer.Ordinal)];

    /// <summary>The data requests.</summary>
    public IReadOnlyList<RequestRecord> DataRequests => [.. Emulator.Requests.Where(r => r.Path.EndsWith("/data", StringComparison.Ordinal))];

    /// <summary>Starts a demo cluster. By default, the engine is connected as administrator, and the request log is cleared.</summary>
    public static async Task<Cluster> StartAsync(EmulatorOptions? options = null, HostOptions? host = null, bool connect = true, bool demo = true)
    {
        SfEmulator emulator = await SfEmulator.StartAsync(options, TestContext.Current.CancellationToken);
        emulator.State.AddNamespace(DemoCluster.AdminNamespace, AdminKey, admin: true);
        if (demo)
        {
            DemoCluster.AddTo(emulator.State);
        }

        Cluster cluster = new(emulator, new Engine(host));
        Engine engine = cluster.Engine;
        engine["url"] = emulator.Url.ToString();
        engine["dir"] = cluster.Directory;
        engine["raw"] = DemoCluster.RawDisk;
        engine["qcow2"] = DemoCluster.BaseImage;
        engine["iso"] = DemoCluster.InstallMedium;
        engine["snapshot"] = DemoCluster.Snapshot;
        engine["initial"] = DemoCluster.BeingFetched;
        engine["large"] = DemoCluster.LargeDisk;
        engine["unknown"] = Unknown;
        engine["admin"] = Credential(DemoCluster.AdminNamespace, AdminKey);
        engine["user"] = Credential(DemoCluster.UserNamespace, DemoCluster.UserKey);
        if (connect)
        {
            _ = engine.Run("$session = Connect-ShakenFist $url $admin").Good;
            emulator.ClearRequests();
        }

        return cluster;
    }

    /// <summary>A UUID that does not exist in the cluster.</summary>
    public static Guid Unknown { get; } = Guid.Parse("00000000-1111-4222-8333-444444444444");

    public static System.Management.Automation.PSCredential Credential(string user, string password)
    {
        System.Security.SecureString secret = new();
        foreach (char c in password)
        {
            secret.AppendChar(c);
        }

        return new(user, secret);
    }

    public EngineResult Run(string script, TimeSpan? limit = null) => Engine.Run(script, limit);

    /// <summary>Adds a blob with generated content, and creates a script variable for it.</summary>
    public EmulatedBlob AddBlob(string variable, long size, Action<EmulatedBlob>? change = null)
    {
        EmulatedBlob blob = EmulatedBlob.Generated(size, seed: variable.Length + (int)(size % 1000));
        change?.Invoke(blob);
        Emulator.State.AddBlob(blob);
        Engine[variable] = blob.Uuid;
        return blob;
    }

    /// <summary>Plans a fault and returns a task that completes when the first request meets it.</summary>
    public Task Meet(Fault fault)
    {
        TaskCompletionSource met = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Emulator.Faults.Add(fault with
        {
            When = request =>
            {
                bool matches = fault.When?.Invoke(request) ?? true;
                if (matches)
                {
                    met.TrySetResult();
                }

                return matches;
            },
        });
        return met.Task;
    }

    public string PathOf(string name) => Path.Combine(Directory, name);

    public Task WriteAsync(string name, byte[] content) => File.WriteAllBytesAsync(PathOf(name), content, TestContext.Current.CancellationToken);

    public byte[] ContentOf(Guid uuid)
    {
        BlobContent content = Emulator.State.Blob(uuid)!.Content!;
        byte[] bytes = new byte[content.Length];
        content.Read(0, bytes);
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        Engine.Dispose();
        await Emulator.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
