using System.Management.Automation;
using System.Reflection;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Pipeline;

/// <summary>Pipes the output of every command to every command that accepts it, in every form of the objects.</summary>
public sealed class CompositionTests
{
    private const string Blob = "blob";
    private const string Reference = "reference";
    private const string Metadata = "metadata";
    private const string Checksum = "checksum";
    private const string Transfer = "transfer";
    private const string Other = "other";

    /// <summary>
    /// Commands with one output object, and the blob it identifies. All identify the raw disk, except for the reference, whose other object is the base image.
    /// </summary>
    private static readonly (string Script, string Kind)[] Emitters =
    [
        ("Get-SfBlob $raw", Blob),
        ("Find-SfBlobByHash $sha512", Blob),
        ("Wait-SfBlob $raw", Blob),
        ("Get-SfBlobMetadata $raw name", Metadata),
        ("New-SfBlobMetadata $raw fresh 'made' -Force -PassThru", Metadata),
        ("Set-SfBlobMetadata $raw name 'scratch' -PassThru", Metadata),
        ("Get-SfBlobReference $thin -Direction Uses", Reference),
        ("Get-SfBlobChecksum $raw -Algorithm SHA256", Checksum),
        ("Get-SfBlobEvent $raw", Other),
        ("Get-SfImageInfo $raw", Other),
        ("Save-SfBlobData $raw \"$dir/saved\" -PassThru -Force", Transfer),
        ("Test-SfBlobData $raw \"$dir/raw\" -Detailed", Other),
    ];

    /// <summary>Commands that accept these objects, and an expression that must be true for the output ($_) of an object that identifies $named.</summary>
    private static readonly (string Script, string Kinds, string Check)[] Acceptors =
    [
        ("Get-SfBlob", $"{Blob} {Metadata} {Reference} {Checksum} {Transfer} {Other}", "$_.Uuid -eq $named"),
        ("Wait-SfBlob", $"{Blob} {Metadata} {Reference} {Checksum} {Transfer} {Other}", "$_.Uuid -eq $named -and $_.State -eq 'created'"),
        ("Get-SfBlobReference -Relationship blob_location", $"{Blob} {Metadata} {Reference} {Checksum} {Transfer} {Other}", "$_.BlobUuid -eq $named -and $_.OtherType -eq 'node'"),
        ("Get-SfBlobChecksum -Algorithm SHA1", $"{Blob} {Metadata} {Reference} {Checksum} {Transfer} {Other}", "$_.BlobUuid -eq $named -and $_.Hash.Length -eq 40"),
        ("Get-SfBlobEvent", $"{Blob} {Metadata} {Reference} {Checksum} {Transfer} {Other}", "$_.BlobUuid -eq $named -and $_.Type -eq 'audit'"),
        ("Get-SfImageInfo", $"{Blob} {Metadata} {Reference} {Checksum} {Transfer} {Other}", "$_.FileFormat -in 'raw', 'qcow2'"),
        ("Export-SfBlobGraph", $"{Blob} {Metadata} {Reference} {Checksum} {Transfer} {Other}", "$_ -match 'flowchart'"),
        ("Get-SfBlobData -First 3", $"{Blob} {Metadata} {Reference} {Checksum} {Transfer} {Other}", "$_ -is [byte[]] -and $_.Length -eq 3"),
        ("Save-SfBlobData -Path $dir -PassThru -Force", $"{Blob} {Metadata} {Reference} {Checksum} {Transfer} {Other}", "$_.BlobUuid -eq $named -and $_.Verification -eq 'Verified'"),
        ("Get-SfBlobMetadata -Key name", $"{Blob} {Reference} {Checksum} {Transfer} {Other}", "$_.BlobUuid -eq $named -and $_.Key -ceq 'name'"),
        ("Get-SfBlobMetadata", Metadata, "$_.BlobUuid -eq $named -and $_.Key -ceq $given.Key -and $_.Value -eq $given.Value"),
        ("Set-SfBlobMetadata -Key k -Value v -PassThru", $"{Blob} {Reference} {Checksum} {Transfer} {Other}", "$_.BlobUuid -eq $named -and $_.Value -eq 'v'"),
        ("Set-SfBlobMetadata -Metadata @{ k = 'w' } -PassThru", $"{Blob} {Metadata} {Reference} {Checksum} {Transfer} {Other}", "$_.BlobUuid -eq $named -and $_.Value -eq 'w'"),
        ("Set-SfBlobMetadata -PassThru", Metadata, "$_.BlobUuid -eq $named -and $_.Key -ceq $given.Key -and $_.Value -eq $given.Value"),
        ("Set-SfBlobMetadata -Key copy -PassThru", Metadata, "$_.BlobUuid -eq $named -and $_.Key -ceq 'copy' -and $_.Value -eq $given.Value"),
        ("New-SfBlobMetadata -Key n -Value v -Force -PassThru", $"{Blob} {Reference} {Checksum} {Transfer} {Other}", "$_.BlobUuid -eq $named -and $_.Value -eq 'v'"),
        ("New-SfBlobMetadata -Force -PassThru", Metadata, "$_.BlobUuid -eq $named -and $_.Key -ceq $given.Key -and $_.Value -eq $given.Value"),
        ("Remove-SfBlobMetadata -Key k, copy -ErrorAction Ignore; $true", $"{Blob} {Metadata} {Reference} {Checksum} {Transfer} {Other}", "-not (Get-SfBlob $named).Metadata.ContainsKey('k')"),
        ("Remove-SfBlobMetadata; $true", Metadata, "-not (Get-SfBlob $named).Metadata.ContainsKey($given.Key)"),
        ("Find-SfBlobByHash", $"{Checksum} {Transfer}", "$_.Uuid -eq $named"),
        ("Test-SfBlobData -Path \"$dir/raw\"", Blob, "$_ -eq $true"),
        ("Test-SfBlobData", Transfer, "$_ -eq $true"),
    ];

