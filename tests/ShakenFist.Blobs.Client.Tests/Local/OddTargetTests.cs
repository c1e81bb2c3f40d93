using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Targets and files next to them that are special files, in use, or not writable.</summary>
public sealed class OddTargetTests
{
    private static readonly SfBlobSaveOptions Force = new() { Force = true };

    [Theory]
    [InlineData("pipe", "")]
    [InlineData("device", "")]
    [InlineData("socket", "")]
    [InlineData("pipe", ".sfpart")]
    [InlineData("device", ".sfpart")]
    [InlineData("socket", ".sfpart")]
    [InlineData("pipe", ".sfjournal")]
    [InlineData("device", ".sfjournal")]
    [InlineData("socket", ".sfjournal")]
    public async Task A_special_file_is_reported_and_not_opened(string what, string suffix)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no special files in directories. For devices, see TargetTests.A_device_is_rejected_as_target.");
        await using Download download = await Download.StartAsync(1000);
        string path = download.Target + suffix;
        using IDisposable? made = Make(what, path);
        if (suffix == TransferJournal.Suffix)
        {
            // Otherwise, the journal is only accessed when it is created.
            download.Folder.Write("blob.raw" + PartialDownload.Suffix, [1, 2, 3]);
        }

        SfException e = await SfAssert.ThrowsAsync(SfErrors.TargetNotFile, () => download.RunAsync(Force).WaitAsync(Limit.Token));
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
        Assert.Equal(0, download.Cluster.DataRequests);
        Assert.True(FileKind.GetSpecialFileKind(path) is not null || new FileInfo(path).LinkTarget is not null, "The special file was replaced.");

        // Listing the transfers of the directory must not block either.
        Assert.All(BlobTransferApi.Find(download.Folder.Path, recurse: true), t => Assert.Equal(SfBlobTransferState.Damaged, t.State));
        File.Delete(path);
        File.Delete(download.Target + PartialDownload.Suffix);
    }

    [Fact]
    public async Task A_read_only_file_is_replaced_by_Force_if_the_system_permits_it()
    {
        await using Download download = await Download.StartAsync(1000);
        download.Folder.Write("blob.raw", [7, 7]);
        File.SetAttributes(download.Target, FileAttributes.ReadOnly);
        (await TransferOutcome.OfAsync(download)).Failed(SfErrors.TargetExists);
        TransferOutcome after = await TransferOutcome.OfAsync(download, Force);
        if (OperatingSystem.IsWindows())
        {
            after.Failed(SfErrors.FileAccessDenied);
            File.SetAttributes(download.Target, FileAttributes.Normal);
        }
        else
        {
            Assert.Equal(SfBlobSaveStatus.Saved, after.Transfer?.Status);
        }
    }

    [Fact]
    public async Task A_file_that_another_program_opened_exclusively_is_busy_and_is_kept()
    {
        await using Download download = await Download.StartAsync(1000);
        byte[] other = Download.Random(1001)[..1000];
        download.Folder.Write("blob.raw", other);
        using (SafeFileHandle held = File.OpenHandle(download.Target, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            await SfAssert.ThrowsAsync(SfErrors.TargetBusy, () => download.RunAsync(Force).WaitAsync(Limit.Token));
            byte[] there = new byte[1000];
            Assert.Equal(1000, RandomAccess.Read(held, there, 0));
            Assert.Equal(other, there);
        }

        download.Folder.ContainsNoPartialFile();
        Assert.Equal(SfBlobSaveStatus.Saved, (await TransferOutcome.OfAsync(download, Force)).Transfer?.Status);
    }

    [Fact]
    public async Task A_directory_created_at_the_target_path_is_kept_and_received_data_is_kept()
    {
        await using Download download = await Download.StartAsync(1000);
        using (new FaultInjectingDisk(download.Folder.Path, (step, path) =>
        {
            if (step == FileOperation.Rename)
            {
                Directory.CreateDirectory(path);
            }
        }))
        {
            SfException e = await Assert.ThrowsAsync<SfException>(() => download.RunAsync(Force));
            Assert.Contains(e.Error, new[] { SfErrors.FileFailed, SfErrors.FileAccessDenied });
        }

        Directory.Delete(download.Target);
        Assert.Equal(1000, (await download.SavesAsync(Force)).BytesResumed);
    }

    // Windows does not permit the characters * ? " | and control characters in names.
    public static TheoryData<string> Names => OperatingSystem.IsWindows()
        ? ["a b [c] ' $x `n ü ✓ \ud83d\ude00", "..blob", "$(touch x); `touch x` & y"]
        : ["a b [c] * ? ' \" $x `n ü ✓ \ud83d\ude00", "a\nb\tc", "..blob", "$(touch x); `touch x` | x & y"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name_of_any_characters_is_resumed_under_the_same_name(string name)
    {
        await using Download download = await Download.StartAsync((4 << 16) - 1);
        download.Options = Cluster.Quick with { BlockBytes = 1 << 16, RequestBytes = 1 << 16 };
        string path = download.Folder.At(name);
        TransferOutcome after;
        using (FaultInjectingDisk.Failing(download.Folder.Path, FileOperation.Write, PartialDownload.Suffix, 3, FaultInjectingDisk.NoSpace))
        {
            after = (await TransferOutcome.OfAsync(download, path: path)).Failed(SfErrors.DiskFull);
        }

        await after.ResumeAsync(download, path: path);
        Assert.Equal(path, Assert.Single(Directory.GetFiles(download.Folder.Path)));
    }

    [Fact]
    public async Task A_path_of_more_than_260_characters_is_supported()
    {
        await using Download download = await Download.StartAsync(1000);
        string folder = Path.Combine(download.Folder.Path, new string('d', 150), new string('e', 150));
        Directory.CreateDirectory(folder);
        Assert.Equal(SfBlobSaveStatus.Saved, (await TransferOutcome.OfAsync(download, path: Path.Combine(folder, "blob.raw"))).Transfer?.Status);
    }

    /// <summary>Creates something with this name that is not an ordinary file.</summary>
    private static IDisposable? Make(string what, string path)
    {
        switch (what)
        {
            case "pipe":
                Assert.True(Run("mkfifo", path));
                return null;
            case "socket":
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                socket.Bind(new UnixDomainSocketEndPoint(path));
                return socket;
            default:
                // Creating a symbolic link requires a privilege that not every computer grants.
                if (!Run("mknod", path, "c", "1", "3"))
                {
                    TestContext.Current.TestOutputHelper?.WriteLine("A device cannot be created here. A link to a device is used instead.");
                    File.CreateSymbolicLink(path, "/dev/null");
                }

                return null;
        }
    }

    private static bool Run(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
