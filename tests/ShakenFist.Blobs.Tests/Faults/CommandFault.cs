using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Tests.Faults;

/// <summary>The requests of a command to which a fault applies.</summary>
[Flags]
internal enum Meets
{
    /// <summary>The first request, which reads a record or metadata.</summary>
    Json = 1,

    /// <summary>Data requests.</summary>
    Data = 2,

    /// <summary>Requests that change metadata.</summary>
    Write = 4,
}

/// <summary>A row: a fault for one of two blobs, and its outcome. To test a new fault, add a row.</summary>
/// <param name="Meets">The requests to which the fault applies.</param>
/// <param name="Fault">The fault.</param>
/// <param name="Error">The expected error ID. Null if the fault is repaired.</param>
internal sealed record CommandFault(Meets Meets, Fault Fault, string? Error)
{
    public const int Always = int.MaxValue;

    /// <summary>Commands with a different outcome.</summary>
    public Dictionary<string, string?> But { get; init; } = [];

    /// <summary>The commands to test if the fault takes long. Null for all.</summary>
    public string[]? Only { get; init; }

    /// <summary>The generations of the cluster to test.</summary>
    public ServerGeneration[] On { get; init; } = [ServerGeneration.C];

    public bool Strikes(RequestRecord request, string uuid, string hash)
    {
        bool isData = request.Path.EndsWith("/data", StringComparison.Ordinal);
        Meets kind = request.Method != "GET" ? Meets.Write : isData ? Meets.Data : Meets.Json;
        return Meets.HasFlag(kind) && (request.Path.Contains(uuid, StringComparison.Ordinal) || request.Path.Contains(hash, StringComparison.Ordinal));
    }
}

/// <summary>A command that processes two blobs, one of which has a fault.</summary>
/// <param name="Script">The command. $bad and $good contain the two blobs.</param>
/// <param name="ForGood">Number of output objects for the blob without a fault.</param>
/// <param name="ForBoth">Number of output objects if both succeed.</param>
/// <param name="Meets">The requests of the command.</param>
internal sealed record CommandUnderFault(string Script, int ForGood, int ForBoth, Meets Meets)
{
    /// <summary>A script that runs before, without faults.</summary>
    public string? Before { get; init; }

    /// <summary>The generations that support the command.</summary>
    public ServerGeneration[] On { get; init; } = Enum.GetValues<ServerGeneration>();

    /// <summary>The name of the command: the first one in the script that belongs to the module.</summary>
    public string Name => Script.Split(' ', '|', '(', ';').Last(word => word.Contains("-Sf", StringComparison.Ordinal));

    public static CommandUnderFault[] All { get; } =
    [
        new("$bad, $good | Get-SfBlob", 1, 2, Meets.Json),
        new("'bad', 'good' | ForEach-Object { Get-SfBlob -Artifact $_ }", 1, 2, Meets.Json),
        new("Get-SfBlob -Instance bad, good", 1, 2, Meets.Json),

        // For older clusters, the list is requested first, because they do not report a shared artifact by its UUID.
        new("Get-SfArtifact -Uuid $bad, $good", 1, 2, Meets.Json) { On = [.. Enum.GetValues<ServerGeneration>().Where(generation => generation >= ServerGeneration.C)] },
        new("Get-SfInstance -Uuid $bad, $good", 1, 2, Meets.Json),
        new("$bad, $good | Set-SfArtifact -MaxVersions 3 -PassThru", 1, 2, Meets.Json) { On = [.. Enum.GetValues<ServerGeneration>().Where(generation => generation >= ServerGeneration.C)] },
        new("$bad, $good | Remove-SfArtifact -KeepNewest 5", 0, 0, Meets.Json) { On = [.. Enum.GetValues<ServerGeneration>().Where(generation => generation >= ServerGeneration.C)] },
        new("Checkpoint-SfInstance -Uuid $bad, $good", 1, 2, Meets.Json),
        new("$bad, $good | Get-SfBlobChecksum -Algorithm SHA512", 1, 2, Meets.Json),
        new("$bad, $good | Get-SfBlobData -First 3", 1, 2, Meets.Json | Meets.Data),
        new("$bad, $good | Get-SfBlobEvent", 1, 2, Meets.Json) { On = [ServerGeneration.C, ServerGeneration.D] },
        new("$bad, $good | Get-SfImageInfo", 1, 2, Meets.Json | Meets.Data),
        new("$bad, $good | Get-SfBlobMetadata", 1, 2, Meets.Json),

        // Newer clusters return references only to the system namespace.
        new("$bad, $good | Get-SfBlobReference -Relationship depends_on -Session $asAdministrator", 1, 2, Meets.Json),
        new("$bad, $good | Export-SfBlobGraph -Depth 1", 1, 1, Meets.Json),
        new("$badHash, $goodHash | Find-SfBlobByHash", 1, 2, Meets.Json),
        new("$bad, $good | New-SfBlobMetadata -Key fresh -Value v -Force -PassThru", 1, 2, Meets.Json | Meets.Write),
        new("$bad, $good | Set-SfBlobMetadata -Key name -Value v -PassThru", 1, 2, Meets.Json | Meets.Write) { Before = "$bad, $good | Set-SfBlobMetadata -Key name -Value old" },
        new("$bad, $good | Remove-SfBlobMetadata -Key name", 0, 0, Meets.Json | Meets.Write) { Before = "$bad, $good | Set-SfBlobMetadata -Key name -Value old" },
        new("$bad, $good | Save-SfBlobData -Path $dir -PassThru -Force", 1, 2, Meets.Json | Meets.Data),
        new("Get-SfBlobTransfer $dir | Resume-SfBlobTransfer -PassThru", 1, 2, Meets.Json | Meets.Data) { Before = "interrupt" },
        new("$bad, $good | Wait-SfBlob", 1, 2, Meets.Json),
        new("$bad, $good | ForEach-Object { Test-SfBlobData $_ \"$dir/$_.local\" }", 1, 2, Meets.Json),
    ];
}
