using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Isolation;

/// <summary>What the module loads, when, and into which load context.</summary>
public sealed class IsolationTests
{
    private const string Room = "ShakenFist.Blobs.Resilience";

    private static readonly string[] Library = [.. Directory.EnumerateFiles(Path.Combine(ModuleUnderTest.Layout, "lib"), "*.dll").Select(f => Path.GetFileNameWithoutExtension(f))];

    [Fact]
    public async Task The_import_loads_nothing_of_the_isolated_room()
    {
        IReadOnlyList<string[]> said = await FreshProcess.RunAsync(
            FreshProcess.Import, "(Get-Command -Module ShakenFist.Blobs).Count; [ShakenFist.Blobs.SfBlob].FullName; Get-SfSession", FreshProcess.Assemblies);
        Assert.Empty(said[0]);
        Assert.Equal([$"{ModuleUnderTest.Commands().Count}", "ShakenFist.Blobs.SfBlob"], said[1]);
        Assert.Contains(said[2], a => a.StartsWith("ShakenFist.Blobs 0 ", StringComparison.Ordinal));
        Assert.DoesNotContain(said[2], a => IsOfRoom(a) || a.StartsWith("Polly", StringComparison.Ordinal) || a.StartsWith("Microsoft.Extensions", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_connect_loads_three_assemblies_into_a_context_of_their_own_and_the_rest_stays_in_the_default_one()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        IReadOnlyList<string[]> said = await FreshProcess.RunAsync(FreshProcess.Import, Connect(cluster), FreshProcess.Assemblies);
        Assert.Equal(["system"], said[1]);
        string[] room = [.. said[2].Where(IsOfRoom).Select(a => a.Split(' ')[0]).Order(StringComparer.Ordinal)];
        Assert.Equal(["Microsoft.Extensions.Http.Polly", "Polly", Room], room);
        Assert.All(said[2].Where(a => a.StartsWith("ShakenFist.Blobs ", StringComparison.Ordinal) || a.StartsWith("ShakenFist.Blobs.Client ", StringComparison.Ordinal)),
            a => Assert.EndsWith(" Default", a, StringComparison.Ordinal));
        Assert.DoesNotContain(said[2], a => !IsOfRoom(a) && Library.Contains(a.Split(' ')[0]) && !a.StartsWith("Microsoft.Extensions", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Imports_by_force_after_removal_and_in_a_second_runspace_all_work_with_one_copy_of_everything()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        const string Count = "(Get-Command -Module ShakenFist.Blobs).Count";
        string force = FreshProcess.Import + " -Force";
        IReadOnlyList<string[]> said = await FreshProcess.RunAsync(
            FreshProcess.Import, Connect(cluster),
            force, Count, Connect(cluster),
            "Remove-Module ShakenFist.Blobs", Count, FreshProcess.Import, Count, Connect(cluster),
            FreshProcess.Runspace, FreshProcess.Import, Connect(cluster),
            FreshProcess.Assemblies);
        string all = $"{ModuleUnderTest.Commands().Count}";
        Assert.Equal([all], said[3]);
        Assert.Equal(["0"], said[6]);
        Assert.Equal([all], said[8]);
        Assert.All((int[])[1, 4, 9, 12], step => Assert.Equal(["system"], said[step]));
        Assert.Empty(said[2].Concat(said[7]).Concat(said[11]));
        Assert.Equal(3, said[13].Count(IsOfRoom));
        Assert.Single(said[13], a => a.StartsWith("ShakenFist.Blobs ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Retry_works_beside_a_neighbours_newer_Polly_whichever_comes_first(bool neighboursFirst)
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*", Kind = FaultKind.Status, Status = 503, Times = 2 });
        string retried = $"$v = Get-SfBlob {DemoCluster.RawDisk} -Verbose 4>&1; $v.Size; \"$v\" -match 'retry 2 of'";
        string[] module = [FreshProcess.Import, Connect(cluster), retried];
        string[] steps = neighboursFirst ? [FreshProcess.Neighbours, .. module] : [.. module, FreshProcess.Neighbours];
        IReadOnlyList<string[]> said = await FreshProcess.RunAsync([.. steps, FreshProcess.Assemblies]);
        Assert.Equal(["4 runs, Polly 8, Microsoft.Extensions.Http 10"], said[neighboursFirst ? 0 : 3]);
        int first = neighboursFirst ? 1 : 0;
        Assert.Equal(["system"], said[first + 1]);
        Assert.Equal([$"{5 << 20}", "True"], said[first + 2]);
        Assert.Contains("Polly 8 Default", said[^1]);
        Assert.Contains(said[^1], a => a.StartsWith("Polly 7 ", StringComparison.Ordinal) && IsOfRoom(a));
        Assert.Equal(3, cluster.Emulator.Requests.Count(r => r.Path.StartsWith("/blobs/", StringComparison.Ordinal)));
    }

    internal static string Connect(Cluster cluster) =>
        "$secret = [Security.SecureString]::new(); '" + Cluster.AdminKey + "'.ToCharArray() | ForEach-Object { $secret.AppendChar($_) }; "
        + $"(Connect-ShakenFist '{cluster.Emulator.Url}' -Namespace system -Key $secret).Namespace";

    private static bool IsOfRoom(string assembly) => assembly.EndsWith(" " + Room, StringComparison.Ordinal);
}
