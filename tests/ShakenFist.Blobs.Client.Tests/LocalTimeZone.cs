using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Sets a time zone in which UTC times and local times differ, also on computers whose time zone is UTC. Windows ignores the variable.</summary>
public sealed class LocalTimeZone
{
    private const string Name = "Europe/Berlin";

    [ModuleInitializer]
    internal static void Set()
    {
        Environment.SetEnvironmentVariable("TZ", Name);
        if (!OperatingSystem.IsWindows())
        {
            // .NET has its own copy of the environment. The C library, which checks the times of certificates, has another one.
            _ = SetVariable("TZ", Name, overwrite: 1);
            Update();
        }

        TimeZoneInfo.ClearCachedData();
    }

    [Fact]
    public void The_tests_run_in_a_time_zone_that_differs_from_UTC() =>
        Assert.True(OperatingSystem.IsWindows() || TimeZoneInfo.Local.BaseUtcOffset == TimeSpan.FromHours(1), $"The time zone {Name} is missing. Install the package tzdata.");

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetVariable(string name, string value, int overwrite);

    [DllImport("libc", EntryPoint = "tzset")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void Update();
}
