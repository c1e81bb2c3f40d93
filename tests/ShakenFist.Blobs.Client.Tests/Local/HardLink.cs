using System.Diagnostics;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Creates a hard link to a file.</summary>
internal static class HardLink
{
    public static void Create(string existing, string name)
    {
        using Process link = Process.Start(OperatingSystem.IsWindows() ? new ProcessStartInfo("cmd", ["/c", "mklink", "/H", name, existing]) : new ProcessStartInfo("ln", [existing, name]))!;
        link.WaitForExit();
        Assert.Equal(0, link.ExitCode);
    }
}
