using ShakenFist.Blobs.Files;

namespace ShakenFist.Blobs.Soak;

/// <summary>
/// Another program that works in the folder of the target and ignores locks. It renames, links, replaces, truncates, deletes, and creates the temporary file, the
/// journal, and the target, at random moments and at the file operations of the transfer. It can also simulate a file system without locks.
/// </summary>
internal sealed class Interference : IDisposable
{
    private const string PartSuffix = ".sfpart";
    private const string JournalSuffix = ".sfjournal";

    // One in this number of file operations of the transfer is preceded by an operation of this program.
    private const int OperationsPerAction = 60;

    private readonly object _lock = new();
    private readonly World _world;
    private readonly Random _random;
    private readonly Tally _tally;
    private readonly bool _hasLocks;
    private readonly bool _touchesTarget;
    private readonly ForeignFiles _foreign;
    private readonly List<string> _moved = [];
    private readonly List<string> _actions = [];
    private int _names;
    private int _left;

    /// <param name="world">The cluster and the folder.</param>
    /// <param name="seed">The seed of its operations.</param>
    /// <param name="tally">Counts its operations.</param>
    /// <param name="hasLocks">Whether the file system has locks.</param>
    /// <param name="touchesTarget">Whether it also changes the target.</param>
    public Interference(World world, int seed, Tally tally, bool hasLocks, bool touchesTarget)
    {
        _world = world;
        _random = new Random(seed);
        _tally = tally;
        _hasLocks = hasLocks;
        _touchesTarget = touchesTarget;
        _foreign = new ForeignFiles(world.Elsewhere);
        FileSystemEvents.Before += Before;
    }

    /// <summary>The files of other programs.</summary>
    public ForeignFiles Foreign => _foreign;

    /// <summary>Whether the target has been changed since the last command started.</summary>
    public bool HasTouchedTarget { get; private set; }

    /// <summary>Whether the length of a temporary file was changed after the transfer flushed it, which cannot be detected.</summary>
    public bool HasChangedLength { get; private set; }

    /// <summary>Whether it has done anything.</summary>
    public bool HasActed { get; private set; }

    /// <summary>Its operations since the last command started.</summary>
    public string Actions
    {
        get
        {
            lock (_lock)
            {
                return string.Join(", ", _actions);
            }
        }
    }

    /// <summary>Starts to interfere.</summary>
    /// <param name="actions">Maximum number of operations.</param>
    public void Start(int actions)
    {
        lock (_lock)
        {
            _left = actions;
            HasTouchedTarget = HasChangedLength = false;
            _actions.Clear();
        }
    }

    /// <summary>Interferes at random moments until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            int pause;
            lock (_lock)
            {
                if (_left == 0)
                {
                    return;
                }

                pause = _random.Next(12);
            }

            await Task.Delay(pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stop.IsCancellationRequested)
            {
                Act(mayChangeLength: true);
            }
        }
    }

    /// <summary>Stops interfering.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _left = 0;
        }
    }

    /// <summary>Removes files that a command rejects instead of replacing them: links with the names of the temporary files.</summary>
    public void RemoveLinks()
    {
        foreach (string path in new[] { _world.Target + PartSuffix, _world.Target + JournalSuffix, _world.Target + JournalSuffix + ".new" })
        {
            if (new FileInfo(path).LinkTarget is not null)
            {
                ForeignFiles.TryDelete(path);
            }
        }
    }

    public void Dispose()
    {
        FileSystemEvents.Before -= Before;
        _foreign.Dispose();
    }

    private void Before(FileOperation operation, string path)
    {
        if (!path.StartsWith(_world.Root, StringComparison.Ordinal))
        {
            return;
        }

        if (operation == FileOperation.Lock && !_hasLocks)
        {
            throw new NotSupportedException();
        }

        lock (_lock)
        {
            if (operation == FileOperation.Flush && path.EndsWith(PartSuffix, StringComparison.Ordinal))
            {
                HasChangedLength = false;
            }

            if (_left > 0 && _random.Next(OperationsPerAction) == 0)
            {
                // A change of the length between the check and the following operation cannot be detected.
                Act(mayChangeLength: operation is FileOperation.Open or FileOperation.Read or FileOperation.Flush);
            }
        }
    }

    private void Act(bool mayChangeLength)
    {
        lock (_lock)
        {
            if (_left == 0)
            {
                return;
            }

            _left--;
            int which = _random.Next(_touchesTarget ? 9 : 7);
            bool isTarget = which > 6;
            string path = _world.Target + (isTarget ? string.Empty : which < 4 ? PartSuffix : which < 6 ? JournalSuffix : JournalSuffix + ".new");
            string action = Act(path, isTarget, mayChangeLength);
            HasTouchedTarget |= isTarget;
            string name = $"{(isTarget ? "target" : which < 4 ? "part" : which < 6 ? "journal" : "new journal")} {action}";
            HasActed = true;
            _actions.Add(name);
            Tally.Count(_tally.Interferences, name);
        }
    }

    private string Act(string path, bool isTarget, bool mayChangeLength)
    {
        switch (_random.Next(11))
        {
            case 0:
                string away = NewName("moved");
                if (ForeignFiles.TryMove(path, away))
                {
                    _moved.Add(away);
                }

                return "moved away";
            case 1 when !isTarget && _moved.Count > 0:
                string back = _moved[^1];
                _moved.RemoveAt(_moved.Count - 1);
                ForeignFiles.TryMove(back, path);
                return "moved back";
            case 2:
                ForeignFiles.TryLink(path, NewName("link"));
                return "linked";
            case 3:
                ForeignFiles.TryMove(_foreign.Create(Noise()), path);
                return "replaced";
            case 4:
                ForeignFiles.TryDelete(path);
                ForeignFiles.TryLink(_foreign.Create(Noise()), path);
                return "replaced by a hard link";
            case 5:
                ForeignFiles.TryDelete(path);
                ForeignFiles.TryLinkSymbolically(_foreign.Create(Noise()), path);
                return "replaced by a symbolic link";
            case 6 or 7 when mayChangeLength:
                return SetLength(path, isTarget);
            case 8:
                ForeignFiles.TryDelete(path);
                return "deleted";
            case 9 when ForeignFiles.TryRead(path) is { } bytes:
                // A different file of the same length with the same or nearly the same bytes.
                if (bytes.Length > 0 && _random.Next(2) == 0)
                {
                    bytes[_random.Next(bytes.Length)] ^= 1;
                }

                ForeignFiles.TryMove(_foreign.Create(bytes), path);
                return "replaced by a copy";
            default:
                ForeignFiles.TryLink(_foreign.Create(Noise()), path);
                return "created";
        }
    }

    private string SetLength(string path, bool isTarget)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle? file = ForeignFiles.Open(path, write: true);
        if (file is null || _foreign.Contains(file))
        {
            return "not there";
        }

        long length = RandomAccess.GetLength(file);
        ForeignFiles.SetLength(file, _random.Next(4) == 0 ? length + _random.Next(1, 5000) : _random.NextInt64(length + 1));
        HasChangedLength |= !isTarget;
        return "cut or lengthened";
    }

    private byte[] Noise()
    {
        byte[] bytes = new byte[_random.Next(3) == 0 ? (int)_world.Blob.Size : _random.Next(1, 3000)];
        _random.NextBytes(bytes);
        return bytes;
    }

    private string NewName(string kind) => Path.Combine(_world.Elsewhere, $"{kind}-{_names++}");
}
