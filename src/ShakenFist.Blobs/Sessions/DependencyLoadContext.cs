using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Security.Cryptography;
using ShakenFist.Blobs.Resilience;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Sessions;

/// <summary>
/// Loads the third-party assemblies of the module into a separate load context, so that they don't conflict with the versions that other modules use.
/// Nothing from <c>lib/</c> is loaded before the first session is created.
/// </summary>
public sealed class DependencyLoadContext : IModuleAssemblyInitializer
{
    private const string ResilienceAssembly = "ShakenFist.Blobs.Resilience";
    private static readonly string LibPath = Path.Combine(Path.GetDirectoryName(typeof(DependencyLoadContext).Assembly.Location)!, "lib");
    private static readonly Lazy<AssemblyLoadContext> Context = new(() => new LibraryContext());
    private static int _attached;

    /// <summary>Called by PowerShell when the module is imported, also after Remove-Module.</summary>
    public void OnImport()
    {
        if (Interlocked.Exchange(ref _attached, 1) == 0)
        {
            AssemblyLoadContext.Default.Resolving += static (_, name) =>
                name.Name == ResilienceAssembly ? Context.Value.LoadFromAssemblyName(name) : null;
        }
    }

    // Not inlined: the runtime loads the assembly when it compiles a method that refers to it, and the callers must be compiled before.
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static HttpMessageHandler CreateHandler(SocketsHttpHandler sockets, SfTransportOptions options) =>
        ResilientHandler.Create(sockets, options.AttemptTimeout, options.RetryDelay);

    /// <summary>Creates a hasher for any supported algorithm.</summary>
    internal static HashAlgorithm CreateHasher(SfHashAlgorithm algorithm) =>
        algorithm == SfHashAlgorithm.XXH128 ? CreateXxh128() : algorithm.Create();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static HashAlgorithm CreateXxh128() => Xxh128.Create();

    private sealed class LibraryContext() : AssemblyLoadContext(ResilienceAssembly)
    {
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            string path = Path.Combine(LibPath, assemblyName.Name + ".dll");
            return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
        }
    }
}
