using System.Diagnostics;
using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>Tests files with any name, in the current location or on a PowerShell drive, for every command with a path. Also tests names of special files.</summary>
public sealed class PlaceTests
{
    private const string Odd = "a [1] * ? \" $b `c 'd' ü ✓.img";

    /// <summary>The command for $name, and the expected result.</summary>
    private static readonly Dictionary<string, string> Doing = new()
    {
        ["Save-SfBlobData $iso -LiteralPath $name -Force -PassThru"] = "$_.Path -ceq \"$dir/$odd\"",
        ["Test-SfBlobData -LiteralPath $name -Uuid $raw"] = "$_ -eq $true",
        ["Find-SfBlobByHash -LiteralPath $name"] = "$_.Uuid -eq $raw",
        ["Get-SfImageInfo -LiteralPath $name"] = "$_.FileFormat -eq 'raw'",
        ["Export-SfBlobGraph $raw -LiteralPath \"$name.html\" -PassThru"] = "$_.FullName -ceq \"$dir/$odd.html\"",
        ["Get-SfBlobTransfer -LiteralPath \"$name.half\""] = "$_.Path -ceq \"$dir/$odd.half\"",
        ["Resume-SfBlobTransfer -LiteralPath \"$name.half\" -PassThru"] = "$_.BytesResumed -gt 0 -and $_.Path -ceq \"$dir/$odd.half\"",
        ["Remove-SfBlobTransfer -LiteralPath \"$name.half\"; Get-SfBlobTransfer $dir; 'gone'"] = "$_ -eq 'gone'",
    };

    public static TheoryData<string, string> Rows => [.. Doing.Keys.SelectMany(script => ((string[])["location", "drive"]).Select(place => (script, place)))];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Every_command_finds_a_file_of_any_name_in_the_current_location_and_on_a_drive(string script, string place)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Engine["odd"] = Odd;
        await cluster.WriteAsync(Odd, cluster.ContentOf(DemoCluster.RawDisk));
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.CutAfter, AfterBytes = 3 << 20 });
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Status, Status = 403, Times = int.MaxValue });
        Assert.StartsWith("AccessForbidden,", cluster.Run("Save-SfBlobData $raw -LiteralPath \"$dir/$odd.half\"").OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
        cluster.Emulator.Faults.Clear();
        string there = place == "location" ? SaveTargetTests.GoThere + "$name = $odd; " : SaveTargetTests.Drive + "$name = \"Sf:/$odd\"; ";
        Assert.Equal("True", cluster.Run($"{there}. {{ {script} }} | ForEach-Object {{ {Doing[script]} }}").Only.ToString());
        Assert.NotEqual(cluster.Directory, Environment.CurrentDirectory);
        Assert.All(cluster.Files, f => Assert.StartsWith(Odd, f, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Test-SfBlobData $raw \"$dir/pipe\"", "FileNotFound,ShakenFist.Blobs.Commands.TestSfBlobDataCommand")]
    [InlineData("Find-SfBlobByHash -Path \"$dir/pipe\"", "FileNotFound,ShakenFist.Blobs.Commands.FindSfBlobByHashCommand")]
    [InlineData("Get-SfImageInfo -Path \"$dir/pipe\"", "FileNotFound,ShakenFist.Blobs.Commands.GetSfImageInfoCommand")]
    [InlineData("Save-SfBlobData $raw \"$dir/pipe\" -Force", "TargetNotFile,ShakenFist.Blobs.Commands.SaveSfBlobDataCommand")]
    [InlineData("Export-SfBlobGraph $raw \"$dir/pipe\" -Format Dot -Force", "TargetNotFile,ShakenFist.Blobs.Commands.ExportSfBlobGraphCommand")]
    public async Task A_pipe_is_reported_without_waiting_for_its_other_end(string script, string id)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Pipes have no place among files there.");
        await using Cluster cluster = await Cluster.StartAsync();
        using (Process made = Process.Start("mkfifo", [cluster.PathOf("pipe")]))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        ErrorRecord error = cluster.Run(script).OnlyError;
        Assert.Equal(id, error.FullyQualifiedErrorId);
        Assert.Contains("a pipe", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["pipe"], cluster.Files);
        Assert.Empty(cluster.DataRequests);
    }

    [Theory]
    [InlineData("Find-SfBlobByHash -Path \"$dir/*\"", "FindSfBlobByHash")]
    [InlineData("Get-SfBlobTransfer $dir", "GetSfBlobTransfer")]
    public async Task Pipes_among_files_are_skipped(string script, string command)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Pipes have no place among files there.");
        await using Cluster cluster = await Cluster.StartAsync();
        using (Process made = Process.Start("mkfifo", [cluster.PathOf("pipe"), cluster.PathOf("pipe.sfpart"), cluster.PathOf("pipe.sfjournal")]))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await cluster.WriteAsync("file", cluster.ContentOf(DemoCluster.RawDisk));
        EngineResult result = cluster.Run(script).Good;
        Assert.Equal(command == "FindSfBlobByHash" ? 1 : 0, result.Output.Count);
    }
}
