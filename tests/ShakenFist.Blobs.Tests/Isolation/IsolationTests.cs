using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Isolation;

/// <summary>Tests which assemblies the module loads, when, and into which load context.</summary>
public sealed class IsolationTests
{
    private const string ResilienceAssembly = "ShakenFist.Blobs.Resilience";

    private static readonly string[] Library = [.. Directory.EnumerateFiles(Path.Combine(ModuleUnderTest.Layout, "lib"), "*.dll").Select(f => Path.GetFileNameWithoutExtension(f))];

    [Fact]
    public async Task The_import_loads_no_assembly_of_the_dependency_context()
    {
        IReadOnlyList<string[]> output = await FreshProcess.RunAsync(
            FreshProcess.Import, "(Get-Command -Module ShakenFist.Blobs).Count; [ShakenFist.Blobs.SfBlob].FullName; Get-SfSession", FreshProcess.Assemblies);
        Assert.Empty(output[0]);
        Assert.Equal([$"{ModuleUnderTest.Commands().Count}", "ShakenFist.Blobs.SfBlob"], output[1]);
        Assert.Contains(output[2], a => a.StartsWith("ShakenFist.Blobs 0 ", StringComparison.Ordinal));
        Assert.DoesNotContain(output[2], a => IsOfLibraryContext(a) || a.StartsWith("Polly", StringComparison.Ordinal) || a.StartsWith("Microsoft.Extensions", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_connect_loads_three_assemblies_into_a_separate_context_and_no_others()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        IReadOnlyList<string[]> output = await FreshProcess.RunAsync(FreshProcess.Import, Connect(cluster), FreshProcess.Assemblies);
        Assert.Equal(["system"], output[1]);
        string[] loaded = [.. output[2].Where(IsOfLibraryContext).Select(a => a.Split(' ')[0]).Order(StringComparer.Ordinal)];
        Assert.Equal(["Microsoft.Extensions.Http.Polly", "Polly", ResilienceAssembly], loaded);
        Assert.All(output[2].Where(a => a.StartsWith("ShakenFist.Blobs ", StringComparison.Ordinal) || a.StartsWith("ShakenFist.Blobs.Client ", StringComparison.Ordinal)),
            a => Assert.EndsWith(" Default", a, StringComparison.Ordinal));
        Assert.DoesNotContain(output[2], a => !IsOfLibraryContext(a) && Library.Contains(a.Split(' ')[0]) && !a.StartsWith("Microsoft.Extensions", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Imports_with_Force_after_removal_and_in_a_second_runspace_use_one_copy_of_each_assembly()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        const string Count = "(Get-Command -Module ShakenFist.Blobs).Count";
        string force = FreshProcess.Import + " -Force";
        IReadOnlyList<string[]> output = await FreshProcess.RunAsync(
            FreshProcess.Import, Connect(cluster),
            force, Count, Connect(cluster),
            "Remove-Module ShakenFist.Blobs", Count, FreshProcess.Import, Count, Connect(cluster),
            FreshProcess.Runspace, FreshProcess.Import, Connect(cluster),
            FreshProcess.Assemblies);
        string all = $"{ModuleUnderTest.Commands().Count}";
        Assert.Equal([all], output[3]);
        Assert.Equal(["0"], output[6]);
        Assert.Equal([all], output[8]);
        Assert.All((int[])[1, 4, 9, 12], step => Assert.Equal(["system"], output[step]));
        Assert.Empty(output[2].Concat(output[7]).Concat(output[11]));
        Assert.Equal(3, output[13].Count(IsOfLibraryContext));
        Assert.Single(output[13], a => a.StartsWith("ShakenFist.Blobs ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Retry_works_with_a_newer_Polly_of_another_module_in_any_import_order(bool neighboursFirst)
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*", Kind = FaultKind.Status, Status = 503, Times = 2 });
        string retried = $"$v = Get-SfBlob {DemoCluster.RawDisk} -Verbose 4>&1; $v.Size; \"$v\" -match 'retry 2 of'";
        string[] module = [FreshProcess.Import, Connect(cluster), retried];
        string[] steps = neighboursFirst ? [FreshProcess.Neighbours, .. module] : [.. module, FreshProcess.Neighbours];
        IReadOnlyList<string[]> output = await FreshProcess.RunAsync([.. steps, FreshProcess.Assemblies]);
        Assert.Equal(["4 runs, Polly 8, Microsoft.Extensions.Http 10"], output[neighboursFirst ? 0 : 3]);
        int first = neighboursFirst ? 1 : 0;
        Assert.Equal(["system"], output[first + 1]);
        Assert.Equal([$"{5 << 20}", "True"], output[first + 2]);
        Assert.Contains("Polly 8 Default", output[^1]);
        Assert.Contains(output[^1], a => a.StartsWith("Polly 7 ", StringComparison.Ordinal) && IsOfLibraryContext(a));
        Assert.Equal(3, cluster.Emulator.Requests.Count(r => r.Path.StartsWith("/blobs/", StringComparison.Ordinal)));
    }

    internal static string Connect(Cluster cluster) =>
        "$secret = [Security.SecureString]::new(); '" + Cluster.AdminKey + "'.ToCharArray() | ForEach-Object { $secret.AppendChar($_) }; "
        + $"(Connect-ShakenFist '{cluster.Emulator.Url}' -Namespace system -Key $secret).Namespace";

    private static bool IsOfLibraryContext(string assembly) => assembly.EndsWith(" " + ResilienceAssembly, StringComparison.Ordinal);
}
