using System.Reflection;

namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>Creates a session like Connect-ShakenFist, but with pauses of a millisecond between attempts, so that permanent faults can be tested many times.</summary>
internal static class QuickSession
{
    public static async Task<object> ConnectAsync(Uri url, string @namespace, string key)
    {
        object options = Activator.CreateInstance(Client("SfTransportOptions"))!;
        Set(options, "RetryDelay", TimeSpan.FromMilliseconds(1));
        Set(options, "IdleTimeout", TimeSpan.FromMilliseconds(500));
        Set(options, "NoProxy", true);
        object settings = Activator.CreateInstance(Client("SfConnectionSettings"), url, @namespace, key, "the test")!;
        MethodInfo createHandler = ModuleUnderTest.CmdletAssembly.GetType("ShakenFist.Blobs.Sessions.DependencyLoadContext", throwOnError: true)!
            .GetMethod("CreateHandler", BindingFlags.Static | BindingFlags.NonPublic)!;
        Func<SocketsHttpHandler, HttpMessageHandler> wrap = sockets => (HttpMessageHandler)createHandler.Invoke(null, [sockets, options])!;
        object log = Client("NullLog").GetProperty("Instance")!.GetValue(null)!;
        Task connecting = (Task)Client("SfSession").GetMethod("ConnectAsync")!.Invoke(null, [settings, options, wrap, log, TestContext.Current.CancellationToken])!;
        await connecting;
        return connecting.GetType().GetProperty("Result")!.GetValue(connecting)!;
    }

    private static Type Client(string name) => ModuleUnderTest.ClientAssembly.GetType("ShakenFist.Blobs." + name, throwOnError: true)!;

    private static void Set(object options, string property, object value) => options.GetType().GetProperty(property)!.SetValue(options, value);
}
