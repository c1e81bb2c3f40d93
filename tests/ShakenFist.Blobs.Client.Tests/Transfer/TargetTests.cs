using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests valid and invalid targets, and existing files.</summary>
public sealed class TargetTests
{
    private static async Task RefusedAsync(SfError error, Func<Download, string> path)
    {
        await using Download download = await Download.StartAsync(100);
        await SfAssert.ThrowsAsync(error, () => download.RunAsync(new SfBlobSaveOptions { Force = true }, path(download)));
        Assert.Equal(0, download.Cluster.DataRequests);
        download.Folder.ContainsNoPartialFile();
    }

    [Fact]
    public Task A_directory_is_rejected_as_target() => RefusedAsync(SfErrors.TargetNotFile, d => d.Folder.Path);

    [Fact]
    public Task A_device_is_rejected_as_target() => RefusedAsync(SfErrors.TargetNotFile, _ => OperatingSystem.IsWindows() ? @"\\.\NUL" : "/dev/null");

    [Fact]
    public Task A_link_to_a_device_is_rejected_as_target()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Devices are not files in a directory there.");
        return RefusedAsync(SfErrors.TargetNotFile, d =>
        {
            File.CreateSymbolicLink(d.Target, "/dev/null");
            return d.Target;
        });
    }

    [Theory]
    [InlineData("/dev/sfblobs-none")]
    [InlineData("/dev/shm/../sfblobs-none")]
    public Task A_device_that_does_not_exist_is_rejected_as_target(string path)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Devices are no paths there.");
        return RefusedAsync(SfErrors.TargetNotFile, _ => path);
    }

    [Fact]
    public Task A_link_to_itself_is_rejected_as_target() => RefusedAsync(SfErrors.FileFailed, d =>
    {
        File.CreateSymbolicLink(d.Target, d.Target);
        return d.Target;
    });

    [Fact]
    public Task A_missing_directory_is_reported() => RefusedAsync(SfErrors.DirectoryNotFound, d => Path.Combine(d.Folder.Path, "missing", "blob"));

    [Fact]
    public Task A_name_that_ends_with_a_separator_is_reported() => RefusedAsync(SfErrors.DirectoryNotFound, d => d.Target + "/");

    [Fact]
    public Task A_name_that_is_too_long_is_reported() => RefusedAsync(SfErrors.FileFailed, d => d.Folder.At(new string('x', 300)));

    // Windows does not permit the characters * ? " in names.
    public static TheoryData<string> OrdinaryNames =>
        [OperatingSystem.IsWindows() ? "a b [c] ' $x ü ✓ \ud83d\ude00" : "a b [c] * ? ' \" $x ü ✓ \ud83d\ude00", "-rf"];

    [Theory]
    [MemberData(nameof(OrdinaryNames))]
    public async Task Any_name_that_the_file_system_accepts_is_used_unchanged(string name)
    {
        await using Download download = await Download.StartAsync(100);
        await download.RunAsync(path: download.Folder.At(name));
        Assert.Equal(download.Folder.At(name), Assert.Single(Directory.GetFiles(download.Folder.Path)));
    }

    [Theory]
    [InlineData("blob.sfpart")]
    [InlineData("blob.sfjournal")]
    public Task A_reserved_name_is_reported(string name) => RefusedAsync(SfErrors.TargetNotFile, d => d.Folder.At(name));

    [Fact]
    public async Task A_link_stays_a_link_and_its_file_is_replaced()
    {
        await using Download download = await Download.StartAsync(100);
        string file = download.Folder.Write("file", [1]);
        File.CreateSymbolicLink(download.Target, file);
        await download.SavesAsync(new SfBlobSaveOptions { Force = true });
        Assert.Equal(file, new FileInfo(download.Target).LinkTarget);
        Assert.Equal(download.Content, await File.ReadAllBytesAsync(file, Limit.Token));
    }

    [Fact]
    public async Task A_link_to_a_file_that_does_not_exist_creates_it()
    {
        await using Download download = await Download.StartAsync(100);
        File.CreateSymbolicLink(download.Target, "elsewhere");
        await download.SavesAsync();
        Assert.Equal(download.Content, await File.ReadAllBytesAsync(download.Folder.At("elsewhere"), Limit.Token));
    }

    [Fact]
    public async Task A_temporary_file_that_is_a_link_is_not_written_through()
    {
        await using Download download = await Download.StartAsync(100);
        string precious = download.Folder.Write("precious", [1, 2, 3]);
        File.CreateSymbolicLink(download.Target + PartialDownload.Suffix, precious);
        await SfAssert.ThrowsAsync(SfErrors.TargetNotFile, () => download.RunAsync());
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(precious, Limit.Token));
        File.Delete(download.Target + PartialDownload.Suffix);
    }

    [Fact]
    public async Task An_abandoned_temporary_file_is_overwritten()
    {
        await using Download download = await Download.StartAsync(100);
        download.Folder.Write("blob.raw.sfpart", new byte[5000]);
        await download.SavesAsync();
    }

    [Fact]
    public async Task A_read_only_directory_is_reported()
    {
        await using Download download = await Download.StartAsync(100);
        string path = Environment.IsPrivilegedProcess && Directory.Exists("/proc/self") ? "/proc/self/blob" : download.Target;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(download.Folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        SfException e = await Assert.ThrowsAsync<SfException>(() => download.RunAsync(path: path));
        Assert.Contains(e.Error, new[] { SfErrors.FileAccessDenied, SfErrors.DirectoryNotFound, SfErrors.FileFailed });
    }

    [Fact]
    public async Task Of_two_transfers_to_one_file_one_completes_and_the_other_reports_an_error()
    {
        await using Download download = await Download.StartAsync(300_000);
        download.With(new Fault { Kind = FaultKind.Stall, AfterBytes = 100_000 });
        download.Options = Cluster.Quick with { IdleTimeout = TimeSpan.FromSeconds(2) };
        Task<SfBlobSaveResult> first = download.RunAsync(new SfBlobSaveOptions { RetryTimeout = TimeSpan.FromSeconds(20) });
        await download.Cluster.Log.SeesAsync("/data?offset=0&limit=300000 200");
        SfException e = await SfAssert.ThrowsAsync(SfErrors.TargetBusy, () => download.RunAsync());
        Assert.Contains(PartialDownload.Suffix, e.Message, StringComparison.Ordinal);
        Assert.Equal(SfBlobSaveStatus.Saved, (await first).Status);
        Assert.Equal(download.Content, await File.ReadAllBytesAsync(download.Target, Limit.Token));
        download.Folder.ContainsNoPartialFile();
    }

    [Fact]
    public async Task A_file_that_appears_during_the_transfer_is_not_replaced()
    {
        await using Download download = await Download.StartAsync(300_000);
        (SfSession session, SfBlob record) = await download.PrepareAsync();

        // During the transfer.
        download.Cluster.Log.OnLine = line =>
        {
            if (line.Contains("/data?", StringComparison.Ordinal))
            {
                download.Folder.Write("blob.raw", [9]);
            }
        };
        await SfAssert.ThrowsAsync(SfErrors.TargetExists, () => session.SaveBlobDataAsync(record, download.Target, Cluster.Save, download.Cluster.Log, Limit.Token));
        Assert.Equal([9], await File.ReadAllBytesAsync(download.Target, Limit.Token));
        download.Folder.ContainsNothingOrResumableTransfers();
    }

    [Theory]
    [InlineData(28, nameof(SfErrors.DiskFull))]
    [InlineData(122, nameof(SfErrors.DiskFull))]
    [InlineData(unchecked((int)0x80070070), nameof(SfErrors.DiskFull))]
    [InlineData(11, nameof(SfErrors.TargetBusy))]
    [InlineData(unchecked((int)0x80070020), nameof(SfErrors.TargetBusy))]
    [InlineData(unchecked((int)0x8007012F), nameof(SfErrors.TargetBusy))]
    [InlineData(5, nameof(SfErrors.FileFailed))]
    public void A_file_system_failure_is_reported_with_its_error(int code, string id)
    {
        Assert.Equal(id, FileErrors.Of(new IOException("m", code), "/p").Error.Id);
        Assert.Equal(SfErrors.FileAccessDenied, FileErrors.Of(new UnauthorizedAccessException(), "/p").Error);
        Assert.Equal(SfErrors.DirectoryNotFound, FileErrors.Of(new DirectoryNotFoundException(), "/p").Error);
    }
}
