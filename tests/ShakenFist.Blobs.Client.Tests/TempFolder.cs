using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>A directory that is deleted after the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("sfblobs").FullName;

    /// <summary>The path of the directory.</summary>
    public string Target => At("blob.raw");

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, byte[] content)
    {
        File.WriteAllBytes(At(name), content);
        return At(name);
    }

    public void ContainsNoPartialFile()
    {
        Assert.Empty(Directory.GetFiles(Path, "*" + PartialDownload.Suffix, SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(Path, "*" + TransferJournal.Suffix, SearchOption.AllDirectories));
    }

    /// <summary>Checks the files of a failed transfer: there are none, or all that are needed to resume it, or those of a hash mismatch.</summary>
    public void ContainsNothingOrResumableTransfers()
    {
        SfBlobTransfer[] left = [.. BlobTransferApi.Find(Path, recurse: true)];
        Assert.All(left, transfer => Assert.True(transfer is { State: SfBlobTransferState.Resumable or SfBlobTransferState.HashMismatch, BytesTransferred: > 0 }, $"{transfer}"));
        Assert.Equal(left.Length, Directory.GetFiles(Path, "*" + TransferJournal.Suffix, SearchOption.AllDirectories).Length);
    }

    public void Dispose()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Directory.Delete(Path, recursive: true);
    }
}
