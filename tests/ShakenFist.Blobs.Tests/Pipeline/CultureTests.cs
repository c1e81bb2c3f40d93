using System.Globalization;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Pipeline;

/// <summary>Cultures with special letters, digits, calendars, and separators: the dotless i, the Umm al-Qura calendar, and the decimal comma.</summary>
public sealed class CultureTests
{
    private static readonly string[] Names = ["tr-TR", "ar-SA", "de-DE"];

    private static readonly (string Script, string Expected)[] Meanings =
    [
        // Upper and lower case of i.
        ("(Find-SfBlobByHash $sha512.ToUpperInvariant()).Uuid -eq $raw", "True"),
        ("(Find-SfBlobByHash $sha512 -Algorithm 'sha512').Uuid -eq $raw", "True"),
        ("(Get-SfBlobChecksum $raw -Algorithm sha512).Hash -ceq $sha512", "True"),
        ("(Wait-SfBlob $initial -State 'INITIAL').State", "initial"),
        ("(Save-SfBlobData $raw $dir -PassThru -Verification 'ifavailable' -ExistingFileCheck 'sizeandtime').Verification", "Verified"),
        ("(Get-SfImageInfo $qcow2).FileFormat", "qcow2"),
        ("($raw | Export-SfBlobGraph -Path \"$dir/G.MMD\" -PassThru).Name", "G.MMD"),
        ("Test-SfCapability 'blob-metadata'", "True"),

        // Numbers.
        ("(Set-SfBlobMetadata $raw ratio 1.5 -PassThru).Value -eq 1.5; (Get-SfBlob $raw).Metadata['ratio'] -eq 1.5", "True True"),
        ("(Set-SfBlobMetadata $raw n 1234567 -PassThru).Value; (Get-SfBlobMetadata $raw n).Value", "1234567 1234567"),
        ("(Get-SfBlobData $raw -Offset 1000000 -Length 3).Length", "3"),

        // Dates.
        ("(Get-SfBlob $raw).Modified.Year -eq (Get-Date).Year", "True"),
        ("(Save-SfBlobData $raw $dir -PassThru -StopAt '2099-01-31 06:00').Status", "Saved"),
        ("(Save-SfBlobData $raw $dir -PassThru -StopAt ([datetime]::UtcNow.AddHours(1))).Status", "Saved"),
        ("(Save-SfBlobData $raw $dir -PassThru -TimeoutSeconds 5400).Status", "Saved"),
    ];

    private static async Task<Cluster> StartAsync(string name)
    {
        Cluster cluster = await Cluster.StartAsync(host: new HostOptions { Culture = CultureInfo.GetCultureInfo(name) });
        EmulatedBlob raw = cluster.Emulator.State.Blob(DemoCluster.RawDisk)!;
        cluster.Engine["sha512"] = raw.Sha512;
        cluster.Engine["there"] = name;
        return cluster;
    }

    private static EngineResult Run(Cluster cluster, string script) => cluster.Run("[cultureinfo]::CurrentCulture = [cultureinfo]::CurrentUICulture = $there\n" + script);

    public static TheoryData<string, string, string> Rows => [.. Names.SelectMany(name => Meanings.Select(m => (name, m.Script, m.Expected)))];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Letters_numbers_and_dates_do_not_depend_on_the_culture(string name, string script, string expected)
    {
        await using Cluster cluster = await StartAsync(name);
        Assert.Equal(expected, string.Join(' ', Run(cluster, script).Good.Output.Select(o => Convert.ToString(o.BaseObject, CultureInfo.InvariantCulture))));
        Assert.All(cluster.Emulator.Requests, r => Assert.True(r.Path.All(char.IsAscii) && r.Query.All(char.IsAscii), r.Path + r.Query));
    }

    [Theory]
    [InlineData("ar-SA", "")]
    [InlineData("", "ar-SA")]
    [InlineData("tr-TR", "de-DE")]
    public async Task A_journal_written_in_one_culture_is_read_in_another(string first, string second)
    {
        await using Cluster cluster = await StartAsync(first);
        EveryCommandTests.Interrupt(cluster, "[cultureinfo]::CurrentCulture = $there; ");
        cluster.Engine["there"] = second;
        EngineResult result = Run(cluster, "Get-SfBlobTransfer $dir; Resume-SfBlobTransfer $dir -PassThru").Good;
        Assert.InRange(result.Output[0].Get<DateTime>("StartedAt"), DateTime.Now.AddMinutes(-2), DateTime.Now);
        Assert.True(result.Output[1].Get<long>("BytesResumed") > 0);
        Assert.Equal(["part"], cluster.Files);
    }
}
