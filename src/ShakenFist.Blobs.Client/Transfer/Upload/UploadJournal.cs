using System.Buffers;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Transfer;

/// <summary>The first line of the journal of an upload: where the upload is, and all that is needed to publish it.</summary>
internal sealed record UploadHeader
{
    /// <summary>The version of the module that wrote the journal.</summary>
    public string ModuleVersion { get; init; } = string.Empty;

    /// <summary>The URL of the cluster.</summary>
    public string Cluster { get; init; } = string.Empty;

    /// <summary>The namespace of the session.</summary>
    public string Namespace { get; init; } = string.Empty;

    /// <summary>UUID of the upload, which is the right to change it. Therefore, only the user can read the journal.</summary>
    public Guid Upload { get; init; }

    /// <summary>Full path of the file.</summary>
    public string Path { get; init; } = string.Empty;

    /// <summary>Length of the file in bytes.</summary>
    public long Size { get; init; }

    /// <summary>The SHA-512 hash of the file, or its identity, size, and time if it is hashed while it is sent.</summary>
    public string Content { get; init; } = string.Empty;

    /// <summary>When the upload started, in UTC.</summary>
    public DateTime StartedAt { get; init; }

    /// <summary>The artifact. The limits are not recorded.</summary>
    public SfArtifactPublishOptions Options { get; init; } = new() { Name = string.Empty };
}

/// <summary>An upload that was interrupted or is in progress.</summary>
/// <param name="Header">The first line of its journal. Null if the journal is damaged, was written by a newer version of the module, or is in use.</param>
/// <param name="Confirmed">The number of bytes that need not be sent again.</param>
/// <param name="JournalPath">Full path of the journal.</param>
/// <param name="State">Whether the upload can be resumed.</param>
internal sealed record FoundUpload(UploadHeader? Header, long Confirmed, string JournalPath, SfBlobTransferState State);

/// <summary>
/// Records an upload in progress in a directory that only the user can read, so that another process can resume it. The first line is JSON, followed by the beginning of
/// its SHA-256 hash. Each further line is a confirmed size with a check that also covers the first line. The file is locked while the upload is in progress, and its name
/// is derived from the cluster, the namespace, and the content, so that two processes do not send the same file to the same cluster.
/// </summary>
internal sealed class UploadJournal : IDisposable
{
    public const string Extension = ".sfupload";

    private const string Format = "ShakenFist.Blobs upload";
    private const int Version = 1;
    private const int CheckDigits = 32;
    private const int OpenAttempts = 10;
    private const int MaxFileBytes = 64 * 1024 * 1024;

    // Confirmed bytes that are not recorded are sent again after a kill.
    private static readonly TimeSpan RecordInterval = TimeSpan.FromSeconds(1);

    private static readonly string ModuleVersion =
        typeof(UploadJournal).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? string.Empty;

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private string _check = string.Empty;
    private long _length;
    private long _recorded;
    private long _lastRecord;

    private UploadJournal(SafeFileHandle file, string path)
    {
        _file = file;
        _path = path;
    }

    /// <summary>The upload of an earlier run. Null if there is none that can be resumed.</summary>
    public UploadHeader? Found { get; private set; }

    /// <summary>The confirmed size of the upload of an earlier run.</summary>
    public long FoundSize { get; private set; }

    /// <summary>Gets the directory of the journals of this user.</summary>
    public static string DefaultDirectory { get; } = DirectoryFor(Environment.GetEnvironmentVariable, OperatingSystem.IsWindows(),
        Environment.GetFolderPath(OperatingSystem.IsWindows() ? Environment.SpecialFolder.LocalApplicationData : Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify));

    /// <summary>Gets the directory from the environment variable XDG_STATE_HOME, or from the home directory. A relative path is ignored, as the specification requires.</summary>
    internal static string DirectoryFor(Func<string, string?> environment, bool isWindows, string profile)
    {
        if (isWindows)
        {
            return Path.Combine(profile, "ShakenFist.Blobs", "uploads");
        }

        string? state = environment("XDG_STATE_HOME");
        return Path.Combine(Path.IsPathFullyQualified(state ?? string.Empty) ? state! : Path.Combine(profile, ".local", "state"), "shakenfist-blobs", "uploads");
    }

