using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Tests.Faults;

/// <summary>The requests of a command that meet a fault.</summary>
[Flags]
internal enum Meets
{
    /// <summary>The first one, which asks for a record or for metadata.</summary>
    Json = 1,

    /// <summary>Those for data.</summary>
    Data = 2,

    /// <summary>Those that change metadata.</summary>
    Write = 4,
}

/// <summary>A row: what goes wrong with one of two blobs, and what comes of it. A new fault is one row.</summary>
/// <param name="Meets">Which requests meet it.</param>
/// <param name="Fault">What goes wrong.</param>
/// <param name="Error">The error's id; null where it is repaired.</param>
internal sealed record CommandFault(Meets Meets, Fault Fault, string? Error)
{
    public const int Always = int.MaxValue;

    /// <summary>Commands to which it is something else.</summary>
    public Dictionary<string, string?> But { get; init; } = [];

    /// <summary>The commands with which it is tried, where it takes its time; null for all.</summary>
    public string[]? Only { get; init; }

    /// <summary>The generations of the cluster on which it is tried.</summary>
    public ServerGeneration[] On { get; init; } = [ServerGeneration.C];

    public bool Strikes(RequestRecord request, string uuid, string hash)
    {
        bool isData = request.Path.EndsWith("/data", StringComparison.Ordinal);
        Meets kind = request.Method != "GET" ? Meets.Write : isData ? Meets.Data : Meets.Json;
        return Meets.HasFlag(kind) && (request.Path.Contains(uuid, StringComparison.Ordinal) || request.Path.Contains(hash, StringComparison.Ordinal));
    }
}

/// <summary>A command, given a blob that meets a fault and one that does not, and what it puts out.</summary>
/// <param name="Script">The command; $bad and $good name the two blobs.</param>
/// <param name="ForGood">Objects for the one blob alone.</param>
/// <param name="ForBoth">Objects when both have gone well.</param>
/// <param name="Meets">What it asks for.</param>
internal sealed record CommandUnderFault(string Script, int ForGood, int ForBoth, Meets Meets)
{
    /// <summary>What is run before, undisturbed.</summary>
    public string? Before { get; init; }

    /// <summary>The generations whose clusters offer what it needs.</summary>
    public ServerGeneration[] On { get; init; } = Enum.GetValues<ServerGeneration>();

    /// <summary>The command's name: the first one of the script that has a verb of the module.</summary>
    public string Name => Script.Split(' ', '|', '(', ';').Last(word => word.Contains("-Sf", StringComparison.Ordinal));

    public static CommandUnderFault[] All { get; } =
    [
        new("$bad, $good | Get-SfBlob", 1, 2, Meets.Json),
        new("$bad, $good | Get-SfBlobChecksum -Algorithm SHA512", 1, 2, Meets.Json),
        new("$bad, $good | Get-SfBlobData -First 3", 1, 2, Meets.Json | Meets.Data),
        new("$bad, $good | Get-SfBlobEvent", 1, 2, Meets.Json) { On = [ServerGeneration.C] },
        new("$bad, $good | Get-SfImageInfo", 1, 2, Meets.Json | Meets.Data),
        new("$bad, $good | Get-SfBlobMetadata", 1, 2, Meets.Json),

        // Newer clusters show references to the system namespace alone.
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
