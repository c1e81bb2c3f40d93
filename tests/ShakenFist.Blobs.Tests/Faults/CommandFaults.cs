using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Faults;

/// <summary>Tests every command that connects to a cluster with every fault: each input has one outcome, and a fault does not affect other inputs.</summary>
public sealed class CommandFaults(CommandFaults.Runs runs) : IClassFixture<CommandFaults.Runs>
{
    private const string Page = "<html><body><h1>502 Proxy Error</h1></body></html>";
    private const string Refused = """{"error": "invalid JWT in Authorization header", "status": 401}""";
    private const Meets Any = Meets.Json | Meets.Data | Meets.Write;

    private static readonly ServerGeneration[] All = Enum.GetValues<ServerGeneration>();
    private static readonly string[] OneOfEachKind = ["Get-SfBlob", "Set-SfBlobMetadata", "Save-SfBlobData"];

    private static readonly Dictionary<string, CommandFault> Rows = new()
    {
        ["nothing"] = new(Any, new() { Kind = FaultKind.Delay }, null) { On = All },
        ["500 once"] = Status(Any, 500, null),
        ["500 always"] = Status(Meets.Json, 500, "ServerError"),
        ["503 once"] = Status(Any, 503, null),
        ["503 always"] = Status(Meets.Json, 503, "ServerUnavailable"),
        ["504 always"] = Status(Meets.Json, 504, "RequestTimeout"),
        ["429 always"] = Status(Meets.Json, 429, "TooManyRequests"),
        ["406 until it is ready"] = Status(Any, 406, null, times: 3),
        ["507"] = Status(Meets.Json, 507, "InsufficientResources"),
        ["400"] = Status(Meets.Json, 400, "RequestRefused"),
        ["401 once"] = new(Any, new() { Kind = FaultKind.ExpireToken }, null) { On = All },
        ["401 always"] = new(Meets.Json, new() { Kind = FaultKind.ExpireToken, Times = CommandFault.Always }, "TokenRejected") { On = All },
        ["302 to the root once"] = new(Any, new() { Kind = FaultKind.Redirect, Location = "/" }, null),
        ["302 to the root always"] = new(Meets.Json, new() { Kind = FaultKind.Redirect, Location = "/", Times = CommandFault.Always }, "UnexpectedRedirect"),
        ["a redirect to another host"] = new(Meets.Json, new() { Kind = FaultKind.Redirect, Location = "http://elsewhere.invalid/", Times = CommandFault.Always }, "UnexpectedRedirect"),
        ["403"] = Status(Meets.Json, 403, "AccessForbidden"),
        ["404"] = Status(Meets.Json, 404, "BlobNotFound", body: """{"error": "blob not found", "status": 404}""") with
        {
            But = new() { ["Find-SfBlobByHash"] = "ResourceNotFound", ["Get-SfArtifact"] = "ArtifactNotFound", ["Get-SfInstance"] = "InstanceNotFound", ["Checkpoint-SfInstance"] = "InstanceNotFound", ["Remove-SfArtifact"] = "ArtifactNotFound", ["Set-SfArtifact"] = "ArtifactNotFound" },
        },
        ["404 as a page"] = Status(Meets.Json, 404, "ResourceNotFound", body: Page),
        ["405"] = Status(Meets.Json, 405, "MethodNotSupported"),
        ["409"] = Status(Meets.Json, 409, "StateConflict"),
        ["204"] = Status(Meets.Json, 204, "UnexpectedStatus"),
        ["closed without a byte once"] = new(Any, new() { Kind = FaultKind.CutBeforeHeaders }, null),
        ["closed without a byte always"] = new(Meets.Json, new() { Kind = FaultKind.CutBeforeHeaders, Times = CommandFault.Always }, "ConnectionFailed"),
        ["reset without a byte once"] = new(Any, new() { Kind = FaultKind.CutBeforeHeaders, Reset = true }, null),
        ["cut off once"] = new(Any, new() { Kind = FaultKind.CutAfter, AfterBytes = 2 }, null) { On = All },
        ["cut off always"] = new(Meets.Json, new() { Kind = FaultKind.CutAfter, AfterBytes = 2, Times = CommandFault.Always }, "InvalidResponse"),
        ["silent in the middle once"] = new(Any, new() { Kind = FaultKind.Stall, AfterBytes = 2 }, null) { Only = OneOfEachKind },
        ["silent in the middle always"] = new(Meets.Json, new() { Kind = FaultKind.Stall, AfterBytes = 2, Times = CommandFault.Always }, "ResponseStalled") { Only = OneOfEachKind },
        ["truncated JSON once"] = new(Meets.Json | Meets.Write, new() { Kind = FaultKind.TruncateJson }, null),
        ["truncated JSON always"] = new(Meets.Json, new() { Kind = FaultKind.TruncateJson, Times = CommandFault.Always }, "InvalidResponse"),
        ["null in place of an object"] = new(Meets.Json, new() { Kind = FaultKind.NullJson, Times = CommandFault.Always }, "InvalidResponse") { But = new() { ["Find-SfBlobByHash"] = "nothing" } },
        ["a page in place of JSON"] = new(Meets.Json, new() { Kind = FaultKind.WrongBody, Body = Page, Times = CommandFault.Always }, "UnexpectedContent"),
        ["an encoding that was not asked for"] = new(Meets.Json, new() { Kind = FaultKind.ContentEncoding, Times = CommandFault.Always }, "UnexpectedContent"),
        ["a write: 503 always"] = Status(Meets.Write, 503, "ServerUnavailable"),
        ["a write: 400"] = Status(Meets.Write, 400, "RequestRefused"),
        ["a write: 403"] = Status(Meets.Write, 403, "AccessForbidden"),
        ["a write: 401 always"] = new(Meets.Write, new() { Kind = FaultKind.ExpireToken, Times = CommandFault.Always }, "TokenRejected"),
        ["a write: closed without a byte always"] = new(Meets.Write, new() { Kind = FaultKind.CutBeforeHeaders, Times = CommandFault.Always }, "ConnectionFailed"),
        ["a write: cut off always"] = new(Meets.Write, new() { Kind = FaultKind.CutAfter, AfterBytes = 2, Times = CommandFault.Always }, "InvalidResponse"),
        ["data: 503 always"] = Status(Meets.Data, 503, "TransferInterrupted"),
        ["data: 403"] = Status(Meets.Data, 403, "AccessForbidden"),
        ["data: no node has it"] = Status(Meets.Data, 404, "BlobDataMissing", body: """{"error": "blob missing", "status": 404}""") with { On = All },
        ["data: 401 always"] = new(Meets.Data, new() { Kind = FaultKind.ExpireToken, Times = CommandFault.Always }, "TokenRejected"),
        ["data: another node's error once"] = new(Meets.Data, new() { Kind = FaultKind.WrongBody, Body = Refused }, null) { On = All },
        ["data: another node's error always"] = new(Meets.Data, new() { Kind = FaultKind.WrongBody, Body = Refused, Times = CommandFault.Always }, "TransferInterrupted") { On = All },
        ["data: a page always"] = new(Meets.Data, new() { Kind = FaultKind.WrongBody, Body = Page, Times = CommandFault.Always }, "TransferInterrupted"),
        ["data: nothing comes, always"] = new(Meets.Data, new() { Kind = FaultKind.CutAfter, Times = CommandFault.Always }, "TransferInterrupted") { On = All },
        ["data: an end in order without a byte, always"] = new(Meets.Data, new() { Kind = FaultKind.EndShort, Times = CommandFault.Always }, "DataLengthMismatch") { On = All },
        ["data: 206"] = Status(Meets.Data, 206, "UnexpectedStatus"),
    };

