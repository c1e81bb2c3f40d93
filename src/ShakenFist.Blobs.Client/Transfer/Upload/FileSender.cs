using System.Security.Cryptography;

namespace ShakenFist.Blobs.Transfer;

/// <summary>Sends a file to an upload until all its bytes are confirmed. The next chunk is read, and hashed if the hash is not known yet, while one is sent.</summary>
/// <param name="file">The file.</param>
/// <param name="stream">The upload.</param>
/// <param name="journal">Records the upload and its confirmed size.</param>
/// <param name="retry">Decides when the upload fails.</param>
/// <param name="hasher">Hashes the file while it is read. Null if the hash is known.</param>
internal sealed class FileSender(SourceFile file, UploadStream stream, UploadJournal journal, RetryClock retry, IncrementalHash? hasher)
{
    private readonly byte[]?[] _buffers = new byte[2][];
    private int _turn;
    private long _hashed;

    /// <summary>Sends what is missing. If the cluster lost the upload, starts a new one.</summary>
    /// <param name="header">The first line of the journal, without the UUID of the upload.</param>
    /// <param name="cancellationToken">Cancels the operation. The upload can be resumed.</param>
    public async Task SendAsync(UploadHeader header, CancellationToken cancellationToken)
    {
        retry.SetLeft(() => file.Size - stream.Confirmed);
        retry.Start();
        try
        {
            bool isComplete;
            do
            {
                isComplete = await TrySendAsync(header, cancellationToken).ConfigureAwait(false);
            }
            while (!isComplete);
        }
        finally
        {
            retry.Stop();
            if (stream.Exists)
            {
                journal.Record(stream.Confirmed, now: true);
            }
        }

        file.ThrowIfChanged();
    }

    /// <summary>Returns false if the upload lost bytes.</summary>
    private async Task<bool> TrySendAsync(UploadHeader header, CancellationToken cancellationToken)
    {
        try
        {
            if (!stream.Exists)
            {
                await stream.CreateAsync(cancellationToken).ConfigureAwait(false);
                journal.Begin(header with { Upload = stream.Uuid });
            }

            await SendChunksAsync(cancellationToken).ConfigureAwait(false);
            return await stream.IsSettledAsync(cancellationToken).ConfigureAwait(false) && stream.Confirmed == file.Size;
        }
        catch (SfException e) when (e.Error == SfErrors.UploadNotFound)
        {
            stream.Discard();
            return false;
        }
    }

    private async Task SendChunksAsync(CancellationToken cancellationToken)
    {
        await HashUpToAsync(stream.Confirmed, cancellationToken).ConfigureAwait(false);
        Task<ReadOnlyMemory<byte>>? next = null;
        try
        {
            while (stream.Confirmed < file.Size)
            {
                ReadOnlyMemory<byte> chunk = await (next ?? ReadAsync(stream.Confirmed, cancellationToken)).ConfigureAwait(false);
                long end = stream.Confirmed + chunk.Length;
                int failures = stream.ResumeCount;
                next = end < file.Size ? ReadAsync(end, cancellationToken) : null;
                await stream.AppendAsync(chunk, cancellationToken).ConfigureAwait(false);
                journal.Record(stream.Confirmed);
                if (stream.Confirmed != end)
                {
                    await (next ?? Task.CompletedTask).ConfigureAwait(false);
                    next = null;
                }

                if (stream.ResumeCount != failures)
                {
                    // A request that was given up can still read its buffer.
                    _buffers[1 - _turn] = null;
                }
            }
        }
        finally
        {
            await ((Task?)next ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Reads the next chunk into the buffer that is not being sent.</summary>
    private Task<ReadOnlyMemory<byte>> ReadAsync(long offset, CancellationToken cancellationToken)
    {
        int length = stream.NextChunk(file.Size - offset);
        int turn = _turn;
        _turn = 1 - turn;
        byte[] buffer = _buffers[turn] is { } old && old.Length >= length ? old : _buffers[turn] = new byte[length];
        return Task.Run(
            async () =>
            {
                await file.ReadAsync(buffer.AsMemory(0, length), offset, cancellationToken).ConfigureAwait(false);
                AddToHash(offset, buffer.AsSpan(0, length));
                return (ReadOnlyMemory<byte>)buffer.AsMemory(0, length);
            },
            cancellationToken);
    }

    /// <summary>Hashes the bytes that an earlier run has sent.</summary>
    private async Task HashUpToAsync(long end, CancellationToken cancellationToken)
    {
        while (hasher is not null && _hashed < end)
        {
            byte[] buffer = new byte[(int)Math.Min(1 << 20, end - _hashed)];
            await file.ReadAsync(buffer, _hashed, cancellationToken).ConfigureAwait(false);
            AddToHash(_hashed, buffer);
        }
    }

    // After a setback, bytes are read again that have been hashed.
    private void AddToHash(long offset, ReadOnlySpan<byte> bytes)
    {
        int known = (int)Math.Clamp(_hashed - offset, 0, bytes.Length);
        if (hasher is not null && known < bytes.Length)
        {
            hasher.AppendData(bytes[known..]);
            _hashed += bytes.Length - known;
        }
    }
}
