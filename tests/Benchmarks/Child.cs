using System.Diagnostics;

namespace ShakenFist.Blobs.Benchmarks;

/// <summary>This program again, in another role.</summary>
internal static class Child
{
    public static Process Start(params string[] arguments) => Start("dotnet", [typeof(Child).Assembly.Location, .. arguments]);

    public static Process Start(string program, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
}
