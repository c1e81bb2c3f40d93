using System.Management.Automation;
using System.Text.RegularExpressions;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;
using ShakenFist.Blobs.Tests.Views;

namespace ShakenFist.Blobs.Tests.Commands;

public sealed class GetSfInstanceTests
{
    private const string WebUuid = "5c1e6f0e-52a7-4b0f-8b5e-3a9d1c7e2f10";

    [Theory]
    [InlineData("Get-SfInstance web-1")]
    [InlineData("'web-1' | Get-SfInstance")]
    [InlineData("Get-SfInstance w*")]
    [InlineData("Get-SfInstance " + WebUuid)]
    [InlineData("Get-SfInstance -Uuid " + WebUuid)]
    [InlineData("Get-SfInstance web-1 | Get-SfInstance")]
    [InlineData("[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize((Get-SfInstance web-1))) | Get-SfInstance")]
    public async Task An_instance_is_found_in_every_form(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        PSObject instance = cluster.Run(script).Only;
        Assert.Equal("ShakenFist.Blobs.SfInstance", instance.TypeNames[0]);
        Assert.Equal((WebUuid, "web-1", "created", "banana", "sf-1"), (instance.Text("Uuid"), instance.Text("Name"), instance.Text("State"), instance.Text("Namespace"), instance.Text("Node")));
    }

    [Fact]
    public async Task Several_names_need_one_request_and_an_unknown_one_is_reported()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("'web-1', 'none', 'db-1' | Get-SfInstance");
        Assert.Equal(["web-1", "db-1"], result.Output.Select(o => o.ToString()));
        Assert.Equal("InstanceNotFound,ShakenFist.Blobs.Commands.GetSfInstanceCommand", result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal("none", result.OnlyError.TargetObject);
        Assert.Equal("/instances", Assert.Single(cluster.Emulator.Requests).Path);
    }

    [Fact]
    public async Task All_instances_of_a_name_are_output_those_of_the_own_namespace_first()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.State.AddInstance(new EmulatedInstance { Name = "web-1", Namespace = DemoCluster.AdminNamespace });
        Assert.Equal(["system", "banana"], cluster.Run("Get-SfInstance web-1").Good.Each<string>("Namespace"));
        Assert.Equal(["system", "banana"], cluster.Run("Get-SfInstance web*").Good.Each<string>("Namespace"));
    }

    [Fact]
    public async Task The_views_show_the_disks_in_80_columns()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        IReadOnlyList<string> table = ViewEngine.Show(cluster.Run("Get-SfInstance").Good.Output, asList: false);
        Assert.All(table, line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains(table, line => Regex.IsMatch(line, "db-1 +created +on +sf-3 +banana +vda, vdb, vdc"));
        string list = string.Join('\n', ViewEngine.Show(cluster.Run("Get-SfInstance db-1").Only, asList: true));
        Assert.Matches(@"vdc: 40\.0\s+GiB\s+d3a00009", list);
        Assert.Contains(ViewEngine.Show(cluster.Run("(Get-SfInstance db-1).Disks").Good.Output, asList: false), line => Regex.IsMatch(line, @"vdc +virtio +40\.0 GiB d3a00009"));
        Assert.Equal(40L << 30, cluster.Run("(Get-SfInstance db-1).Disks[2].Size").Only.BaseObject);
    }
}
