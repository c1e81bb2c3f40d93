using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Playground;

/// <summary>The emulated cluster, and the environment variables by which sf-client and the module find it.</summary>
internal static class DemoSetup
{
    // Slow enough to see the progress of a transfer, but fast enough to not have to wait long.
    private const long BytesPerSecond = 24L << 20;

    public static async Task<SfEmulator> StartAsync()
    {
        SfEmulator emulator = await SfEmulator.StartAsync(new EmulatorOptions { BytesPerSecond = BytesPerSecond });
        DemoCluster.AddTo(emulator.State);
        Environment.SetEnvironmentVariable("SHAKENFIST_API_URL", emulator.Url.ToString());
        Environment.SetEnvironmentVariable("SHAKENFIST_NAMESPACE", DemoCluster.AdminNamespace);
        Environment.SetEnvironmentVariable("SHAKENFIST_KEY", DemoCluster.AdminKey);
        return emulator;
    }
}
