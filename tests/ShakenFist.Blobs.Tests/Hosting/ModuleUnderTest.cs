using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>The built module and its types. Tests access types by name, like users.</summary>
internal static class ModuleUnderTest
{
    private static readonly Lazy<Assembly> Cmdlets = new(() => Loaded("ShakenFist.Blobs"));
    private static readonly Lazy<Assembly> Client = new(() => Loaded("ShakenFist.Blobs.Client"));

    public static string Root { get; } = Metadata("RepositoryRoot");

    public static string Layout { get; } = Metadata("ModuleLayout");

    public static string Manifest { get; } = Path.Combine(Layout, "ShakenFist.Blobs.psd1");

    /// <summary>The folder of NuGet packages.</summary>
    public static string Packages { get; } = Metadata("NuGetPackages");

    public static string FreshProcess { get; } = Metadata("FreshProcess");

    public static Assembly CmdletAssembly => Cmdlets.Value;

    public static Assembly ClientAssembly => Client.Value;

    /// <summary>A directory that contains no configuration of the user who runs the tests.</summary>
    public static string EmptyHome { get; } = Directory.CreateTempSubdirectory("sf-tests-home-").FullName;

    /// <summary>The home directory of the user who runs the tests, for programs of the SDK, which need the settings and packages of NuGet.</summary>
    public static string? UserHome { get; private set; }

    /// <summary>The environment variable of the home directory, in which the module searches for settings.</summary>
    public static string HomeVariable { get; } = OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME";

    /// <summary>The cmdlet classes.</summary>
    public static IReadOnlyList<(Type Type, CmdletAttribute Cmdlet)> Commands() =>
    [
        .. CmdletAssembly.GetTypes()
            .Select(type => (type, type.GetCustomAttribute<CmdletAttribute>()!))
            .Where(pair => pair.Item2 is not null)
            .OrderBy(pair => pair.Item2.NounName, StringComparer.Ordinal)
            .ThenBy(pair => pair.Item2.VerbName, StringComparer.Ordinal),
    ];

    /// <summary>The names of the commands.</summary>
    public static IReadOnlySet<string> Names { get; } = Commands().Select(command => NameOf(command.Cmdlet)).ToHashSet(StringComparer.OrdinalIgnoreCase);

    public static string NameOf(CmdletAttribute cmdlet) => $"{cmdlet.VerbName}-{cmdlet.NounName}";

    /// <summary>Isolates the tests from settings of the user, and prevents test keys from being sent to the proxy of the user.</summary>
    [ModuleInitializer]
    internal static void Isolate()
    {
        foreach (string name in (string[])["SHAKENFIST_API_URL", "SHAKENFIST_NAMESPACE", "SHAKENFIST_KEY", "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"])
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        UserHome = Environment.GetEnvironmentVariable(HomeVariable);
        Environment.SetEnvironmentVariable(HomeVariable, EmptyHome);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(EmptyHome, recursive: true);
    }

    private static Assembly Loaded(string name)
    {
        using Engine engine = new();
        // Only in this context: a test can have another copy in a different one.
        return AssemblyLoadContext.Default.Assemblies.Single(assembly => assembly.GetName().Name == name);
    }

    private static string Metadata(string key) => typeof(ModuleUnderTest).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
