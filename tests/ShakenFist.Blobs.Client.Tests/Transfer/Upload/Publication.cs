using System.Security.Cryptography;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>
/// A cluster and a file to publish. After each run, every version of the artifact that did not exist before has the content of the file, and no version is missing that
/// was not announced.
/// </summary>
internal sealed class Publication : IAsyncDisposable
{
    public const string Name = "debian-13";
    public const int Chunk = 50_000;

    private readonly Dictionary<Guid, string> _before = [];

    private Publication(Cluster cluster, byte[] content)
    {
        Cluster = cluster;
        Content = content;
        Path = Folder.Write("debian-13.qcow2", content);
    }

    public Cluster Cluster { get; }

    public EmulatorState State => Cluster.State;

    public byte[] Content { get; set; }

    public TempFolder Folder { get; } = new();

    public string Path { get; }

    public string StateDirectory => Folder.At("state");

    public SfTransportOptions Options { get; set; } = Cluster.Quick with { RequestBytes = Chunk, ServerTimeLimit = TimeSpan.FromSeconds(1) };

    public string Namespace { get; set; } = "banana";

    public IReadOnlyList<EmulatedArtifact> Artifacts => [.. State.Artifacts.Where(artifact => artifact.State != "deleted")];

    public EmulatedArtifact? Artifact => Artifacts.SingleOrDefault(artifact => artifact.Name == Name && artifact.Type == "image");

    public string Sha512 => Convert.ToHexStringLower(SHA512.HashData(Content));

    public static Task<Publication> StartAsync(int size = 220_000, ServerGeneration generation = ServerGeneration.C, Func<EmulatorOptions, EmulatorOptions>? change = null) =>
        StartAsync(Download.Random(size), generation, change);

    public static async Task<Publication> StartAsync(byte[] content, ServerGeneration generation = ServerGeneration.C, Func<EmulatorOptions, EmulatorOptions>? change = null) =>
        new(await Cluster.StartAsync(generation, change), content);

    /// <summary>Adds an artifact with this number of versions, as many as it can have.</summary>
    public EmulatedArtifact AddVersions(int count = 3, string @namespace = "banana")
    {
        EmulatedArtifact artifact = State.AddArtifact(new EmulatedArtifact { Name = Name, Namespace = @namespace });
        for (int i = 1; i <= count; i++)
        {
            artifact.Add(State.AddBlob(EmulatedBlob.Generated(1000 + i, i)));
        }

        return artifact;
    }

    public Publication With(Fault fault)
    {
        Cluster.Faults.Add(fault with { Method = fault.Method == "GET" ? "POST" : fault.Method, Path = fault.Path == "*" ? "/upload/*" : fault.Path });
        return this;
    }

    public async Task<SfArtifactPublishResult?> RunAsync(
        Func<SfArtifactPublishOptions, SfArtifactPublishOptions>? change = null, Func<SfArtifactPublishPlan, Task<bool>>? confirm = null, bool resilient = false, CancellationToken? cancellationToken = null)
    {
        foreach (EmulatedArtifact artifact in Artifacts)
        {
            foreach (Guid blob in artifact.Versions.Values)
            {
                _before[blob] = State.Blob(blob)!.Sha512 ?? "";
            }
        }

        SfSession session = await Cluster.ConnectAsync(Options, Namespace, resilient);
        SfArtifactPublishOptions options = new() { Name = Name, RetryTimeout = Cluster.RetryTimeout, StateDirectory = StateDirectory };
        try
        {
            return await session.PublishFileAsync(Path, change?.Invoke(options) ?? options, confirm, Cluster.Log, cancellationToken ?? Limit.Token);
        }
        finally
        {
            EnsureSound();
        }
    }

    /// <summary>Publishes, and checks the version and that nothing else is left.</summary>
    public async Task<SfArtifactPublishResult> PublishesAsync(Func<SfArtifactPublishOptions, SfArtifactPublishOptions>? change = null, bool resilient = false)
    {
        SfArtifactPublishResult result = (await RunAsync(change, resilient: resilient))!;
        EmulatedBlob blob = State.Blob(result.BlobUuid)!;
        Assert.Equal(Content, EmulatorContent(blob));
        Assert.Equal(blob.Uuid, State.Artifacts.Single(artifact => artifact.Uuid == result.Artifact!.Uuid).Versions.Last().Value);
        Assert.Equal((Content.Length, Sha512, Path), (result.Size, result.Hash, result.Path));
        Assert.Equal("created", blob.State);
        Assert.DoesNotContain(Artifacts, artifact => artifact.Name.StartsWith("sf-staging-", StringComparison.Ordinal) && artifact.State == "created");
        Assert.Empty(UploadJournal.Find(StateDirectory));
        return result;
    }

    /// <summary>Checks that publishing fails with this error, and that the artifact is unchanged.</summary>
    public async Task<SfException> FailsAsync(SfError error, Func<SfArtifactPublishOptions, SfArtifactPublishOptions>? change = null, bool resilient = false)
    {
        (int Key, Guid Value)[] versions = Versions();
        SfException e = await SfAssert.ThrowsAsync(error, () => RunAsync(change, resilient: resilient));
        Assert.Equal(versions, Versions());
        return e;
    }

    public static byte[] EmulatorContent(EmulatedBlob blob)
    {
        byte[] bytes = new byte[blob.Content!.Length];
        blob.Content.Read(0, bytes);
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        Folder.Dispose();
    }

    private (int Key, Guid Value)[] Versions() => [.. Artifact?.Versions.Select(version => (version.Key, version.Value)) ?? []];

    private void EnsureSound()
    {
        foreach (EmulatedArtifact artifact in Artifacts.Where(artifact => !artifact.Name.StartsWith("sf-staging-", StringComparison.Ordinal)))
        {
            foreach (Guid version in artifact.Versions.Values.Where(version => !_before.ContainsKey(version)))
            {
                Assert.True(EmulatorContent(State.Blob(version)!).AsSpan().SequenceEqual(Content), "A version became current whose blob is not the file.");
            }
        }
    }
}
