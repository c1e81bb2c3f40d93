using System.Text;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Checks the invariants of every transfer. It is also the log of the transfer, and checks the files on the disk at each message.</summary>
internal sealed class Invariants : ISfLog
{
    private static readonly byte[] Old = Encoding.ASCII.GetBytes("the old file");

    private readonly TempFolder _folder;
    private readonly byte[] _whole;
    private readonly RecordingLog _log = new();
    private readonly List<string> _broken = [];

    public Invariants(TempFolder folder, byte[] whole)
    {
        (_folder, _whole) = (folder, whole);
        folder.Write(Path.GetFileName(folder.Target), Old);
    }

    /// <summary>Secrets that must not appear anywhere.</summary>
    public List<string> Secrets { get; } = [Cluster.Key];

    public void Verbose(string message) => Look(() => _log.Verbose(message));

    public void Debug(string message) => Look(() => _log.Debug(message));

    public void Warning(string message) => Look(() => _log.Warning(message));

    public void Check(SfBlobSaveResult? transfer, SfException? failure, SfVerificationOutcome verification)
    {
        Look(() => { });
        Assert.Empty(_broken);
        byte[] target = Read(_folder.Target);
        if (transfer is not null)
        {
            Assert.True(target.AsSpan().SequenceEqual(_whole), "The file is not the blob.");
            Assert.Equal((long)_whole.Length, transfer.Size);
            Assert.Equal(verification, transfer.Verification);
            _folder.ContainsNoPartialFile();
        }
        else
        {
            Assert.True(target.AsSpan().SequenceEqual(Old), "The old file is not what it was.");
            _folder.ContainsNothingOrResumableTransfers();
        }

        Assert.DoesNotContain(failure?.Message ?? string.Empty, char.IsControl);
        string[] readable = [_log.Everything, failure?.ToString() ?? string.Empty, .. Directory.GetFiles(_folder.Path).Select(file => Encoding.Latin1.GetString(Read(file)))];
        Assert.All(Secrets, secret => Assert.All(readable, text => Assert.DoesNotContain(secret.Replace("Bearer ", string.Empty, StringComparison.Ordinal), text, StringComparison.Ordinal)));
    }

    private void Look(Action tell)
    {
        tell();
        byte[] target = Read(_folder.Target);
        FileInfo partial = new(_folder.Target + PartialDownload.Suffix);
        lock (_broken)
        {
            if (!target.AsSpan().SequenceEqual(Old) && !target.AsSpan().SequenceEqual(_whole))
            {
                _broken.Add($"Under the final name there are {target.Length} bytes that are neither the old file nor the blob.");
            }

            if (partial.Exists && partial.Length > _whole.Length)
            {
                _broken.Add($"The temporary file has {partial.Length} bytes.");
            }
        }
    }

    /// <summary>Opens the file so that other processes can still replace it.</summary>
    private static byte[] Read(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
