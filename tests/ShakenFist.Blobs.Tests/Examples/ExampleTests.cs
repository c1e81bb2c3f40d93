using System.Management.Automation;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Examples;

/// <summary>The examples of the pages do what the pages say, on an emulated cluster. Those that need more than the engine run in the Pester suite.</summary>
public sealed class ExampleTests
{
    // What an example's explanation promises, beyond what its commands' pages do.
    private static readonly Dictionary<string, string> Promised = new()
    {
        ["Get-SfBlobData: Example 4: Read a piece as text"] = "CD001",
        ["Get-SfBlobData: Example 5: Give a blob to other .NET code"] = "CD001",
        ["Get-SfBlobMetadata: Example 2: Get the value of a key"] = "debian-13",
        ["Test-SfBlobData: Example 1: Test a file"] = "True",
        ["Test-SfCapability: Example 1: Test for a capability"] = "True",
        ["Wait-SfBlob: Example 3: Stop waiting after three seconds"] = "It is not there yet.",
    };

    public static TheoryData<string> Names() => [.. PageExample.All.Where(e => e.NeedsTheEngineAlone && !e.Connects).Select(e => e.ToString())];

    [Theory]
    [MemberData(nameof(Names))]
    public Task It_runs(string name) => RunAsync(name, _ => { });

    [Fact]
    public void Every_promise_is_that_of_an_example() => Assert.Empty(Promised.Keys.Except(PageExample.All.Where(e => e.NeedsTheEngineAlone).Select(e => e.ToString())));

    internal static async Task RunAsync(string name, Action<ExampleWorld> prepare)
    {
        PageExample example = PageExample.All.Single(e => e.ToString() == name);
        await using ExampleWorld world = await ExampleWorld.OpenAsync(example);
        prepare(world);
        IReadOnlyList<PSObject> output = world.Run(example);
        Assert.True(output.Count > 0 || !example.MustOutput, "Nothing came out.");
        if (Promised.TryGetValue(name, out string? promise))
        {
            Assert.Equal(promise, Assert.Single(output).ToString());
        }

        if (example.ErrorIdToShow is { } id)
        {
            Assert.StartsWith(id + ",", Assert.Single(output).ToString(), StringComparison.Ordinal);
        }
    }
}

/// <summary>The examples that connect by the environment, which belongs to the whole process.</summary>
[Collection(Alone.Name)]
public sealed class ConnectingExampleTests : IDisposable
{
    public static TheoryData<string> Names() => [.. PageExample.All.Where(e => e.NeedsTheEngineAlone && e.Connects).Select(e => e.ToString())];

    [Theory]
    [MemberData(nameof(Names))]
    public Task It_runs(string name) => ExampleTests.RunAsync(name, world => world.SetEnvironment());

    public void Dispose()
    {
        foreach (string name in (string[])["API_URL", "NAMESPACE", "KEY"])
        {
            Environment.SetEnvironmentVariable("SHAKENFIST_" + name, null);
        }
    }
}