    /// <summary>Opens and locks the journal for a file on a cluster, or creates it.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.TargetBusy"/> if another process publishes the same file.</exception>
    public static UploadJournal Open(string directory, UploadHeader wanted)
    {
        string path = Path.Combine(directory, KeyOf(wanted) + Extension);
        try
        {
            CreateDirectory(directory);
            for (int attempt = 1; ; attempt++)
            {
                if (TryOpen(path, create: true) is { } journal)
                {
                    journal.Read(wanted);
                    return journal;
                }

                if (attempt == OpenAttempts)
                {
                    throw new SfException(SfErrors.TargetBusy, $"'{path}' is replaced again and again by another process.");
                }
            }
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            SfException error = FileErrors.Of(e, path);
            throw error.Error == SfErrors.TargetBusy ? new SfException(SfErrors.TargetBusy, $"'{wanted.Path}' is being published to {wanted.Cluster} by another process.", e) : error;
        }
    }

    /// <summary>Lists the uploads in a directory of journals.</summary>
    public static IEnumerable<FoundUpload> Find(string directory)
    {
        string[] found;
        try
        {
            found = Directory.Exists(directory) ? Directory.GetFiles(directory, "*" + Extension) : [];
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, directory);
        }

        Array.Sort(found, StringComparer.Ordinal);
        return found.Select(Describe).OfType<FoundUpload>();
    }

    /// <summary>Locks the journal at a path, for a process that removes the upload. Null if there is none.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.TargetBusy"/> if another process uses it.</exception>
    public static UploadJournal? TryLock(string path)
    {
        try
        {
            return TryOpen(path, create: false);
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, path);
        }
    }

    /// <summary>Deletes the journal of a file that was published in another way, unless another process uses it.</summary>
    public static void DeleteUnused(string directory, UploadHeader header)
    {
        try
        {
            using UploadJournal? journal = TryLock(Path.Combine(directory, KeyOf(header) + Extension));
            journal?.Delete();
        }
        catch (SfException)
        {
            // The file does no harm.
        }
    }

    /// <summary>Starts to record a new upload, instead of an earlier one.</summary>
    public void Begin(UploadHeader header)
    {
        ArrayBufferWriter<byte> line = new();
        line.Write(WriteHeader(header with { ModuleVersion = ModuleVersion }));
        _check = CheckOf(line.WrittenSpan);
        line.Write(Encoding.ASCII.GetBytes($" {_check}\n"));
        Guarded(() =>
        {
            RandomAccess.SetLength(_file, 0);
            RandomAccess.Write(_file, line.WrittenSpan, 0);
        });
        _length = line.WrittenCount;
        _recorded = 0;
    }

    /// <summary>Records the confirmed size, at most once a second unless <paramref name="now"/> is set.</summary>
    public void Record(long confirmed, bool now = false)
    {
        if (confirmed == _recorded || _check.Length == 0 || (!now && confirmed > _recorded && Environment.TickCount64 - _lastRecord < RecordInterval.TotalMilliseconds))
        {
            return;
        }

        string text = confirmed.ToString(CultureInfo.InvariantCulture);
        byte[] line = Encoding.ASCII.GetBytes($"{text} {CheckOf(Encoding.ASCII.GetBytes($"{_check} {text}"))}\n");
        Guarded(() => RandomAccess.Write(_file, line, _length));
        _length += line.Length;
        _recorded = confirmed;
        _lastRecord = Environment.TickCount64;
    }

    /// <summary>Deletes the journal, after the upload became a version or was given up.</summary>
    public void Delete() => Guarded(() =>
    {
        FileSystemEvents.Raise(FileOperation.Delete, _path);
        if (FileStatus.IsAt(FileStatus.Of(_file).Identity, _path))
        {
            File.Delete(_path);
        }
    });

    public void Dispose() => _file.Dispose();

    /// <summary>Returns the first line, the last confirmed size, and where the valid lines end. Null if the first line is not valid.</summary>
    internal static (UploadHeader Header, long Size)? Parse(ReadOnlySpan<byte> bytes, out string check, out int end)
    {
        check = string.Empty;
        end = bytes.IndexOf((byte)'\n') + 1;
        if (end < CheckDigits + 3 || ReadHeader(bytes[..(end - CheckDigits - 2)]) is not { } header)
        {
            return null;
        }

        check = CheckOf(bytes[..(end - CheckDigits - 2)]);
        if (!bytes[(end - CheckDigits - 1)..(end - 1)].SequenceEqual(Encoding.ASCII.GetBytes(check)))
        {
            return null;
        }

        // The last line can be incomplete after a kill. What follows a damaged line is not used.
        long size = 0;
        while (true)
        {
            int length = bytes[end..].IndexOf((byte)'\n');
            string[] words = length < 0 ? [] : Encoding.ASCII.GetString(bytes.Slice(end, length)).Split(' ');
            if (words.Length != 2 || words[1] != CheckOf(Encoding.ASCII.GetBytes($"{check} {words[0]}"))
                || !long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out long next) || next > header.Size)
            {
                return (header, size);
            }

            size = next;
            end += length + 1;
        }
    }

    /// <summary>Writes the first line without its check.</summary>
    internal static byte[] WriteHeader(UploadHeader header) => JsonWriter.Write(new Dictionary<string, object?>
    {
        ["format"] = Format,
        ["version"] = Version,
        ["module"] = header.ModuleVersion,
        ["cluster"] = header.Cluster,
        ["namespace"] = header.Namespace,
        ["upload"] = header.Upload.ToString("D"),
        ["path"] = header.Path,
        ["size"] = header.Size,
        ["content"] = header.Content,
        ["started"] = header.StartedAt.ToString("O", CultureInfo.InvariantCulture),
        ["name"] = header.Options.Name,
        ["type"] = header.Options.Type,
        ["shared"] = header.Options.Shared,
        ["target"] = header.Options.Namespace,
        ["sourceUrl"] = header.Options.SourceUrl,
        ["metadata"] = header.Options.Metadata.ToDictionary(),
        ["force"] = header.Options.Force,
        ["noDeduplication"] = header.Options.NoDeduplication,
    });

    private static UploadHeader? ReadHeader(ReadOnlySpan<byte> json)
    {
        try
        {
            if (JsonTree.Parse(json) is not Dictionary<string, object?> members || members.GetValueOrDefault("format") as string != Format
                || JsonValue.AsLong(members.GetValueOrDefault("version")) != Version)
            {
                return null;
            }

            string Text(string name) => members.GetValueOrDefault(name) as string ?? string.Empty;
            UploadHeader header = new()
            {
                ModuleVersion = Text("module"),
                Cluster = Text("cluster"),
                Namespace = Text("namespace"),
                Upload = JsonValue.AsGuid(members.GetValueOrDefault("upload")) ?? default,
                Path = Text("path"),
                Size = JsonValue.AsLong(members.GetValueOrDefault("size")) ?? 0,
                Content = Text("content"),
                StartedAt = DateTime.TryParse(Text("started"), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTime at) ? at : default,
                Options = new SfArtifactPublishOptions
                {
                    Name = Text("name"),
                    Type = Text("type"),
                    Shared = members.GetValueOrDefault("shared") is true,
                    Namespace = members.GetValueOrDefault("target") as string,
                    SourceUrl = members.GetValueOrDefault("sourceUrl") as string,
                    Metadata = members.GetValueOrDefault("metadata") as Dictionary<string, object?> ?? [],
                    Force = members.GetValueOrDefault("force") is true,
                    NoDeduplication = members.GetValueOrDefault("noDeduplication") is true,
                },
            };
            return header.Upload != default && header.Size > 0 ? header : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Opens and locks a journal. Null if another process deleted or replaced it in the meantime, or if it does not exist and is not created.</summary>
    private static UploadJournal? TryOpen(string path, bool create)
    {
        SafeFileHandle? file = null;
        try
        {
            FileSystemEvents.Raise(FileOperation.Open, path);
            FileStatus? found = FileStatus.At(path);
            if (found is null && !create)
            {
                return null;
            }

            if (found is { IsRegular: false } or { IsOwn: false })
            {
                throw new SfException(SfErrors.FileAccessDenied, $"Cannot use '{path}': it is not a file of the current user.");
            }

            file = found is null ? PrivateFile.Create(path, PartialDownload.Sharing)
                : OperatingSystem.IsWindows() ? WindowsFile.Open(path, FileMode.Open, PartialDownload.Sharing)
                : File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, PartialDownload.Sharing);
            _ = FileLock.TryTake(file, path);
            if (!FileStatus.IsAt(FileStatus.Of(file).Identity, path))
            {
                return null;
            }

            UploadJournal journal = new(file, path);
            file = null;
            return journal;
        }
        catch (IOException e) when (e is FileNotFoundException || (create && FileErrors.IsAlreadyThere(e)))
        {
            return null;
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>Reads the journal at a path. Null if there is none.</summary>
    private static FoundUpload? Describe(string path)
    {
        try
        {
            if (FileStatus.At(path) is not { IsRegular: true, IsOwn: true, Length: <= MaxFileBytes })
            {
                return null;
            }

            FileSystemEvents.Raise(FileOperation.Read, path);
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] bytes = new byte[file.Length];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            (UploadHeader Header, long Size)? parsed = Parse(bytes.AsSpan(0, length), out _, out _);
            return new FoundUpload(parsed?.Header, parsed?.Size ?? 0, path, parsed is null ? SfBlobTransferState.Damaged : SfBlobTransferState.Resumable);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            // The process that publishes the file has locked its journal.
            SfException error = FileErrors.Of(e, path);
            return error.Error == SfErrors.TargetBusy ? new FoundUpload(null, 0, path, SfBlobTransferState.Active) : throw error;
        }
    }

    private static string KeyOf(UploadHeader header) =>
        PublishedHash.Write(SHA256.HashData(Encoding.UTF8.GetBytes($"{header.Cluster}\n{header.Namespace}\n{header.Content}")))[..32];

    private static string CheckOf(ReadOnlySpan<byte> text) => PublishedHash.Write(SHA256.HashData(text))[..CheckDigits];

    private static void CreateDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            // The directory inherits the permissions of the user's local application data.
            Directory.CreateDirectory(directory);
            return;
        }

        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        FileStatus status = FileStatus.At(directory)!.Value;
        if (!status.IsOwn)
        {
            throw new SfException(SfErrors.FileAccessDenied, $"Cannot use the directory '{directory}': it belongs to another user.");
        }

        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        if ((status.Mode & Others) != 0)
        {
            File.SetUnixFileMode(directory, status.Mode & ~Others & (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        }
    }

    private void Read(UploadHeader wanted)
    {
        byte[] bytes = new byte[Math.Min(RandomAccess.GetLength(_file), MaxFileBytes)];
        int length = RandomAccess.Read(_file, bytes, 0);
        if (Parse(bytes.AsSpan(0, length), out string check, out int end) is { } parsed && parsed.Header.Cluster == wanted.Cluster && parsed.Header.Namespace == wanted.Namespace
            && parsed.Header.Content == wanted.Content && parsed.Header.Size == wanted.Size)
        {
            Found = parsed.Header;
            FoundSize = parsed.Size;
            _check = check;
            _length = end;
            _recorded = parsed.Size;

            // Otherwise, a new line could make valid lines behind a damaged one readable.
            RandomAccess.SetLength(_file, end);
        }
    }

    private void Guarded(Action operation)
    {
        try
        {
            FileSystemEvents.Raise(FileOperation.Write, _path);
            operation();
        }
        catch (Exception e) when (FileErrors.IsFileFailure(e))
        {
            throw FileErrors.Of(e, _path);
        }
    }
}
