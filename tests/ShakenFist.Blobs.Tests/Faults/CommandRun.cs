using System.Text;
using System.Text.Json.Nodes;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Faults;

/// <summary>Two blobs, commands that process both, and a fault for one of them.</summary>
internal sealed class CommandRun : IAsyncDisposable
{
    private const string UserKey = "canary-5up3rs3cr3t";
    private const int Size = (1 << 20) + 200_007;

    private readonly Cluster _cluster;
    private readonly EmulatedBlob _bad;
    private readonly EmulatedBlob _good;

    private CommandRun(Cluster cluster)
    {
        _cluster = cluster;
        EmulatedBlob lower = cluster.AddBlob("lower", 4096);
        _bad = Add("bad", lower);
        _good = Add("good", lower);
        cluster.Engine["badHash"] = _bad.Sha512;
        cluster.Engine["goodHash"] = _good.Sha512;
    }

    public static async Task<CommandRun> StartAsync(ServerGeneration generation)
    {
        Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { Generation = generation, KeepAlive = false }, connect: false, demo: false);
        cluster.Emulator.State.AddNamespace("banana", UserKey);
        CommandRun run = new(cluster);
        foreach (EmulatedBlob blob in new[] { run._bad, run._good })
        {
            await cluster.WriteAsync($"{blob.Uuid}.local", cluster.ContentOf(blob.Uuid));

            // Their UUIDs are those of the blobs, so that a fault of a blob also applies to them.
            string name = blob == run._bad ? "bad" : "good";
            cluster.Emulator.State.AddArtifact(new EmulatedArtifact { Uuid = blob.Uuid, Name = name, Namespace = "banana" }.Add(blob));
            cluster.Emulator.State.AddInstance(new EmulatedInstance { Uuid = blob.Uuid, Name = name, Namespace = "banana", Disks = [new("vda", "virtio", 1, blob.Uuid)] });
        }