    public static TheoryData<string, Shape> Rows =>
        new(Emitters.SelectMany(e => Enum.GetValues<Shape>().Select(shape => (e.Script, shape))));

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task The_output_of_each_command_binds_to_every_command_that_accepts_it(string emitter, Shape shape)
    {
        await using Cluster cluster = await StartAsync();
        string kind = Emitters.Single(e => e.Script == emitter).Kind;
        cluster.Engine["named"] = kind == Reference ? DemoCluster.BaseImage : DemoCluster.RawDisk;
        List<string> failures = [];
        cluster.Engine["given"] = Shapes.Of(cluster.Run(emitter).Only, shape);
        foreach ((string script, string _, string check) in Acceptors.Where(a => a.Kinds.Split(' ').Contains(kind)))
        {
            EngineResult result = cluster.Run($". {{ $given | {script} }} | ForEach-Object {{ {check} }}");
            string actual = string.Join(' ', result.Errors.Select(e => $"{e.FullyQualifiedErrorId}: {e}").Concat(result.Output.Select(o => o.ToString()).Distinct()));
            if (actual != "True")
            {
                failures.Add($"| {script} gave {actual}");
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Theory]
    [InlineData("Get-SfCapability blob-metadata", "Test-SfCapability", Shape.Live)]
    [InlineData("Get-SfCapability blob-metadata", "Test-SfCapability", Shape.Deserialized)]
    [InlineData("Get-SfCapability blob-metadata", "Test-SfCapability", Shape.Json)]
    [InlineData("Get-SfCapability blob-metadata", "Test-SfCapability", Shape.Csv)]
    [InlineData("Get-SfSession", "Disconnect-ShakenFist; $true", Shape.Live)]
    [InlineData("Connect-ShakenFist $url $admin", "Disconnect-ShakenFist; $true", Shape.Live)]
    public async Task Objects_that_are_not_blobs_bind_to_their_own_commands(string emitter, string acceptor, Shape shape)
    {
        await using Cluster cluster = await StartAsync();
        cluster.Engine["given"] = Shapes.Of(cluster.Run(emitter).Only, shape);
        Assert.Equal("True", cluster.Run($"$given | {acceptor}").Only.ToString());
    }

    [Fact]
    public void Every_command_with_output_or_pipeline_input_is_in_the_table()
    {
        // Byte chunks, Booleans, lists of sessions and capabilities, interrupted transfers, artifacts, and instances have separate tests.
        string[] apart = ["Get-SfBlobTransfer", "Resume-SfBlobTransfer", "Remove-SfBlobTransfer", "Connect-ShakenFist", "Disconnect-ShakenFist", "Get-SfBlobData", "Get-SfCapability", "Get-SfSession", "Test-SfCapability", "Get-SfArtifact", "Set-SfArtifact", "Remove-SfArtifact", "Get-SfInstance", "Checkpoint-SfInstance"];
        foreach ((Type type, CmdletAttribute cmdlet) in ModuleUnderTest.Commands().Where(c => !apart.Contains(ModuleUnderTest.NameOf(c.Cmdlet))))
        {
            string name = ModuleUnderTest.NameOf(cmdlet);
            bool emits = type.GetCustomAttributes<OutputTypeAttribute>().SelectMany(a => a.Type).Any(t => t.Name.StartsWith("ShakenFist.", StringComparison.Ordinal));
            bool accepts = type.GetProperties().SelectMany(p => p.GetCustomAttributes<ParameterAttribute>()).Any(p => p.ValueFromPipeline || p.ValueFromPipelineByPropertyName);
            Assert.Equal(emits, Emitters.Any(e => e.Script.Split(' ')[0] == name));
            Assert.Equal(accepts, Acceptors.Any(a => a.Script.Split(' ', ';')[0] == name));
        }
    }

    private static async Task<Cluster> StartAsync()
    {
        Cluster cluster = await Cluster.StartAsync(new EmulatorOptions { KeepAlive = true });
        cluster.Engine["thin"] = DemoCluster.ThinImage;
        cluster.Engine["sha512"] = cluster.Emulator.State.Blob(DemoCluster.RawDisk)!.Sha512;
        await cluster.WriteAsync("raw", cluster.ContentOf(DemoCluster.RawDisk));
        return cluster;
    }
}
