using System.Text.Json;

namespace ShakenFist.Blobs.Json;

/// <summary>
/// Splits a JSON array into its elements while it is received, so that a list of any length requires only the memory of its largest element,
/// and the first element is available before the last one is sent. It finds only the ends of the elements; <see cref="JsonTree"/> parses them.
/// </summary>
internal sealed class JsonArraySplitter
{
    /// <summary>The maximum length of one element in bytes.</summary>
    public const int MaxElementBytes = 16 * 1024 * 1024;

    private enum Place
    {
        BeforeArray,
        BeforeFirst,
        BeforeNext,
        InElement,
        AfterArray,
    }

    private Place _place = Place.BeforeArray;
    private int _depth;
    private bool _inString;
    private bool _escaped;

    /// <summary>Reads the elements of the array from <paramref name="read"/>, which returns 0 at the end. Each element is valid until the next one is read.</summary>
    /// <exception cref="JsonException">The text is not one JSON array, is cut off, or contains an element or white space longer than <see cref="MaxElementBytes"/>.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(Func<Memory<byte>, ValueTask<int>> read)
    {
        byte[] buffer = new byte[64 * 1024];
        int start = 0;
        int scanned = 0;
        int filled = 0;
        long between = 0;
        while (true)
        {
            while (TryFindElement(buffer.AsSpan(0, filled), ref start, ref scanned, out int end))
            {
                between = 0;
                yield return buffer.AsMemory(start, end - start);
                start = scanned;
            }

            if (_place != Place.InElement)
            {
                between += scanned - start;
                start = scanned;
                if (between > MaxElementBytes)
                {
                    throw new JsonException($"The list contains {MaxElementBytes / (1024 * 1024)} MiB without an element.");
                }
            }

            // Moves an incomplete element to the start of the buffer. The buffer grows only for an element that is larger than the buffer.
            if (start > 0)
            {
                buffer.AsSpan(start, filled - start).CopyTo(buffer);
                scanned -= start;
                filled -= start;
                start = 0;
            }
            else if (filled == buffer.Length)
            {
                if (buffer.Length >= MaxElementBytes)
                {
                    throw new JsonException($"An element of the list is larger than {MaxElementBytes / (1024 * 1024)} MiB.");
                }

                Array.Resize(ref buffer, buffer.Length * 2);
            }

            int count = await read(buffer.AsMemory(filled)).ConfigureAwait(false);
            if (count == 0)
            {
                break;
            }

            filled += count;
        }

        if (_place != Place.AfterArray)
        {
            throw new JsonException(_place == Place.BeforeArray ? "The response is empty." : "The list is cut off.");
        }
    }

    private bool TryFindElement(ReadOnlySpan<byte> bytes, ref int start, ref int scanned, out int end)
    {
        while (scanned < bytes.Length)
        {
            if (_inString && !_escaped)
            {
                // Most of the text is inside strings, so this skips to the next byte with a meaning.
                int skip = bytes[scanned..].IndexOfAny((byte)'"', (byte)'\\');
                if (skip < 0)
                {
                    scanned = bytes.Length;
                    break;
                }

                scanned += skip;
            }

            byte b = bytes[scanned];
            if (_place == Place.InElement && _depth == 0 && !_inString && b is (byte)',' or (byte)']')
            {
                end = scanned++;
                _place = b == ',' ? Place.BeforeNext : Place.AfterArray;
                return true;
            }

            if (_place == Place.InElement)
            {
                StepInElement(b);
            }
            else if (b is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
            {
                StepBetweenElements(b);
                start = scanned;
            }

            scanned++;
        }

        end = 0;
        return false;
    }

    private void StepBetweenElements(byte b)
    {
        switch (_place, b)
        {
            case (Place.BeforeArray, (byte)'['):
                _place = Place.BeforeFirst;
                break;
            case (Place.BeforeFirst, (byte)']'):
                _place = Place.AfterArray;
                break;
            case (Place.BeforeFirst or Place.BeforeNext, not ((byte)',' or (byte)']')):
                _place = Place.InElement;
                StepInElement(b);
                break;
            default:
                throw new JsonException(_place == Place.BeforeArray ? "The response is not a list." : "The list is not valid JSON.");
        }
    }

    private void StepInElement(byte b)
    {
        if (_inString)
        {
            _inString = _escaped || b != '"';
            _escaped = !_escaped && b == '\\';
            return;
        }

        switch (b)
        {
            case (byte)'"':
                _inString = true;
                break;
            case (byte)'{' or (byte)'[':
                _depth++;
                break;
            case (byte)'}' or (byte)']':
                _depth--;
                break;
        }
    }
}
