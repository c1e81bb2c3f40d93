using System.Runtime.CompilerServices;
using Xunit.Sdk;
using Xunit.v3;

namespace ShakenFist.Blobs.Client.Tests.Files;

/// <summary>
/// A test that only applies to Windows. It is compiled on all systems but discovered only on Windows, so that other systems do not count it as skipped.
/// <c>tests/Wine/run</c> runs these tests without a Windows computer.
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
