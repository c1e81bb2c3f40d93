using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Transfer;

/// <summary>
/// What is known of a transfer under way, in a file beside the temporary one: lines of text, added as parts come, each with a check of its own. A process that is
/// killed and a computer that loses power leave at worst a last line that is not whole. What a line says of a part is not believed: the part's hash is there to
/// be compared with the file, so it does not matter in which order the two files reached the disk.
/// </summary>
internal sealed class TransferJournal : IDisposable
{
    /// <summary>What the target's name is followed by.</summary>
    public const string Suffix = ".sfjournal";

    // A journal of the most parts there may be has some 30 MB; more is not ours, and not worth the memory.
    private const long LongestFile = 256 * 1024 * 1024;
    private readonly object _gate = new();
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly byte[] _headerCheck;
    private long _length;

    private TransferJournal(SafeFileHandle file, string path, byte[] headerCheck, long length)
    {
        _file = file;
        _path = path;
        _headerCheck = headerCheck;
        _length = length;
    }

    /// <summary>Begins a new journal in place of any that is there.</summary>
    /// <exception cref="SfException">The file cannot be written.</exception>
    public static TransferJournal Create(string target, JournalHeader header)
    {
        string path = target + Suffix;
        byte[] line = JournalFormat.WriteHeader(header, out byte[] check);
        return Open(path, FileMode.Create, file =>
        {
            try
            {
                FileSteps.On(FileStep.Write, path);
                RandomAccess.Write(file, line, 0);
                return new TransferJournal(file, path, check, line.Length);
            }
            catch (IOException)
            {
                // A journal without its first line is of no use, nor is what it would have been for.
                File.Delete(path);
                throw;
            }
        });
    }

    /// <summary>Goes on with a journal that was read.</summary>
    /// <exception cref="SfException">The file cannot be written.</exception>
    public static TransferJournal Continue(string target, JournalContent content)
    {
        string path = target + Suffix;
        return Open(path, FileMode.Open, file =>
        {
            RandomAccess.SetLength(file, content.ValidLength);
            return new TransferJournal(file, path, content.HeaderCheck, content.ValidLength);
        });
    }

    /// <summary>Reads the journal of a target; null if there is none.</summary>
    /// <exception cref="SfException">The file cannot be read.</exception>
    public static JournalContent? Read(string target)
    {
        string path = target + Suffix;
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            if (FileKind.OddityOf(path) is { } oddity)
            {
                return JournalContent.Unusable($"it is {oddity}");
            }

            FileSteps.On(FileStep.Read, path);
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > LongestFile)
            {
                return JournalContent.Unusable("it is longer than any journal");
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

    /// <summary>A part is there.</summary>
    public void Add(int part, UInt128 hash)
    {
        Span<byte> value = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(value, hash);
        Span<byte> digits = stackalloc byte[32];
        JournalFormat.WriteHex(value, digits);
        Append(part, digits);
    }

    /// <summary>A part that was there is to be fetched again.</summary>
    public void Forget(int part) => Append(part, JournalFormat.Dropped);

    /// <summary>Makes what was written survive a loss of power.</summary>
    public void Flush()
    {
        FileSteps.On(FileStep.Flush, _path);
        RandomAccess.FlushToDisk(_file);
    }

    /// <summary>Removes it.</summary>
    public void Delete()
    {
        FileSteps.On(FileStep.Delete, _path);
        File.Delete(_path);
    }

    public void Dispose() => _file.Dispose();

    private static TransferJournal Open(string path, FileMode mode, Func<SafeFileHandle, TransferJournal> open)
    {
        SafeFileHandle? file = null;
        try
        {
            FileKind.CheckOwn(path);
            FileSteps.On(FileStep.Open, path);
            file = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            TransferJournal journal = open(file);
            file = null;
            return journal;
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, path);
        }
        finally
        {
            file?.Dispose();
        }
    }

    private void Append(int part, ReadOnlySpan<byte> what)
    {
        Span<byte> line = stackalloc byte[JournalFormat.LongestLine];
        int length = JournalFormat.WriteLine(_headerCheck, part, what, line);
        try
        {
            FileSteps.On(FileStep.Write, _path);
            lock (_gate)
            {
                RandomAccess.Write(_file, line[..length], _length);
                _length += length;
            }
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, _path);
        }
    }
}
