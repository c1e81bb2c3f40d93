using System.Management.Automation;
using System.Text;
using System.Text.Json;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Trust;

/// <summary>Runs every command with a recognizable key and recognizable tokens, with and without faults, and checks that no output contains them.</summary>
public sealed class SecretTests
{
    // Contains characters that are encoded in JSON, URLs, and Base64.
    private const string Key = "canary\"KEY+/=ü&0123456789";

    [Fact]
    public void Every_command_of_the_module_is_in_the_scripts() => Assert.Equal(CommandScripts.Names.Select(row => row.Data).Order(StringComparer.Ordinal), CommandScripts.Of.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(CommandScripts.Names), MemberType = typeof(CommandScripts))]
    public async Task Neither_key_nor_token_is_output(string command)
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        cluster.Emulator.State.AddNamespace("canary", Key, admin: true);
        cluster.Engine["canary"] = Cluster.Credential("canary", Key);
        cluster.Engine["wrong"] = Cluster.Credential("canary", Key + "?");
        await cluster.WriteAsync("some", new byte[100]);
        _ = cluster.Run("$session = Connect-ShakenFist $url $canary").Good;

        // An interrupted transfer with its journal, which every run finds.
        cluster.AddBlob("broken", 3 << 20, b => cluster.Emulator.Faults.Add(new Fault { Path = $"/blobs/{b.Uuid}/data", Kind = FaultKind.CutAfter, AfterBytes = 2 << 20, Times = 1 }));
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*/data", Kind = FaultKind.Status, Status = 400, Times = int.MaxValue });
        Assert.Equal("RequestRefused,ShakenFist.Blobs.Commands.SaveSfBlobDataCommand", cluster.Run("Save-SfBlobData $broken $dir").OnlyError.FullyQualifiedErrorId);
        cluster.Emulator.Faults.Clear();

        StringBuilder everything = new();
        int errors = 0;
        foreach (Fault? fault in Faults(Tokens(cluster)[0]))
        {
            cluster.Emulator.Faults.Clear();
            if (fault is not null)
            {
                cluster.Emulator.Faults.Add(fault);
            }

            EngineResult result = cluster.Run(CommandScripts.Prepare + "\n" + CommandScripts.Of[command]);
            PSObject[] kept = [.. cluster.Run("$Error").Output];
            errors += result.Errors.Count;
            Tell(everything, result, kept);
        }

        // All files that were created.
        foreach (string file in cluster.Files)
        {
            everything.AppendLine(file).AppendLine(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(cluster.PathOf(file), TestContext.Current.CancellationToken)));
        }

        bool cannotFail = command is "Get-SfSession" or "Get-SfCapability" or "Test-SfCapability";
        Assert.True(errors > 0 || cannotFail, "No error occurred, so the script does not test what it should.");
        AssertSilent(everything.ToString(), Tokens(cluster));
    }

    [Theory]
    [InlineData("what came", true)]
    [InlineData("nothing", false)]
    public void The_search_for_secrets_finds_an_existing_one(string where, bool isThere)
    {
        string text = isThere ? ObjectDump.Of(new PSObject(new { Inner = new InvalidOperationException("x", new ArgumentException(Key)) })) : where;
        Assert.Equal(isThere, Forms(Key).Any(form => text.Contains(form, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_target_of_an_error_contains_no_URL_with_a_password()
    {
        await using Cluster cluster = await Cluster.StartAsync(connect: false);
        cluster.Engine["plain"] = Uri.EscapeDataString(Key);
        ErrorRecord error = cluster.Run("Connect-ShakenFist \"http://canary:$plain@127.0.0.1/\" $admin").OnlyError;
        Assert.Equal("ApiUrlInvalid,ShakenFist.Blobs.Commands.ConnectShakenFistCommand", error.FullyQualifiedErrorId);
        Assert.Null(error.TargetObject);
        Assert.DoesNotContain("canary", $"{error}{error.CategoryInfo}{error.Exception}", StringComparison.Ordinal);
    }

    /// <summary>Errors that quote the token and the key, expired tokens, a page, a redirect, and finally no response.</summary>
    private static IEnumerable<Fault?> Faults(string token) =>
    [
        Any(FaultKind.Status) with { Status = 400, Body = $$"""{"error": "in Authorization: Bearer {{token}} of {{JsonEncodedText.Encode(Key)}}"}""", Headers = new() { ["X-Request-ID"] = token, ["Server"] = token } },
        Any(FaultKind.Status) with { Status = 404, Body = $"<html>{token}", ContentType = "text/html" },
        Any(FaultKind.ExpireToken),
        Any(FaultKind.Redirect) with { Status = 307, Location = $"http://127.0.0.1:1/?{token}" },

        // For data requests, this would be retried with pauses.
        Any(FaultKind.Status) with { Status = 200, Body = $"<html>{token}", ContentType = "text/html", When = r => !r.Path.EndsWith("/data", StringComparison.Ordinal) },
        null,
    ];

    private static Fault Any(FaultKind kind) => new() { Method = "*", Path = "/blob*", Kind = kind, Times = int.MaxValue };

    /// <summary>All streams, all properties of all objects and errors, and their serialized form.</summary>
    private static void Tell(StringBuilder everything, EngineResult result, IReadOnlyList<PSObject> kept)
    {
        everything.AppendLine(result.Everything);
        foreach (ProgressRecord progress in result.Progress)
        {
            everything.AppendLine(ObjectDump.Of(progress));
        }

        foreach (PSObject item in result.Output)
        {
            everything.AppendLine(ObjectDump.Of(item)).AppendLine(PSSerializer.Serialize(item, 4));
        }

        // The default depth of Export-Clixml. Deeper levels of an error only contain objects of the engine.
        foreach (PSObject error in kept.Concat(result.Errors.Select(PSObject.AsPSObject)))
        {
            everything.AppendLine(ObjectDump.Of(error)).AppendLine(PSSerializer.Serialize(error, 2));
        }
    }

    private static IReadOnlyList<string> Tokens(Cluster cluster) =>
        [.. cluster.Emulator.Requests.SelectMany(r => r.Headers.GetValueOrDefault("Authorization", [])).Select(value => value["Bearer ".Length..]).Distinct()];

    private static void AssertSilent(string text, IReadOnlyList<string> tokens)
    {
        Assert.NotEmpty(tokens);

        // The signature alone would identify the owner of a token, and the claims can be read.
        foreach (string form in tokens.SelectMany(token => Forms(token).Concat(token.Split('.')[1..])).Concat(Forms(Key)))
        {
            Assert.DoesNotContain(form, text, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string> Forms(string secret)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(secret);
        return
        [
            secret, Uri.EscapeDataString(secret), JsonEncodedText.Encode(secret).ToString(), System.Security.SecurityElement.Escape(secret)!,
            Convert.ToBase64String(bytes), Convert.ToBase64String(bytes).TrimEnd('='), Convert.ToHexString(bytes),
        ];
    }
}
