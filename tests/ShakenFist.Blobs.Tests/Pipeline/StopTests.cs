using System.Management.Automation;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Pipeline;

/// <summary>Tests that Ctrl+C returns to the prompt immediately, for any behavior of the server.</summary>
[Collection(Alone.Name)]
public sealed class StopTests
{
    // Longer than any test. The stop comes first.
    private static readonly TimeSpan ForEver = TimeSpan.FromHours(1);

    [Theory]
    [InlineData("/", "GET", "Connect-ShakenFist $url $admin")]
    [InlineData("/auth", "POST", "Connect-ShakenFist $url $admin")]
    public async Task A_connect_without_a_response_can_be_stopped(string path, string method, string script)
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        Task met = cluster.Meet(new Fault { Path = path, Method = method, Kind = FaultKind.Delay, Delay = ForEver });
        using StoppableRun run = cluster.Engine.Start(script);
        await run.StopAfterAsync(met);
        Assert.Empty(run.Stopped().Errors);
        Assert.Empty(cluster.Run("Get-SfSession").Good.Output);
    }

    [Fact]
    public async Task Connecting_to_a_peer_that_accepts_and_sends_nothing_can_be_stopped()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        cluster.Engine["url"] = $"http://{silent.LocalEndpoint}/";
        using StoppableRun run = cluster.Engine.Start("Connect-ShakenFist $url $admin");
        Task<TcpClient> accepted = silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken).AsTask();
        await run.StopAfterAsync(accepted);
        Assert.Empty(run.Stopped().Errors);
        (await accepted).Dispose();
    }

    [Fact]
    public async Task A_connect_to_a_peer_that_does_not_accept_connections_can_be_stopped()
    {
        // A listener with a full queue does not respond.
        using Socket full = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        int port = ((IPEndPoint)full.LocalEndPoint!).Port;
        using Socket first = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        ResourceUsage held = ResourceUsage.By(cluster);
        cluster.Engine["url"] = $"http://127.0.0.1:{port}/";
        using StoppableRun run = cluster.Engine.Start("Connect-ShakenFist $url $admin");
        await run.StopAfterAsync(Eventually.TrueAsync(() => Connecting(port)));
        Assert.Empty(run.Stopped().Errors);
        Assert.Empty(cluster.Run("Get-SfSession").Good.Output);
        await held.AssertReleasedAsync(run.Stopped());
    }

    private static bool Connecting(int port) =>
        IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections().Any(c => c.RemoteEndPoint.Port == port && c.State == TcpState.SynSent);

    [Fact]
    public async Task A_TLS_handshake_without_a_response_can_be_stopped()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        ResourceUsage held = ResourceUsage.By(cluster);
        cluster.Engine["url"] = $"https://{silent.LocalEndpoint}/";
        using StoppableRun run = cluster.Engine.Start("Connect-ShakenFist $url $admin");
        Task<TcpClient> accepted = silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken).AsTask();
        await run.StopAfterAsync(accepted);
        Assert.Empty(run.Stopped().Errors);
        await held.AssertReleasedAsync(run.Stopped());
        (await accepted).Dispose();
    }

    [Theory]
    [InlineData("Get-SfBlob", "/blobs")]
    [InlineData("Save-SfBlobData $raw $dir", "/blobs/*")]
    [InlineData("$raw, $iso | Get-SfBlob | Save-SfBlobData -Path $dir", "/blobs/*/data")]
    public async Task A_list_a_record_and_a_pipeline_without_a_response_can_be_stopped(string script, string path)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Task met = cluster.Meet(new Fault { Path = path, Kind = FaultKind.Delay, Delay = ForEver, Times = int.MaxValue });
        using StoppableRun run = cluster.Engine.Start(script);
        await run.StopAfterAsync(met);
        Assert.Empty(run.Stopped().Errors);
        Assert.Empty(cluster.Files);
    }

    [Fact]
    public async Task A_stalled_list_is_stopped_and_outputs_the_received_elements()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs", Kind = FaultKind.Stall, AfterBytes = 6000 });
        TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Engine["first"] = first;
        using StoppableRun run = cluster.Engine.Start("Get-SfBlob | ForEach-Object { $null = $first.TrySetResult(); $_ }");
        await run.StopAfterAsync(first.Task);
        Assert.NotEmpty(run.Stopped().Output);
        Assert.Empty(run.Stopped().Errors);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" -Force")]
    public async Task A_stalled_transfer_can_be_stopped_and_resumed(string parameter)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Stall, AfterBytes = 3 << 20 });
        string old = cluster.PathOf("disk.img");
        if (parameter.Length > 0)
        {
            await File.WriteAllTextAsync(old, "old", TestContext.Current.CancellationToken);
        }

        using StoppableRun run = cluster.Engine.Start("Save-SfBlobData $raw \"$dir/disk.img\"" + parameter);
        TaskCompletionSource halfway = new(TaskCreationOptions.RunContinuationsAsynchronously);
        run.ProgressShown += record =>
        {
            if (record.PercentComplete >= 50)
            {
                halfway.TrySetResult();
            }
        };
        await run.StopAfterAsync(halfway.Task);
        Assert.Empty(run.Stopped().Errors);
        Assert.Equal([.. parameter.Length > 0 ? ["disk.img"] : Array.Empty<string>(), "disk.img.sfjournal", "disk.img.sfpart"], cluster.Files);
        Assert.True(parameter.Length == 0 || await File.ReadAllTextAsync(old, TestContext.Current.CancellationToken) == "old");

        // The same command completes the transfer.
        PSObject record = cluster.Run("Save-SfBlobData $raw \"$dir/disk.img\" -Force -PassThru").Only;
        Assert.Equal(5 << 20, new FileInfo(old).Length);
        Assert.True(record.Get<long>("BytesResumed") >= 2 << 20);
        Assert.Equal(["disk.img"], cluster.Files);
    }

    [Fact]
    public async Task The_pause_between_two_attempts_can_be_stopped()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Task met = cluster.Meet(new Fault
        {
            Path = "/blobs/*",
            Kind = FaultKind.Status,
            Status = 503,
            Headers = new() { ["Retry-After"] = "25" },
            Times = int.MaxValue,
        });
        using StoppableRun run = cluster.Engine.Start("Get-SfBlob $raw");
        await run.StopAfterAsync(met);
        Assert.Empty(run.Stopped().Errors);
        Assert.Single(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task The_runspace_and_its_session_work_after_a_stop()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Task met = cluster.Meet(new Fault { Path = "/blobs/*", Kind = FaultKind.Delay, Delay = ForEver });
        using (StoppableRun run = cluster.Engine.Start("Get-SfBlob $raw"))
        {
            await run.StopAfterAsync(met);
        }

        Assert.Single(cluster.Run("Get-SfBlob $raw").Good.Output);
    }

    [Fact]
    public async Task Closing_the_runspace_ends_a_transfer_without_data_and_no_file_remains()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Task met = cluster.Meet(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Stall, AfterBytes = 1 << 20 });
        using Engine other = new();
        other["session"] = cluster.Engine["session"];
        other["raw"] = DemoCluster.RawDisk;
        other["dir"] = cluster.Directory;
        using StoppableRun run = other.Start("Save-SfBlobData $raw $dir -Session $session");
        await met.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        other.Dispose();
        Assert.Empty(cluster.Files);
    }
}
