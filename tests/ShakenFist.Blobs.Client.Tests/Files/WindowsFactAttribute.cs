using System.Runtime.CompilerServices;
using Xunit.Sdk;
using Xunit.v3;

namespace ShakenFist.Blobs.Client.Tests.Files;

/// <summary>
/// A test of something that only Windows has. It compiles everywhere, and is discovered on Windows only, so that no run elsewhere counts it as skipped.
/// <c>tests/Wine/run</c> runs these tests without a Windows machine.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer(typeof(Discoverer))]
internal sealed class WindowsFactAttribute : FactAttribute, ITraitAttribute
{
    public WindowsFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
    {
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("System", "Windows")];

    internal sealed class Discoverer : FactDiscoverer
    {
        public override ValueTask<IReadOnlyCollection<IXunitTestCase>> Discover(
            ITestFrameworkDiscoveryOptions discoveryOptions, IXunitTestMethod testMethod, IFactAttribute factAttribute) =>
            OperatingSystem.IsWindows() ? base.Discover(discoveryOptions, testMethod, factAttribute) : ValueTask.FromResult<IReadOnlyCollection<IXunitTestCase>>([]);
    }
}
