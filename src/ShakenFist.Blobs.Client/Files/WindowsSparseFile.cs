using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace ShakenFist.Blobs.Files;

/// <summary>Marks files on Windows as sparse, so that ranges that are never written use no disk space.</summary>
[SupportedOSPlatform("windows")]
internal static class WindowsSparseFile
{
    private const uint SetSparseCode = 0x000900C4;
    private const int IOPending = 997;

    /// <summary>
    /// Marks an open file as sparse and returns whether this succeeded. FAT volumes and some shares do not support sparse files. On them, zeros must be written like
    /// other data.
    /// </summary>
    public static bool TryEnable(SafeFileHandle file) => SetSparse(file) && IsSparse(file);

    /// <summary>Whether the open file is sparse.</summary>
    public static bool IsSparse(SafeFileHandle file) =>
        WindowsNative.GetFileInformationByHandle(file, out WindowsNative.ByHandleFileInformation information)
        && ((FileAttributes)information.Attributes).HasFlag(FileAttributes.SparseFile);

    private static bool SetSparse(SafeFileHandle file)
    {
        // A handle that was opened for asynchronous I/O requires the OVERLAPPED structure. Any other handle ignores its event.
        using EventWaitHandle completed = new(initialState: false, EventResetMode.ManualReset);
        nint overlapped = Marshal.AllocHGlobal(Marshal.SizeOf<Overlapped>());
        try
        {
            // The lowest bit of the event prevents the completion from being queued to the thread pool, which has no record of this request.
            nint signal = completed.SafeWaitHandle.DangerousGetHandle() | 1;
            Marshal.StructureToPtr(new Overlapped { Event = signal }, overlapped, fDeleteOld: false);
            return WindowsNative.DeviceIoControl(file, SetSparseCode, 0, 0, 0, 0, out _, overlapped)
                || (Marshal.GetLastPInvokeError() == IOPending && WindowsNative.GetOverlappedResult(file, overlapped, out _, wait: true));
        }
        finally
        {
            Marshal.FreeHGlobal(overlapped);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Overlapped
    {
        public nint Internal;
        public nint InternalHigh;
        public uint Offset;
        public uint OffsetHigh;
        public nint Event;
    }
}
