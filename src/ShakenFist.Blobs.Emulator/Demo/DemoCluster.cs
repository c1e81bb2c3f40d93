using System.Text;
using System.Text.Json.Nodes;

namespace ShakenFist.Blobs.Emulator;

/// <summary>A small, realistic cluster: images that depend on each other, a transcode, an upload, blobs in all states, artifacts, and instances.</summary>
public static class DemoCluster
{
    public const string AdminNamespace = "system";
    public const string AdminKey = "system-demo-key";
    public const string UserNamespace = "banana";
    public const string UserKey = "banana-demo-key";

    public static readonly Guid BaseImage = Guid.Parse("d3a00001-7a1e-4c52-9c0b-6f1f5e0a0001");
    public static readonly Guid ThinImage = Guid.Parse("d3a00002-7a1e-4c52-9c0b-6f1f5e0a0002");
    public static readonly Guid Transcode = Guid.Parse("d3a00003-7a1e-4c52-9c0b-6f1f5e0a0003");
    public static readonly Guid RawDisk = Guid.Parse("d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004");
    public static readonly Guid InstallMedium = Guid.Parse("d3a00005-7a1e-4c52-9c0b-6f1f5e0a0005");
    public static readonly Guid Snapshot = Guid.Parse("d3a00006-7a1e-4c52-9c0b-6f1f5e0a0006");
    public static readonly Guid BeingFetched = Guid.Parse("d3a00007-7a1e-4c52-9c0b-6f1f5e0a0007");
    public static readonly Guid FailedFetch = Guid.Parse("d3a00008-7a1e-4c52-9c0b-6f1f5e0a0008");
    public static readonly Guid LargeDisk = Guid.Parse("d3a00009-7a1e-4c52-9c0b-6f1f5e0a0009");

    private const string TranscodeStyle = "zlib;qcow2;cluster_size";
    private const string Instance = "5c1e6f0e-52a7-4b0f-8b5e-3a9d1c7e2f10";
    private const string DatabaseInstance = "a4b1d2c3-9e8f-4a7b-8c6d-5e4f3a2b1c54";
    private const string Artifact = "0d9b7a44-6a0e-4f6d-bb0a-9a1f0c3b7e21";
    private const string MediumArtifact = "7b6f0a35-1f6a-4c8e-9d43-0f2f5a1c9b32";
    private const string SnapshotArtifact = "2f1c8e90-44b1-4d0c-8d2e-5d9c6b7a8e43";
    private const string DatabaseArtifact = "c8d9e0f1-2a3b-4c5d-8e6f-7a8b9c0d1e65";

    // 12 March 2026, 09:15 UTC. All other times of the demo are relative to it.
    private const double Founded = 1_773_306_900.125;
    private const int IsoDescriptor = 0x8000;

    /// <summary>Adds two namespaces, three nodes, nine blobs, four artifacts, and two instances.</summary>
    public static void AddTo(EmulatorState state)
    {
        state.AddNamespace(AdminNamespace, AdminKey, admin: true);
        state.AddNamespace(UserNamespace, UserKey);
        state.SetNode("sf-2", NodeCondition.Up);
        state.SetNode("sf-3", NodeCondition.Up);
        AddImages(state);
        AddFiles(state);
        AddUnfinished(state);
        AddArtifacts(state);
        AddInstances(state);
    }

    private static void AddImages(EmulatorState state)
    {
        EmulatedBlob lower = Add(state, Image(BaseImage, clusters: 40, seed: 11), day: 0, "sf-1", "sf-2");
        EmulatedBlob thin = Add(state, Image(ThinImage, clusters: 6, seed: 12, BaseImage.ToString()), day: 9, "sf-1");
        EmulatedBlob packed = Add(state, Image(Transcode, clusters: 32, seed: 13), day: 1, "sf-1", "sf-3");

        thin.DependsOn = BaseImage;
        thin.Instances.Add(Guid.Parse(Instance));
        lower.Instances.Add(Guid.Parse(Instance));
        lower.Transcodes[TranscodeStyle] = Transcode;
        Link(thin, lower, "depends_on", null, day: 9);
        Link(lower, packed, "transcode", TranscodeStyle, day: 1);
        Use(thin, "instance", Instance, "disk", "0", day: 9);
        Use(lower, "artifact", Artifact, "artifact_index", "000000000001", day: 0);

        Describe(lower, new JsonObject { ["name"] = "debian-13", ["verified"] = true, ["tags"] = new JsonArray("base", "golden") });
        Describe(thin, new JsonObject { ["owner"] = new JsonObject { ["name"] = "ada", ["team"] = "storage" }, ["retention_days"] = 30 });
    }

    private static void AddFiles(EmulatorState state)
    {
        EmulatedBlob raw = Add(state, EmulatedBlob.Generated(5 << 20, 14, RawDisk), day: 12, "sf-1");
        Describe(raw, new JsonObject { ["name"] = "scratch", ["ratio"] = 0.75, ["größe"] = "fünf MiB ✓" });

        EmulatedBlob medium = Add(state, EmulatedBlob.FromBytes(Iso(), InstallMedium), day: 20, "sf-2");
        Use(medium, "artifact", MediumArtifact, "artifact_index", "000000000004", day: 20);

        // A cluster can take up to a day to compute the first checksum of a snapshot.
        EmulatedBlob snapshot = Add(state, EmulatedBlob.Generated(3_000_000, 15, Snapshot, publishChecksums: false), day: 41, "sf-1");
        Use(snapshot, "artifact", SnapshotArtifact, "artifact_index", "000000000002", day: 41);

        EmulatedBlob large = Add(state, EmulatedBlob.Generated(64 << 20, 16, LargeDisk), day: 33, "sf-1", "sf-3");
        Describe(large, new JsonObject { ["name"] = "database", ["replicas"] = 2 });
        Use(large, "instance", DatabaseInstance, "disk", "1", day: 34);
        large.Instances.Add(Guid.Parse(DatabaseInstance));
    }

