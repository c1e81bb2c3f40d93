using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Pipeline;

/// <summary>Tests Ctrl+C while a command waits for a response, for every command that sends requests.</summary>
[Collection(Alone.Name)]
public sealed class StopEveryCommandTests
{
    private static readonly TimeSpan ForEver = TimeSpan.FromHours(1);

    /// <summary>A request of each command.</summary>
    private static readonly Dictionary<string, (string Script, string Method, string Path)> Asking = new()
    {
        ["Checkpoint-SfInstance"] = ("Checkpoint-SfInstance web-1", "POST", "/instances/*/snapshot"),
        ["Export-SfBlobGraph"] = ("$raw | Export-SfBlobGraph", "GET", "/blobs/*"),
        ["Find-SfBlobByHash"] = ("Find-SfBlobByHash ('ab' * 64)", "GET", "/blob_checksums/*"),
        ["Get-SfArtifact"] = ("Get-SfArtifact d*", "GET", "/artifacts"),
        ["Get-SfBlob"] = ("Get-SfBlob $raw", "GET", "/blobs/*"),
        ["Get-SfBlobChecksum"] = ("Get-SfBlobChecksum $raw", "GET", "/blobs/*"),
        ["Get-SfBlobData"] = ("Get-SfBlobData $raw", "GET", "/blobs/*/data"),
        ["Get-SfBlobEvent"] = ("Get-SfBlobEvent $raw", "GET", "/blobs/*/events"),
        ["Get-SfInstance"] = ("Get-SfInstance web-1", "GET", "/instances"),
        ["Get-SfImageInfo"] = ("Get-SfImageInfo $raw", "GET", "/blobs/*/data"),
        ["Get-SfBlobMetadata"] = ("Get-SfBlobMetadata $raw", "GET", "/blobs/*"),
        ["Get-SfBlobReference"] = ("Get-SfBlobReference $raw", "GET", "/blobs/*"),
        ["New-SfBlobMetadata"] = ("New-SfBlobMetadata $raw k v -Force", "POST", "/blobs/*/metadata"),
        ["Remove-SfArtifact"] = ("Remove-SfArtifact database -KeepNewest 1", "DELETE", "/artifacts/*"),
        ["Remove-SfBlobMetadata"] = ("Remove-SfBlobMetadata $raw nam*", "DELETE", "/blobs/*/metadata/*"),
        ["Resume-SfBlobTransfer"] = ("Resume-SfBlobTransfer \"$dir/part\"", "GET", "/blobs/*"),
        ["Save-SfBlobData"] = ("Save-SfBlobData $raw $dir", "GET", "/blobs/*/data"),
        ["Set-SfArtifact"] = ("Set-SfArtifact database -MaxVersions 1", "POST", "/artifacts/*"),
        ["Set-SfBlobMetadata"] = ("Set-SfBlobMetadata $raw k v", "PUT", "/blobs/*/metadata/*"),
        ["Test-SfBlobData"] = ("Test-SfBlobData $raw \"$dir/saved\"", "GET", "/blobs/*"),
        ["Wait-SfBlob"] = ("Wait-SfBlob $raw", "GET", "/blobs/*"),
    };

    public static TheoryData<string> Requests => [.. Asking.Keys];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Every_command_can_be_stopped_while_it_waits_for_a_response_and_leaks_nothing(string name)
    {
        await using Cluster cluster = await EveryCommandTests.StartAsync();
        string[] files = ["saved"];
        if (name == "Resume-SfBlobTransfer")
        {
            EveryCommandTests.Interrupt(cluster);
            files = ["part.sfjournal", "part.sfpart", "saved"];
        }

        (string script, string method, string path) = Asking[name];
        ResourceUsage held = ResourceUsage.By(cluster);
        Task met = cluster.Meet(new Fault { Method = method, Path = path, Kind = FaultKind.Delay, Delay = ForEver, Times = int.MaxValue });
        using StoppableRun run = cluster.Engine.Start(script);
        await run.StopAfterAsync(met);
        Assert.Empty(run.Stopped().Errors);
        Assert.Equal(files, cluster.Files);
        await held.AssertReleasedAsync(run.Stopped());
        cluster.Emulator.Faults.Clear();
        _ = cluster.Run(script).Good;
    }
}