    public static TheoryData<string, ServerGeneration> Cases => [.. Rows.SelectMany(row => row.Value.On.Select(generation => (row.Key, generation)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Each_input_has_one_outcome_and_the_others_are_processed(string row, ServerGeneration generation)
    {
        CommandFault fault = Rows[row];
        CommandRun run = await runs.OnAsync(generation);
        List<string> failures = [];
        foreach (CommandUnderFault command in CommandUnderFault.All.Where(c => c.On.Contains(generation) && (c.Meets & fault.Meets) != 0 && fault.Only?.Contains(c.Name) != false))
        {
            string? id = fault.But.TryGetValue(command.Name, out string? other) ? other : fault.Error;
            failures.AddRange(await run.TryAsync(command, fault, id));
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Fact]
    public async Task If_the_cluster_does_not_respond_each_input_has_one_error_and_nothing_remains()
    {
        await using CommandRun run = await CommandRun.StartAsync(ServerGeneration.C);
        IEnumerable<string> failures = await run.TryWithoutClusterAsync();
        Assert.True(!failures.Any(), string.Join('\n', failures));
    }

    [Fact]
    public void Every_command_that_connects_to_a_cluster_is_in_the_table()
    {
        // Connecting has a separate table. The other commands do not send requests.
        string[] apart = ["Connect-ShakenFist", "Disconnect-ShakenFist", "Get-SfSession", "Get-SfCapability", "Test-SfCapability", "Get-SfBlobTransfer", "Remove-SfBlobTransfer"];
        IEnumerable<string> commands = ModuleUnderTest.Commands().Select(c => ModuleUnderTest.NameOf(c.Cmdlet)).Except(apart);
        Assert.Equal(commands.Order(StringComparer.Ordinal), CommandUnderFault.All.Select(c => c.Name).Distinct().Order(StringComparer.Ordinal));
    }

    private static CommandFault Status(Meets meets, int status, string? error, int? times = null, string? body = null) =>
        new(meets, new() { Kind = FaultKind.Status, Status = status, Body = body, Times = times ?? (error is null ? 1 : CommandFault.Always) }, error);

    /// <summary>A cluster of each generation, shared by all rows.</summary>
    public sealed class Runs : IAsyncDisposable
    {
        private readonly Dictionary<ServerGeneration, CommandRun> _runs = [];

        internal async Task<CommandRun> OnAsync(ServerGeneration generation) =>
            _runs.TryGetValue(generation, out CommandRun? run) ? run : _runs[generation] = await CommandRun.StartAsync(generation);

        public async ValueTask DisposeAsync()
        {
            foreach (CommandRun run in _runs.Values)
            {
                await run.DisposeAsync();
            }
        }
    }
}
