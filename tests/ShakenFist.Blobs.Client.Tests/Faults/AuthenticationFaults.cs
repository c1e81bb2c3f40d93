using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Faults of keys and tokens, from connecting to the last byte.</summary>
public sealed class AuthenticationFaults
{
    private static readonly Dictionary<string, DataFault> Rows = new()
    {
        ["the namespace is not known"] = new() { Namespace = "nobody", Error = SfErrors.NamespaceNotFound },
        ["the key is wrong"] = new() { Key = "wrong-" + Cluster.Key, Error = SfErrors.AuthenticationFailed },
        ["the key is replaced in the middle"] = new()
        {
            On = [ServerGeneration.B, ServerGeneration.C, ServerGeneration.D],
            Emulated = [new() { Kind = FaultKind.ExpireToken, Skip = 1 }],
            Change = (cluster, _) => OnceAsked(cluster, () => cluster.State.SetKey("banana", "another")),
            Mend = (cluster, _) => cluster.State.SetKey("banana", Cluster.Key),
            Error = SfErrors.AuthenticationFailed,
        },
        ["the namespace is removed in the middle"] = new()
        {
            On = [ServerGeneration.B, ServerGeneration.C, ServerGeneration.D],
            Emulated = [new() { Kind = FaultKind.ExpireToken, Skip = 1 }],
            Change = (cluster, _) => OnceAsked(cluster, () => cluster.State.RemoveNamespace("banana")),
            Mend = (cluster, _) => cluster.State.AddNamespace("banana", Cluster.Key),
            Error = SfErrors.NamespaceNotFound,
        },
        ["/auth is away while the data flows"] = new() { Emulated = [Auth with { Status = 503, Skip = 1, Times = DataFault.Always }] },
        ["/auth is away for a moment when the token expires"] = new() { Emulated = [Auth with { Status = 503, Skip = 1 }, new() { Kind = FaultKind.ExpireToken }] },
        ["/auth is away when the token expires"] = new() { Emulated = [Auth with { Status = 503, Skip = 1, Times = DataFault.Always }, new() { Kind = FaultKind.ExpireToken, Times = DataFault.Always }], Error = SfErrors.ServerUnavailable },
        ["/auth answers without a byte, once"] = new() { Emulated = [Auth with { Kind = FaultKind.CutBeforeHeaders }] },
        ["/auth answers with a page"] = new() { Emulated = [Auth with { Kind = FaultKind.WrongBody, Body = "<html>", Times = DataFault.Always }], Error = SfErrors.UnexpectedContent },
        ["/auth answers null"] = new() { Emulated = [Auth with { Kind = FaultKind.NullJson, Times = DataFault.Always }], Error = SfErrors.InvalidResponse },
        ["/auth redirects to another host"] = new() { Emulated = [Auth with { Kind = FaultKind.Redirect, Location = "http://elsewhere.invalid/auth", Times = DataFault.Always }], Error = SfErrors.UnexpectedRedirect },
        ["the life of a token is no number"] = new() { Emulated = [Auth with { Kind = FaultKind.WrongBody, Body = """{"access_token": "n0t-g00d", "expires_in": "soon"}""" }] },
    };

    public static TheoryData<string, ServerGeneration?> Cases => FaultRun.Cases(Rows);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task After_any_fault_of_keys_and_tokens_the_file_is_correct_or_the_error_is_reported(string row, ServerGeneration? generation) => FaultRun.CheckAsync(Rows[row], generation);

    private static Fault Auth => new() { Method = "POST", Path = "/auth", Kind = FaultKind.Status };

    /// <summary>Runs an action at the first data request.</summary>
    private static void OnceAsked(Cluster cluster, Action change)
    {
        int asked = 0;
        cluster.Faults.Add(new Fault
        {
            Path = "/blobs/*/data",
            When = _ =>
            {
                if (++asked == 1)
                {
                    change();
                }

                return false;
            },
        });
    }
}
