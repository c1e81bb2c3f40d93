using System.Buffers;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// Records a transfer in progress in a file next to the temporary file. When a block completes, a line of text with a check is appended. If the process is killed or
/// the power fails, only the last line can be incomplete. The temporary file is compared with the hashes of the blocks before it is used, so the two files can reach
/// the disk in any order. An existing journal is only read. Each run writes a new one.
/// </summary>
internal sealed class TransferJournal : IDisposable
{
    /// <summary>The suffix of the journal, after the name of the target.</summary>
    public const string Suffix = ".sfjournal";

    /// <summary>The suffix while a new journal is written.</summary>
    public const string NewSuffix = Suffix + ".new";

    // A journal with the maximum number of blocks has about 240 MB. Longer files were not written by this module and are not read.
    private const long MaxFileBytes = 256 * 1024 * 1024;

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly byte[] _headerCheck;
    private readonly FileIdentity _identity;
    private long _length;

    private TransferJournal(SafeFileHandle file, string path, byte[] headerCheck, long length)
    {
        _file = file;
        _path = path;
        _headerCheck = headerCheck;
        _length = length;
        _identity = FileStatus.Of(file).Identity;
    }

    /// <summary>Full path of the file.</summary>
    public string Path => _path;

    /// <summary>Returns the path of the journal of a target.</summary>
    public static string PathOf(string target) => TransferNames.StemOf(target) + Suffix;

    /// <summary>Returns the path of a journal that is being written, before it replaces the journal of the target.</summary>
    public static string NewPathOf(string target) => TransferNames.StemOf(target) + NewSuffix;

    /// <summary>Writes a new journal and replaces an existing one.</summary>
    /// <param name="target">The target of the transfer.</param>
    /// <param name="header">The first line.</param>
    /// <param name="blocks">The blocks that are already complete.</param>
    /// <exception cref="SfException">The file cannot be written.</exception>
    public static TransferJournal Create(string target, JournalHeader header, BlockTable blocks)
    {
        string path = PathOf(target);
        string newPath = NewPathOf(target);
        SafeFileHandle? file = null;
        try
        {
            FileKind.EnsureUsable(path);
            File.Delete(newPath);
            FileSystemEvents.Raise(FileOperation.Open, path);
            file = PrivateFile.Create(newPath, FileShare.ReadWrite | FileShare.Delete);
            FileSystemEvents.Raise(FileOperation.Write, path);
            ArrayBufferWriter<byte> text = new();
            text.Write(JournalFormat.WriteHeader(header, out byte[] check));
            long length = 0;
            for (int block = 0; block < blocks.Count; block++)
            {
                if (blocks.IsComplete(block))
                {
                    AddLine(text, check, block, blocks);
                }

                if (text.WrittenCount > 64 * 1024 || block == blocks.Count - 1)
                {
                    RandomAccess.Write(file, text.WrittenSpan, length);
                    length += text.WrittenCount;
                    text.ResetWrittenCount();
                }
            }

            if (OperatingSystem.IsWindows())
            {
                // A rename by path fails if another process has the existing journal open.
                WindowsFile.RenameByHandle(file, path, replace: true);
            }
            else
            {
                File.Move(newPath, path, overwrite: true);
            }

            TransferJournal journal = new(file, path, check, length);
            file = null;
            return journal;
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            TryDelete(newPath);
            throw FileErrors.Of(e, path);
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>Reads the journal of a target. Null if there is none.</summary>
    /// <exception cref="SfException">The file cannot be read.</exception>
    public static JournalContent? Read(string target)
    {
        string path = PathOf(target);
        try
        {
            if (FileStatus.At(path) is not { } status)
            {
                return null;
            }

            if (!status.IsRegular)
            {
                return JournalContent.Unusable($"it is {FileKind.GetSpecialFileKind(path) ?? "not a file"}");
            }

            if (!status.IsOwn)
            {
                return JournalContent.Unusable("it belongs to another user");
            }

            FileSystemEvents.Raise(FileOperation.Read, path);
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > MaxFileBytes)
            {
                return JournalContent.Unusable("it is too long");
            }

            byte[] bytes = new byte[file.Length];
            return JournalFormat.Parse(bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, path);
        }
    }

    /// <summary>Whether the path still refers to this journal. If not, another process has started to use the same target.</summary>
    public bool IsInPlace() => FileStatus.IsAt(_identity, _path);

    /// <summary>Records that a block is complete.</summary>
    public void Add(int block, UInt128 hash, bool provisional)
    {
        Span<byte> word = stackalloc byte[JournalFormat.MaxLineBytes];
        Append(block, word[..JournalFormat.WriteBlock(hash, provisional, word)]);
    }

    /// <summary>Records that the provisional blocks from <paramref name="first"/> to <paramref name="last"/> are confirmed.</summary>
    public void Confirm(int first, int last)
    {
        Span<byte> word = stackalloc byte[JournalFormat.MaxLineBytes];
        Append(first, word[..JournalFormat.WriteConfirmation(last, word)]);
    }

    /// <summary>Records that a block must be fetched again.</summary>
    public void Invalidate(int block) => Append(block, JournalFormat.Invalid);

    /// <summary>Records that all complete blocks are provisional, because the hash of the blob did not match.</summary>
    public void MakeAllProvisional() => Append(0, JournalFormat.AllProvisional);

    /// <summary>Records that the blob did not match its hash in the end.</summary>
    public void AddMismatch() => Append(0, JournalFormat.Mismatch);

    /// <summary>Writes the journal to the disk, so that it survives a power failure.</summary>
    public void Flush()
    {
        FileSystemEvents.Raise(FileOperation.Flush, _path);
        FilePlacement.FlushData(_file);
    }

    /// <summary>Deletes the journal, if the path still refers to it.</summary>
    public void Delete()
    {
        FileSystemEvents.Raise(FileOperation.Delete, _path);
        if (IsInPlace())
        {
            File.Delete(_path);
        }
    }

    public void Dispose() => _file.Dispose();

    private static void AddLine(ArrayBufferWriter<byte> text, byte[] check, int block, BlockTable blocks)
    {
        Span<byte> word = stackalloc byte[JournalFormat.MaxLineBytes];
        int length = JournalFormat.WriteBlock(blocks.HashOf(block), !blocks.IsConfirmed(block), word);
        text.Advance(JournalFormat.WriteLine(check, block, word[..length], text.GetSpan(JournalFormat.MaxLineBytes)));
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            // The failure that is being reported is more important.
        }
    }

    private void Append(int number, ReadOnlySpan<byte> word)
    {
        Span<byte> line = stackalloc byte[JournalFormat.MaxLineBytes];
        int length = JournalFormat.WriteLine(_headerCheck, number, word, line);
        try
        {
            FileSystemEvents.Raise(FileOperation.Write, _path);
            RandomAccess.Write(_file, line[..length], _length);
            _length += length;
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, _path);
        }
    }
}