    private static void AddUnfinished(EmulatorState state)
    {
        state.AddBlob(new EmulatedBlob
        {
            Uuid = BeingFetched,
            State = "initial",
            Modified = Founded + 42 * 86_400,
            FetchedAt = Founded + 42 * 86_400,
        });
        state.AddBlob(new EmulatedBlob
        {
            Uuid = FailedFetch,
            State = "error",
            Size = 734_003_200,
            Modified = Founded + 30 * 86_400,
            FetchedAt = Founded + 30 * 86_400,
            Metadata = new JsonObject { ["name"] = "mirror went away" },
        });
    }

    private static void AddArtifacts(EmulatorState state)
    {
        state.AddArtifact(new EmulatedArtifact { Uuid = Guid.Parse(Artifact), Name = "debian-13", Namespace = AdminNamespace, Shared = true, Versions = new() { [1] = BaseImage } });
        state.AddArtifact(new EmulatedArtifact
        {
            Uuid = Guid.Parse(MediumArtifact),
            Name = "installer",
            Namespace = AdminNamespace,
            Shared = true,
            SourceUrl = "https://images.example.com/debian/installer.iso",
            Versions = new() { [4] = InstallMedium },
        });
        state.AddArtifact(new EmulatedArtifact { Uuid = Guid.Parse(DatabaseArtifact), Name = "database", Namespace = UserNamespace, Versions = new() { [1] = RawDisk, [2] = LargeDisk } });
        state.AddArtifact(new EmulatedArtifact
        {
            Uuid = Guid.Parse(SnapshotArtifact),
            Name = DatabaseInstance + "/vda",
            Type = "snapshot",
            Namespace = UserNamespace,
            Versions = new() { [2] = Snapshot },
        });
    }

    private static void AddInstances(EmulatorState state)
    {
        EmulatedDisk configDrive = new("vdb", "virtio", null, null, SnapshotIgnores: true);
        state.AddInstance(new EmulatedInstance { Uuid = Guid.Parse(Instance), Name = "web-1", Namespace = UserNamespace, Disks = [new("vda", "virtio", 10, ThinImage), configDrive] });
        state.AddInstance(new EmulatedInstance
        {
            Uuid = Guid.Parse(DatabaseInstance),
            Name = "db-1",
            Namespace = UserNamespace,
            Node = "sf-3",
            Disks = [new("vda", "virtio", 20, null), configDrive, new("vdc", "virtio", 40, LargeDisk)],
        });
    }

    private static EmulatedBlob Image(Guid uuid, int clusters, int seed, string? backingFile = null) =>
        EmulatedBlob.FromBytes(Qcow2Image.Build(512L << 20, clusters, seed, backingFile), uuid);

    private static EmulatedBlob Add(EmulatorState state, EmulatedBlob blob, int day, params string[] locations)
    {
        blob.Modified = Founded + day * 86_400 - 4_211.5;
        blob.FetchedAt = Founded + day * 86_400;
        blob.LastUsed = Founded + (day + 2) * 86_400 + 0.5;
        blob.Locations = [.. locations];
        blob.ReferenceCount = 0;
        foreach (string node in locations)
        {
            blob.ReferencesTo.Add(Row("node", node, "blob_location", null, blob, day));
        }

        blob.Events.Add(new JsonObject
        {
            ["type"] = "audit",
            ["timestamp"] = blob.FetchedAt,
            ["fqdn"] = locations[0],
            ["duration"] = null,
            ["message"] = "blob created",
            ["extra"] = new JsonObject(),
        });
        return state.AddBlob(blob);
    }

    private static void Link(EmulatedBlob source, EmulatedBlob target, string relationship, string? value, int day)
    {
        EmulatedReference row = Row("blob", source.Uuid.ToString(), relationship, value, target, day);
        source.ReferencesFrom.Add(row);
        target.ReferencesTo.Add(row);
        target.ReferenceCount++;
    }

    private static void Use(EmulatedBlob blob, string type, string uuid, string relationship, string? value, int day)
    {
        blob.ReferencesTo.Add(Row(type, uuid, relationship, value, blob, day));
        blob.ReferenceCount++;
    }

    private static EmulatedReference Row(string type, string uuid, string relationship, string? value, EmulatedBlob target, int day) =>
        new(type, uuid, relationship, value, "blob", target.Uuid.ToString(), Founded + day * 86_400, Founded + (day + 2) * 86_400 + 0.5);

    private static void Describe(EmulatedBlob blob, JsonObject metadata)
    {
        foreach ((string name, JsonNode? value) in metadata)
        {
            blob.Metadata[name] = value?.DeepClone();
        }
    }

    /// <summary>Creates the volume descriptor of an ISO 9660 image, followed by filler data. It is not a complete file system.</summary>
    private static byte[] Iso()
    {
        byte[] image = new byte[2 << 20];
        new GeneratedContent(image.Length, 17).Read(0, image);
        image.AsSpan(0, IsoDescriptor + 2048).Clear();
        image[IsoDescriptor] = 1;
        Encoding.ASCII.GetBytes("CD001").CopyTo(image, IsoDescriptor + 1);
        image[IsoDescriptor + 6] = 1;
        Encoding.ASCII.GetBytes("DEMO_INSTALL".PadRight(32)).CopyTo(image, IsoDescriptor + 40);
        return image;
    }
}
