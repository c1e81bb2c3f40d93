using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>Tests that the README of the emulator lists each fault with an example that the emulator accepts.</summary>
public sealed partial class EmulatorReadmeConventions
{
    private static string Readme { get; } = File.ReadAllText(Path.Combine(ModuleUnderTest.Root, "src", "ShakenFist.Blobs.Emulator", "README.md"));

    [Fact]
    public async Task Each_kind_of_fault_is_listed_with_an_example_that_is_accepted()
    {
        Match[] rows = [.. KindRow().Matches(Readme).Cast<Match>()];
        Assert.Equal(Enum.GetNames<FaultKind>().Order(StringComparer.Ordinal), rows.Select(row => row.Groups["kind"].Value).Order(StringComparer.Ordinal));
        await using Cluster cluster = await Cluster.StartAsync(connect: false, demo: false);
        using HttpClient client = new() { BaseAddress = cluster.Emulator.Url };
        foreach (Match row in rows)
        {
            string fields = row.Groups["fields"].Value;
            string body = $"{{\"kind\": \"{row.Groups["kind"].Value}\"{(fields.Length > 0 ? ", " + fields : string.Empty)}}}";
            using HttpResponseMessage response = await client.PostAsync(new Uri("emulator/faults", UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{body}: {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        }
    }

    [Fact]
    public void The_listed_fields_have_the_names_that_the_emulator_accepts()
    {
        string[] names = [.. typeof(Fault).GetProperties().Select(p => char.ToLowerInvariant(p.Name[0]) + p.Name[1..])];
        string[] listed = [.. FieldRow().Matches(Readme).Cast<Match>().Select(row => row.Groups["name"].Value)];
        Assert.NotEmpty(listed);
        Assert.Empty(listed.Except(names));
    }

    [GeneratedRegex(@"^\| `(?<kind>[A-Z]\w+)` \| [^|]+ \| (`(?<fields>[^`]+)` )?\|", RegexOptions.Multiline)]
    private static partial Regex KindRow();

    [GeneratedRegex(@"^\| `(?<name>[a-z]\w+)` \| [A-Z]", RegexOptions.Multiline)]
    private static partial Regex FieldRow();
}