        // Not an administrator: reading a blob by its UUID does not require it.
        cluster.Engine["quick"] = await QuickSession.ConnectAsync(cluster.Emulator.Url, "banana", UserKey);
        cluster.Engine["asAdministrator"] = await QuickSession.ConnectAsync(cluster.Emulator.Url, DemoCluster.AdminNamespace, Cluster.AdminKey);
        _ = cluster.Run("$global:PSDefaultParameterValues = @{ '*-Sf*:Session' = $quick; '*-SfBlob*:RetryTimeoutSeconds' = 2 }; $VerbosePreference = $DebugPreference = 'Continue'; $WarningPreference = 'SilentlyContinue'").Good;
        return run;
    }

    // With -RetryTimeoutSeconds, these commands retry if the cluster cannot be reached at their first request.
    private static readonly string[] Waits = ["Save-SfBlobData", "Resume-SfBlobTransfer", "Get-SfBlobData"];

    private static readonly string[] WaitsFor =
        ["ServerError", "ServerUnavailable", "RequestTimeout", "TooManyRequests", "InsufficientResources", "ConnectionFailed", "InvalidResponse", "ResponseStalled", "UnexpectedContent"];

    /// <summary>Runs a command, and returns the differences from the expected outcome.</summary>
    /// <param name="command">The command.</param>
    /// <param name="fault">The fault of one input.</param>
    /// <param name="id">The expected error ID. Null if the fault is repaired, "nothing" if there is neither an error nor output.</param>
    public async Task<IEnumerable<string>> TryAsync(CommandUnderFault command, CommandFault fault, string? id)
    {
        Prepare(command);
        _cluster.Emulator.ClearRequests();
        _cluster.Emulator.Faults.Add(fault.Fault with { Method = "*", Path = "*", When = request => fault.Strikes(request, _bad.Uuid.ToString(), _bad.Sha512!) });
        EngineResult result = _cluster.Run(command.Script);
        _cluster.Emulator.Faults.Clear();
        List<string> failures = [];
        void Expect(bool holds, string what)
        {
            if (!holds)
            {
                failures.Add($"{command.Script}: {what}: {string.Join(' ', result.Errors.Select(e => $"{e.FullyQualifiedErrorId}: {e}"))}");
            }
        }

        string[] ids = [.. result.Errors.Select(e => e.FullyQualifiedErrorId)];
        id = id is not null && WaitsFor.Contains(id) && Waits.Contains(command.Name) ? "TransferInterrupted" : id;
        string type = $"ShakenFist.Blobs.Commands.{command.Name.Replace("-", string.Empty, StringComparison.Ordinal)}Command";
        Expect(ids.SequenceEqual(id is null or "nothing" ? [] : [$"{id},{type}"]), $"the errors are [{string.Join(' ', ids)}] and not [{id}]");
        int due = id is null ? command.ForBoth : command.ForGood;
        Expect(result.Output.Count == due, $"there are {result.Output.Count} objects and not {due}");
        Expect(result.Ended is null, "the command did not continue after the error");
        string readable = result.Everything + string.Concat(OtherFiles().Select(file => Encoding.Latin1.GetString(ReadShared(file))));
        IEnumerable<string> secrets = _cluster.Emulator.Requests.SelectMany(r => r.Headers.TryGetValue("Authorization", out IReadOnlyList<string>? sent) ? sent : []).Select(s => s.Split(' ')[^1]).Distinct();
        Expect(secrets.Append(UserKey).Append(Cluster.AdminKey).All(secret => !readable.Contains(secret, StringComparison.Ordinal)), "a secret is shown");
        Expect(_cluster.Emulator.Requests.Any(r => r.Headers.ContainsKey("Authorization")), "nothing was asked of the cluster");
        await Eventually.TrueAsync(() => _cluster.Emulator.Requests.All(r => r.Completed));
        Expect(SavedFiles().All(file => IsWhole(file)), "a file is not the blob");
        Expect(OtherFiles().All(file => File.Exists(Path.ChangeExtension(file, ".sfpart")) && File.Exists(Path.ChangeExtension(file, ".sfjournal"))), "a temporary file has no journal");
        return failures;
    }

    /// <summary>Runs all commands while the cluster does not respond, and returns the differences from the expected outcome.</summary>
    public async Task<IEnumerable<string>> TryWithoutClusterAsync()
    {
        Prepare(CommandUnderFault.All.Single(command => command.Before == "interrupt"));
        await _cluster.Emulator.DisposeAsync();
        List<string> failures = [];
        foreach (CommandUnderFault command in CommandUnderFault.All)
        {
            EngineResult result = _cluster.Run(command.Script);
            string[] ids = [.. result.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0])];
            if (ids.Length != 2 || ids.Except(["ConnectionFailed", "ClusterUnreachable", "TransferInterrupted"]).Any() || result.Output.Count > 0)
            {
                failures.Add($"{command.Script}: {result.Output.Count} objects and the errors [{string.Join(' ', ids)}]");
            }
        }

        return failures;
    }

    /// <summary>The disk can still be flushing the file of a command that has ended, and a process that another test has just started can still hold its lock.</summary>
    private static byte[] ReadShared(string path)
    {
        byte[] bytes = [];
        Assert.True(SpinWait.SpinUntil(TryRead, TimeSpan.FromMinutes(1)), $"{path} is locked.");
        return bytes;

        bool TryRead()
        {
            try
            {
                using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                bytes = new byte[file.Length];
                file.ReadExactly(bytes);
                return true;
            }
            catch (IOException e) when (e is not FileNotFoundException)
            {
                return false;
            }
        }
    }

    private void Prepare(CommandUnderFault command)
    {
        foreach (string file in SavedFiles().Concat(OtherFiles()))
        {
            File.Delete(file);
        }

        foreach (EmulatedBlob blob in new[] { _bad, _good })
        {
            lock (blob.Gate)
            {
                blob.Metadata.Clear();
                blob.Metadata["only"] = "one";
            }
        }

        if (command.Before == "interrupt")
        {
            // The first MiB is received and recorded.
            foreach (string name in new[] { "bad", "good" })
            {
                _cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.CutAfter, AfterBytes = (1 << 20) + 100_000 });
                _cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Status, Status = 403, Times = int.MaxValue });
                Assert.StartsWith("AccessForbidden", _cluster.Run($"Save-SfBlobData ${name} $dir").OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
                _cluster.Emulator.Faults.Clear();
            }
        }
        else if (command.Before is not null)
        {
            _ = _cluster.Run(command.Before).Good;
        }
    }

    private string[] SavedFiles() =>
        [.. Directory.GetFiles(_cluster.Directory).Except(OtherFiles()).Where(file => !file.EndsWith(".local", StringComparison.Ordinal))];

    private string[] OtherFiles() => Directory.GetFiles(_cluster.Directory, "*.sf*");

    private bool IsWhole(string file) => File.ReadAllBytes(file).AsSpan().SequenceEqual(_cluster.ContentOf(Guid.Parse(Path.GetFileName(file).Split('.')[0])));

    private EmulatedBlob Add(string name, EmulatedBlob lower)
    {
        EmulatedBlob blob = EmulatedBlob.Generated(Size, seed: name.Length);
        blob.DependsOn = lower.Uuid;
        blob.ReferencesFrom.Add(new EmulatedReference("blob", blob.Uuid.ToString(), "depends_on", null, "blob", lower.Uuid.ToString()));
        blob.Events.Add(new JsonObject { ["timestamp"] = 1_795_373_770.5, ["type"] = "audit", ["fqdn"] = "sf-1", ["message"] = "made" });
        _cluster.Emulator.State.AddBlob(blob);
        _cluster.Engine[name] = blob.Uuid;
        return blob;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string session in new[] { "quick", "asAdministrator" })
        {
            (_cluster.Engine[session] as IDisposable)?.Dispose();
        }

        await _cluster.DisposeAsync();
    }
}
