using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests listing, resuming, and removing interrupted transfers.</summary>
public sealed class BlobTransferTests
{
    private const string Get = ",ShakenFist.Blobs.Commands.GetSfBlobTransferCommand";
    private const string Resume = ",ShakenFist.Blobs.Commands.ResumeSfBlobTransferCommand";
    private const string Remove = ",ShakenFist.Blobs.Commands.RemoveSfBlobTransferCommand";

    /// <summary>Starts a cluster, and creates an interrupted transfer to $dir/disk.raw with the first MiBs.</summary>
    private static async Task<Cluster> InterruptedAsync()
    {
        Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.CutAfter, AfterBytes = 3 << 20 });
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Status, Status = 403 });
        ErrorRecord error = cluster.Run("Save-SfBlobData $raw \"$dir/disk.raw\"").OnlyError;
        Assert.Equal("AccessForbidden,ShakenFist.Blobs.Commands.SaveSfBlobDataCommand", error.FullyQualifiedErrorId);
        Assert.Contains("are kept in", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["disk.raw.sfjournal", "disk.raw.sfpart"], cluster.Files);
        cluster.Emulator.ClearRequests();
        return cluster;
    }

    [Theory]
    [InlineData("Get-SfBlobTransfer $dir")]
    [InlineData("Get-SfBlobTransfer \"$dir/disk.raw\"")]
    [InlineData("Get-SfBlobTransfer \"$dir/disk.raw.sfpart\"")]
    [InlineData("Get-SfBlobTransfer \"$dir/d*\"")]
    [InlineData("Get-SfBlobTransfer \"$dir/*.raw\"")]
    [InlineData("Get-SfBlobTransfer \"$dir/..\" -Recurse | ForEach-Object { if ($_.Path -eq \"$dir/disk.raw\") { $_ } }")]
    [InlineData("Get-SfBlobTransfer -LiteralPath \"$dir/disk.raw\"")]
    [InlineData("$dir | Get-SfBlobTransfer")]
    [InlineData("Set-Location -LiteralPath $dir; Get-SfBlobTransfer; Set-Location -LiteralPath /")]
    public async Task An_interrupted_transfer_is_listed(string script)
    {
        await using Cluster cluster = await InterruptedAsync();
        PSObject transfer = cluster.Run(script).Only;
        Assert.Equal((DemoCluster.RawDisk, cluster.PathOf("disk.raw"), "Resumable"), (transfer.Get<Guid>("BlobUuid"), transfer.Get<string>("Path"), transfer.Text("State")));
        Assert.Equal(5L << 20, transfer.Get<long>("Size"));
        Assert.InRange(transfer.Get<long>("BytesTransferred"), 2L << 20, 3L << 20);
        Assert.InRange(transfer.Get<double>("PercentComplete"), 40, 60);
        Assert.Null(transfer.Get<string?>("Problem"));
        Assert.InRange(transfer.Get<DateTime>("StartedAt"), DateTime.Now.AddMinutes(-2), DateTime.Now);
        Assert.Equal("0.1.0", transfer.Get<string>("ModuleVersion"));
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Theory]
    [InlineData("Get-SfBlobTransfer $dir | Resume-SfBlobTransfer -PassThru", Shape.Live)]
    [InlineData("$given | Resume-SfBlobTransfer -PassThru", Shape.Deserialized)]
    [InlineData("$given | Resume-SfBlobTransfer -PassThru", Shape.Json)]
    [InlineData("$given | Resume-SfBlobTransfer -PassThru", Shape.Csv)]
    [InlineData("Resume-SfBlobTransfer \"$dir/disk.raw\" -PassThru", Shape.Live)]
    [InlineData("Resume-SfBlobTransfer $dir -PassThru -ThrottleLimit 2", Shape.Live)]
    [InlineData("Resume-SfBlobTransfer -LiteralPath \"$dir/disk.raw\" -PassThru -Verification Required", Shape.Live)]
    [InlineData("Save-SfBlobData $raw \"$dir/disk.raw\" -PassThru", Shape.Live)]
    public async Task A_resumed_transfer_does_not_fetch_existing_data_again(string script, Shape shape)
    {
        await using Cluster cluster = await InterruptedAsync();
        PSObject listed = cluster.Run("Get-SfBlobTransfer $dir").Only;
        long done = listed.Get<long>("BytesTransferred");
        cluster.Engine["given"] = Shapes.Of(listed, shape);
        PSObject record = cluster.Run(script).Only;
        Assert.Equal(("Saved", "Verified"), (record.Text("Status"), record.Text("Verification")));
        Assert.Equal((done, (5L << 20) - done), (record.Get<long>("BytesResumed"), record.Get<long>("BytesReceived")));
        Assert.Equal(["disk.raw"], cluster.Files);
        Assert.Equal(cluster.ContentOf(DemoCluster.RawDisk), await File.ReadAllBytesAsync(cluster.PathOf("disk.raw"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("Get-SfBlobTransfer $dir | Remove-SfBlobTransfer", 0)]
    [InlineData("Remove-SfBlobTransfer \"$dir/disk.raw\"", 0)]
    [InlineData("Remove-SfBlobTransfer -LiteralPath \"$dir/disk.raw\"", 0)]
    [InlineData("Remove-SfBlobTransfer \"$dir/*\"", 0)]
    [InlineData("Remove-SfBlobTransfer $dir -WhatIf", 2)]
    [InlineData("Resume-SfBlobTransfer $dir -Force -WhatIf", 2)]
    public async Task A_removed_transfer_does_not_change_the_target(string script, int left)
    {
        await using Cluster cluster = await InterruptedAsync();
        await cluster.WriteAsync("disk.raw", [1, 2, 3]);
        EngineResult result = cluster.Run(script).Good;
        Assert.Empty(result.Output);
        Assert.Equal(left + 1, cluster.Files.Length);
        Assert.Equal(3, new FileInfo(cluster.PathOf("disk.raw")).Length);
        Assert.DoesNotContain(cluster.Emulator.Requests, r => r.Path.EndsWith("/data", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("$dir")]
    [InlineData("$dir/$name")]
    [InlineData("$dir/xxx*")]
    [InlineData("$dir/*.RAW")]
    [InlineData("$dir/x*y.raw")]
    [InlineData("$dir*/$name")]
    public async Task A_transfer_to_a_long_name_is_found_resumed_and_removed_by_it(string path)
    {
        const string Name = "$name = 'x' * 250 + 'y.raw'; ";
        await using Cluster cluster = await Cluster.StartAsync();
        foreach (string command in new[] { "Resume", "Remove" })
        {
            cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.CutAfter, AfterBytes = 3 << 20 });
            cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Status, Status = 403 });
            Assert.StartsWith("AccessForbidden,", cluster.Run(Name + "Save-SfBlobData $raw \"$dir/$name\"").OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
            string target = cluster.PathOf(new string('x', 250) + "y.raw");
            Assert.Equal(target, cluster.Run($"{Name}Get-SfBlobTransfer \"{path}\"").Only.Get<string>("Path"));
            Assert.Matches("at [46]0 %", cluster.Run($"{Name}Resume-SfBlobTransfer \"{path}\" -WhatIf").Good.Shown);
            _ = cluster.Run($"{Name}{command}-SfBlobTransfer \"{path}\"").Good;
            Assert.Equal(command == "Resume" ? [Path.GetFileName(target)] : [], cluster.Files);
            File.Delete(target);
        }
    }

    [Theory]
    [InlineData("Get-SfBlobTransfer \"$dir/none\"", "TransferNotFound" + Get)]
    [InlineData("Resume-SfBlobTransfer \"$dir/none\"", "TransferNotFound" + Resume)]
    [InlineData("Remove-SfBlobTransfer -LiteralPath \"$dir/d*\"", "TransferNotFound" + Remove)]
    [InlineData("Get-SfBlobTransfer Env:", "PathNotFileSystem" + Get)]
    [InlineData("Resume-SfBlobTransfer $null", "ParameterArgumentValidationError" + Resume)]
    [InlineData("42 | Remove-SfBlobTransfer", "InputObjectNotBound" + Remove)]
    public async Task A_missing_file_is_reported(string script, string id)
    {
        await using Cluster cluster = await InterruptedAsync();
        Assert.Equal(id, cluster.Run(script).OnlyError.FullyQualifiedErrorId);
        Assert.Equal(2, cluster.Files.Length);
    }

    [Fact]
    public async Task A_directory_without_transfers_outputs_nothing_and_after_a_bad_path_the_others_are_listed()
    {
        await using Cluster cluster = await InterruptedAsync();
        string empty = Directory.CreateDirectory(cluster.PathOf("empty")).FullName;
        cluster.Engine["empty"] = empty;
        Assert.Empty(cluster.Run("Get-SfBlobTransfer $empty; Get-SfBlobTransfer \"$empty/*\"").Good.Output);
        EngineResult result = cluster.Run("Get-SfBlobTransfer \"$dir/none\", $dir");
        Assert.Single(result.Output);
        Assert.Equal("TransferNotFound" + Get, result.OnlyError.FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData("", "its journal is missing")]
    [InlineData("garbage", "no first line")]
    [InlineData("garbage that is long enough to be a line of a journal\nand another\n", "first line is damaged")]
    public async Task A_transfer_that_cannot_be_resumed_reports_why_and_starts_from_the_beginning(string journal, string problem)
    {
        await using Cluster cluster = await InterruptedAsync();
        string path = cluster.PathOf("disk.raw.sfjournal");
        if (journal.Length > 0)
        {
            await File.WriteAllTextAsync(path, journal, TestContext.Current.CancellationToken);
        }
        else
        {
            File.Delete(path);
        }

        PSObject transfer = cluster.Run("Get-SfBlobTransfer $dir").Only;
        Assert.Equal("Damaged", transfer.Text("State"));
        Assert.Contains(problem, transfer.Get<string>("Problem"), StringComparison.Ordinal);
        Assert.Null(transfer.Get<Guid?>("BlobUuid"));
        ErrorRecord error = cluster.Run("Get-SfBlobTransfer $dir | Resume-SfBlobTransfer").OnlyError;
        Assert.Equal("TransferNotResumable" + Resume, error.FullyQualifiedErrorId);
        Assert.Contains(problem, error.ToString(), StringComparison.Ordinal);
        EngineResult saved = cluster.Run("Save-SfBlobData $raw \"$dir/disk.raw\" -PassThru").Good;
        Assert.Equal(0L, saved.Only.Get<long>("BytesResumed"));
        Assert.Equal(journal.Length > 0 ? 1 : 0, saved.Warnings.Count(w => w.Contains("Restarting the transfer", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_transfer_of_another_blob_to_the_same_file_is_kept_unless_Force_is_specified()
    {
        await using Cluster cluster = await InterruptedAsync();
        ErrorRecord error = cluster.Run("Save-SfBlobData $iso \"$dir/disk.raw\"").OnlyError;
        Assert.Equal("TransferConflict,ShakenFist.Blobs.Commands.SaveSfBlobDataCommand", error.FullyQualifiedErrorId);
        Assert.Contains(DemoCluster.RawDisk.ToString(), error.ToString(), StringComparison.Ordinal);
        Assert.Equal("Resumable", cluster.Run("Get-SfBlobTransfer $dir").Only.Text("State"));
        _ = cluster.Run("Save-SfBlobData $iso \"$dir/disk.raw\" -Force").Good;
        Assert.Equal(["disk.raw"], cluster.Files);
        Assert.Equal(cluster.ContentOf(DemoCluster.InstallMedium), await File.ReadAllBytesAsync(cluster.PathOf("disk.raw"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_active_transfer_is_listed_as_active_and_is_not_changed()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Task met = cluster.Meet(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Stall, AfterBytes = 3 << 20 });
        using Engine other = new();
        other["session"] = cluster.Engine["session"];
        other["raw"] = DemoCluster.RawDisk;
        other["dir"] = cluster.Directory;
        using StoppableRun run = other.Start("Save-SfBlobData $raw \"$dir/disk.raw\" -Session $session");
        await met.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        PSObject transfer = cluster.Run("Get-SfBlobTransfer $dir").Only;
        Assert.Equal(("Active", DemoCluster.RawDisk), (transfer.Text("State"), transfer.Get<Guid>("BlobUuid")));
        cluster.Engine["transfer"] = transfer;
        Assert.Equal("TargetBusy" + Resume, cluster.Run("$transfer | Resume-SfBlobTransfer").OnlyError.FullyQualifiedErrorId);
        Assert.Equal("TargetBusy" + Remove, cluster.Run("$transfer | Remove-SfBlobTransfer").OnlyError.FullyQualifiedErrorId);
        Assert.Equal("TargetBusy,ShakenFist.Blobs.Commands.SaveSfBlobDataCommand", cluster.Run("Save-SfBlobData $raw \"$dir/disk.raw\"").OnlyError.FullyQualifiedErrorId);
        await run.StopAfterAsync(Task.CompletedTask);
        Assert.Equal("Resumable", cluster.Run("Get-SfBlobTransfer $dir").Only.Text("State"));
    }
}
