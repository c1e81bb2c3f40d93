using System.Security.Cryptography;
using System.Text.RegularExpressions;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Tests that the code in the README of the client package works.</summary>
public sealed class ReadmeExampleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sf-readme-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_example_saves_a_verified_file_despite_a_cut_an_expired_token_and_a_busy_server()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.State.AddNamespace("backup", Cluster.Key);
        EmulatedBlob blob = EmulatedBlob.Generated(3 << 20, seed: 5);
        cluster.State.AddBlob(blob);
        cluster.Faults.Add(new Fault { Path = "/blobs/*", Kind = FaultKind.Status, Status = 503, Headers = new() { ["Retry-After"] = "0" }, Times = 2 });
        cluster.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.CutAfter, AfterBytes = 100_000 });
        cluster.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.ExpireToken });
        string path = Path.Combine(_folder, "disk.raw");

        SfBlobSaveResult saved = await ReadmeExample.SaveAsync(cluster.Emulator.Url, Cluster.Key, blob.Uuid, path, Limit.Token);

        Assert.Equal((SfBlobSaveStatus.Saved, SfVerificationOutcome.Verified), (saved.Status, saved.Verification));
        Assert.Equal((1, 1), (saved.ResumeCount, saved.ReauthenticationCount));
        Assert.Equal(blob.Sha512, Convert.ToHexStringLower(SHA512.HashData(await File.ReadAllBytesAsync(path, Limit.Token))));
        Assert.Equal(SfBlobSaveStatus.Unchanged, (await ReadmeExample.SaveAsync(cluster.Emulator.Url, Cluster.Key, blob.Uuid, path, Limit.Token)).Status);
    }

    [Fact]
    public void Every_code_block_is_in_the_tested_code()
    {
        string example = Lines(File.ReadAllText(FileOf("tests", "ShakenFist.Blobs.Client.Tests", "Package", "ReadmeExample.cs")));
        string readme = File.ReadAllText(FileOf("src", "ShakenFist.Blobs.Client", "README.md")).ReplaceLineEndings("\n");
        MatchCollection blocks = Regex.Matches(readme, "```csharp\n(?<code>.*?)```", RegexOptions.Singleline);

        Assert.Equal(2, blocks.Count);
        Assert.All(blocks, block => Assert.Contains(Lines(block.Groups["code"].Value), example, StringComparison.Ordinal));
    }

    /// <summary>Removes indentation, because it differs between a method and a README.</summary>
    private static string Lines(string code) => string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim())).Trim();

    private static string FileOf(params string[] parts)
    {
        DirectoryInfo root = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "ShakenFist.Blobs.slnx")))
        {
            root = root.Parent!;
        }

        return Path.Combine([root.FullName, .. parts]);
    }
}
