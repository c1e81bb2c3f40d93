using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Faults;

/// <summary>Tests Connect-ShakenFist and the list of all blobs with faults: one error and no session, or the list as far as it was received.</summary>
public sealed class ConnectFaults
{
    private const string Page = "<html><body><h1>502 Proxy Error</h1></body></html>";

    private static readonly Dictionary<string, (string Script, Fault Fault, string? Error)> Rows = new()
    {
        ["connecting: the root is away once"] = Root(new() { Kind = FaultKind.Status, Status = 503 }, null),
        ["connecting: the root is away"] = Root(new() { Kind = FaultKind.Status, Status = 503, Times = int.MaxValue }, "ServerUnavailable"),
        ["connecting: the root is not there"] = Root(new() { Kind = FaultKind.Status, Status = 404, Body = Page }, "ResourceNotFound"),
        ["connecting: the root breaks off"] = Root(new() { Kind = FaultKind.CutAfter, AfterBytes = 10 }, "InvalidResponse"),
        ["connecting: the root closes without a byte"] = Root(new() { Kind = FaultKind.CutBeforeHeaders, Times = int.MaxValue }, "ConnectionFailed"),
        ["connecting: the root redirects to another host"] = Root(new() { Kind = FaultKind.Redirect, Status = 301, Location = "http://elsewhere.invalid/" }, "UnexpectedRedirect"),
        ["connecting: /auth is away once"] = Auth(new() { Kind = FaultKind.Status, Status = 503 }, null),
        ["connecting: /auth says 401"] = Auth(new() { Kind = FaultKind.Status, Status = 401 }, "AuthenticationFailed"),
        ["connecting: /auth says 404"] = Auth(new() { Kind = FaultKind.Status, Status = 404, Body = """{"error": "namespace not found", "status": 404}""" }, "NamespaceNotFound"),
        ["connecting: /auth says 403"] = Auth(new() { Kind = FaultKind.Status, Status = 403 }, "AccessForbidden"),
        ["connecting: /auth says null"] = Auth(new() { Kind = FaultKind.NullJson }, "InvalidResponse"),
        ["connecting: /auth says a page"] = Auth(new() { Kind = FaultKind.WrongBody, Body = Page }, "UnexpectedContent"),
        ["connecting: /auth breaks off"] = Auth(new() { Kind = FaultKind.CutAfter, AfterBytes = 10 }, "InvalidResponse"),
        ["connecting: /auth redirects to another host"] = Auth(new() { Kind = FaultKind.Redirect, Status = 307, Location = "http://elsewhere.invalid/" }, "UnexpectedRedirect"),
        ["the list: 503 once"] = List(new() { Kind = FaultKind.Status, Status = 503 }, null),
        ["the list: 403"] = List(new() { Kind = FaultKind.Status, Status = 403 }, "AccessForbidden"),
        ["the list: 401 once"] = List(new() { Kind = FaultKind.ExpireToken }, null),
        ["the list: 401 always"] = List(new() { Kind = FaultKind.ExpireToken, Times = int.MaxValue }, "AdministratorRequired"),
        ["the list: null"] = List(new() { Kind = FaultKind.NullJson }, "InvalidResponse"),
        ["the list: a page"] = List(new() { Kind = FaultKind.WrongBody, Body = Page }, "InvalidResponse"),
        ["the list: breaks off"] = List(new() { Kind = FaultKind.CutAfter, AfterBytes = 10 }, "InvalidResponse"),
        ["the list: ends early in order"] = List(new() { Kind = FaultKind.EndShort, AfterBytes = 10 }, "InvalidResponse"),
        ["the list: an encoding that was not asked for"] = List(new() { Kind = FaultKind.ContentEncoding }, "UnexpectedContent"),
    };

    public static TheoryData<string> Cases => [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Each_fault_is_repaired_or_reported_as_one_error(string row)
    {
        (string script, Fault fault, string? error) = Rows[row];
        bool connects = script.StartsWith("Connect", StringComparison.Ordinal);
        await using Cluster cluster = await Cluster.StartAsync(connect: !connects);
        cluster.Emulator.Faults.Add(fault);
        EngineResult result = cluster.Run(script + " -Verbose -Debug");
        Assert.Equal(error is null ? [] : [error], result.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]));
        Assert.Equal(error is null, result.Output.Count > 0);
        Assert.Equal(!connects || error is null, cluster.Run("Get-SfSession").Good.Output.Count == 1);
        Assert.DoesNotContain(Cluster.AdminKey, result.Everything, StringComparison.Ordinal);
        Assert.All(cluster.Emulator.Requests.Where(r => r.Headers.ContainsKey("Authorization")), r => Assert.DoesNotContain(r.Headers["Authorization"][0].Split(' ')[^1], result.Everything, StringComparison.Ordinal));
        await Eventually.TrueAsync(() => cluster.Emulator.Requests.All(r => r.Completed));
    }

    private static (string, Fault, string?) Root(Fault fault, string? error) => ("Connect-ShakenFist $url $admin", fault with { Path = "/" }, error);

    private static (string, Fault, string?) Auth(Fault fault, string? error) => ("Connect-ShakenFist $url $admin", fault with { Method = "POST", Path = "/auth" }, error);

    private static (string, Fault, string?) List(Fault fault, string? error) => ("Get-SfBlob", fault with { Path = "/blobs" }, error);
}
