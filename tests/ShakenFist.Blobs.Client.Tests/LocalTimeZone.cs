using System.Runtime.CompilerServices;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Sets a time zone in which UTC times and local times differ, also on computers whose time zone is UTC. Windows ignores the variable.</summary>
public sealed class LocalTimeZone
{
    [ModuleInitializer]
    internal static void Set()
    {
        Environment.SetEnvironmentVariable("TZ", "Europe/Berlin");
        TimeZoneInfo.ClearCachedData();
    }

    [Fact]
    public void The_tests_run_in_a_time_zone_that_differs_from_UTC() =>
        Assert.True(OperatingSystem.IsWindows() || TimeZoneInfo.Local.BaseUtcOffset == TimeSpan.FromHours(1), "The time zone Europe/Berlin is missing. Install the package tzdata.");
}
