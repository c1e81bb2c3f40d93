using System.Buffers;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// The record of a transfer in progress, in a file beside the temporary one: lines of text, each with a check of its own, appended as blocks complete. A process that is
/// killed or a computer that loses power leaves at worst an incomplete last line. The temporary file is compared with the hashes of the blocks before it is used, so the
/// order in which the two files reach the disk does not matter. A journal that is found is read and never written to: each run writes one of its own.
/// </summary>
internal sealed class TransferJournal : IDisposable
{
    /// <summary>What is appended to the name of the target.</summary>
    public const string Suffix = ".sfjournal";

    /// <summary>What is appended to the name of the target while the journal is being written for the first time.</summary>
    public const string NewSuffix = Suffix + ".new";

    // A journal of the most blocks there may be has some 30 MB. More is not ours, and not worth the memory.
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

    /// <summary>Writes a new journal and puts it in the place of any that is there.</summary>
    /// <param name="target">The target of the transfer.</param>
    /// <param name="header">The first line.</param>
    /// <param name="blocks">The blocks that are complete already.</param>
    /// <exception cref="SfException">The file cannot be written.</exception>
    public static TransferJournal Create(string target, JournalHeader header, BlockTable blocks)
    {
        string path = target + Suffix;
        string newPath = target + NewSuffix;
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
                // A rename by path would not replace a journal that another process has open.
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
        string path = target + Suffix;
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

    /// <summary>Whether the name still belongs to this journal. If not, another process has begun to work on the same target.</summary>
    public bool IsInPlace() => FileStatus.IsAt(_identity, _path);

    /// <summary>A block is complete.</summary>
    public void Add(int block, UInt128 hash, bool provisional)
    {
        Span<byte> word = stackalloc byte[JournalFormat.MaxLineBytes];
        Append(block, word[..JournalFormat.WriteBlock(hash, provisional, word)]);
    }

    /// <summary>The provisional blocks from <paramref name="first"/> to <paramref name="last"/> are confirmed.</summary>
    public void Confirm(int first, int last)
    {
        Span<byte> word = stackalloc byte[JournalFormat.MaxLineBytes];
        Append(first, word[..JournalFormat.WriteConfirmation(last, word)]);
    }

    /// <summary>A block is to be fetched again.</summary>
    public void Invalidate(int block) => Append(block, JournalFormat.Invalid);

    /// <summary>The hash of the blob did not match: every complete block is provisional.</summary>
    public void MakeAllProvisional() => Append(0, JournalFormat.AllProvisional);

    /// <summary>The blob was found wrong in the end.</summary>
    public void AddMismatch() => Append(0, JournalFormat.Mismatch);

    /// <summary>Makes what was written survive a loss of power.</summary>
    public void Flush()
    {
        FileSystemEvents.Raise(FileOperation.Flush, _path);
        RandomAccess.FlushToDisk(_file);
    }

    /// <summary>Deletes it, if it is still in its place.</summary>
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
            // The failure that is being reported matters more.
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
