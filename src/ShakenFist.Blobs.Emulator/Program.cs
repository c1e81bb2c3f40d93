using System.Runtime.InteropServices;
using ShakenFist.Blobs.Emulator;

CommandLine line;
try
{
    line = CommandLine.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message + " Use --help to list the options.");
    return 2;
}

if (line.Help)
{
    Console.WriteLine(CommandLine.Usage);
    return 0;
}

SfEmulator emulator;
try
{
    emulator = await SfEmulator.StartAsync(line.Options);
}
catch (IOException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

await using (emulator)
{
    EmulatorState state = emulator.State;
    state.AddNamespace(DemoCluster.AdminNamespace, line.AdminKey, admin: true);
    if (line.Options.DataDirectory is null)
    {
        DemoCluster.AddTo(state);
        state.SetKey(DemoCluster.AdminNamespace, line.AdminKey);
    }

    foreach ((string name, string key) in line.Namespaces)
    {
        state.AddNamespace(name, key);
    }

    // Ctrl+C and the SIGTERM signal of a service manager both end the program properly.
    var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    Console.WriteLine($"SHAKENFIST_API_URL={emulator.Url}");
    Console.WriteLine($"SHAKENFIST_NAMESPACE={DemoCluster.AdminNamespace}");
    Console.WriteLine($"SHAKENFIST_KEY={line.AdminKey}");
    await stop.Task;

    void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        stop.TrySetResult();
    }
}

return 0;
