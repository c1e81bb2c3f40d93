using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Conventions;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Examples;

/// <summary>A cluster and a directory in which what the examples name is there.</summary>
internal sealed class ExampleWorld : IAsyncDisposable
{
    private const int Sector = 512;

    private readonly Cluster _cluster;

    private ExampleWorld(Cluster cluster) => _cluster = cluster;

    public static async Task<ExampleWorld> OpenAsync(PageExample example)
    {
        Cluster cluster = await Cluster.StartAsync(connect: !example.Connects);
        ExampleWorld world = new(cluster);
        Directory.CreateDirectory(cluster.PathOf("backup"));
        if (example.Page.EndsWith("-SfBlobTransfer", StringComparison.Ordinal))
        {
            world.Interrupt("debian-13.qcow2");
            world.Interrupt("backup/debian-13.qcow2");
        }
        else if (!example.Page.StartsWith("Save-", StringComparison.Ordinal))
        {
            await cluster.WriteAsync("debian-13.qcow2", cluster.ContentOf(DemoCluster.BaseImage));
        }

        await cluster.WriteAsync("disk.img", PartitionedDisk());
        cluster.Engine.SetLocation(cluster.Directory);
        return world;
    }

    /// <summary>Runs the example statement by statement, as at a prompt, and holds what comes out against the pages of the commands from which it comes.</summary>
    public IReadOnlyList<PSObject> Run(PageExample example)
    {
        List<PSObject> all = [];
        for (int i = 0; i < example.Statements.Count; i++)
        {
            IReadOnlyList<PSObject> output = _cluster.Run(example.Statements[i]).Good.Output;
            all.AddRange(output);
            if (example.Source(i) is var (command, variable))
            {
                string[] types = [.. HelpPage.Split(HelpPage.SectionsOf(command)["OUTPUTS"], "### ").Select(type => type.Title)];
                Assert.All(variable is null ? output : Items(_cluster.Engine[variable]), item => Assert.Contains(TypesOf(item), type => types.Contains(type)));
            }
        }

        return all;
    }

    /// <summary>For examples that connect: the environment tells where to.</summary>
    public void SetEnvironment()
    {
        Environment.SetEnvironmentVariable("SHAKENFIST_API_URL", _cluster.Emulator.Url.ToString());
        Environment.SetEnvironmentVariable("SHAKENFIST_NAMESPACE", DemoCluster.AdminNamespace);
        Environment.SetEnvironmentVariable("SHAKENFIST_KEY", Cluster.AdminKey);
    }

    public ValueTask DisposeAsync()
    {
        _cluster.Engine.SetLocation(Path.GetTempPath());
        return _cluster.DisposeAsync();
    }

    private static IEnumerable<PSObject> Items(object? value) =>
        value is null ? [] : (value as object[] ?? [value]).Select(PSObject.AsPSObject);

    private static IEnumerable<string> TypesOf(PSObject item)
    {
        for (Type? type = item.BaseObject.GetType(); type is not null; type = type.BaseType)
        {
            yield return type.ToString();
        }
    }

    /// <summary>Leaves a transfer of the base image of which the first megabyte has come.</summary>
    private void Interrupt(string name)
    {
        _cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.CutAfter, AfterBytes = 1 << 20 });
        _cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Status, Status = 403 });
        _cluster.Engine["target"] = _cluster.PathOf(name);
        Assert.StartsWith("AccessForbidden,", _cluster.Run("Save-SfBlobData $qcow2 $target").OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    /// <summary>A disk with one partition in a master boot record.</summary>
    private static byte[] PartitionedDisk()
    {
        const int entry = 446;
        byte[] disk = new byte[64 * Sector];
        disk[entry + 4] = 0x83;
        disk[entry + 8] = 8;
        disk[entry + 12] = 56;
        disk[510] = 0x55;
        disk[511] = 0xAA;
        return disk;
    }
}
