using System.IO.Compression;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Isolation;

namespace ShakenFist.Blobs.Tests.Packages;

/// <summary>Tests the package after unpacking it like Install-PSResource, in a process without another copy of the module.</summary>
[Collection(ReleasedPackages.Collection)]
public sealed class InstalledModuleTests(ReleasedPackages packages) : IDisposable
{
    private readonly string _modulePath = Directory.CreateTempSubdirectory("sf-modules-").FullName;

    public void Dispose() => Directory.Delete(_modulePath, recursive: true);

    [Fact]
    public async Task The_installed_module_works_when_it_is_imported_by_name()
    {
        string home = Install();
        await using SfEmulator emulator = await StartAsync();

        IReadOnlyList<string[]> output = await FreshProcess.RunAsync(
            UseAlone(emulator),
            "Import-Module ShakenFist.Blobs; $module = Get-Module ShakenFist.Blobs; $module.ModuleBase; $module.Version",
            $"$saved = Save-SfBlobData {DemoCluster.RawDisk} -Path '{_modulePath}/saved.raw' -PassThru; $saved.Verification",
            "(Get-Help Save-SfBlobData).Synopsis.Trim()",
            "(Get-Module ShakenFist.Blobs).PrivateData.PSData.ProjectUri");

        Assert.Equal([home, packages.Version], output[1]);
        Assert.Equal(["Verified"], output[2]);
        Assert.StartsWith("Saves", Assert.Single(output[3]), StringComparison.Ordinal);
        Assert.StartsWith("https://", Assert.Single(output[4]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Running_a_command_loads_the_installed_module()
    {
        Install();
        await using SfEmulator emulator = await StartAsync();

        IReadOnlyList<string[]> output = await FreshProcess.RunAsync(UseAlone(emulator), $"(Get-SfBlob {DemoCluster.RawDisk}).Uuid");

        Assert.Equal([DemoCluster.RawDisk.ToString()], output[1]);
    }

    /// <summary>Returns the directory of the module files.</summary>
    private string Install()
    {
        string home = Path.Combine(_modulePath, "ShakenFist.Blobs", packages.Version);
        ZipFile.ExtractToDirectory(packages.Module, home);
        File.Delete(Path.Combine(home, "ShakenFist.Blobs.nuspec"));
        File.Delete(Path.Combine(home, "[Content_Types].xml"));
        Directory.Delete(Path.Combine(home, "_rels"), recursive: true);
        return home;
    }

    private static async Task<SfEmulator> StartAsync()
    {
        SfEmulator emulator = await SfEmulator.StartAsync(null, TestContext.Current.CancellationToken);
        DemoCluster.AddTo(emulator.State);
        return emulator;
    }

    private string UseAlone(SfEmulator emulator) => $"""
        $env:PSModulePath = '{_modulePath}'
        $env:SHAKENFIST_API_URL = '{emulator.Url}'
        $env:SHAKENFIST_NAMESPACE = '{DemoCluster.AdminNamespace}'
        $env:SHAKENFIST_KEY = '{DemoCluster.AdminKey}'
        """;
}
