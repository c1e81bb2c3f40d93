using System.Globalization;
using System.Management.Automation;
using System.Text;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Playground;

PlaygroundOptions options;
try
{
    options = PlaygroundOptions.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message + " Try -Help.");
    return ExitCodes.Usage;
}

if (options.Help)
{
    Console.WriteLine(PlaygroundOptions.Usage);
    return ExitCodes.Success;
}

if (options.File is not null && !File.Exists(options.File))
{
    Console.Error.WriteLine($"There is no script '{options.File}'.");
    return ExitCodes.Usage;
}

if (!File.Exists(ModuleUnderHand.Manifest))
{
    Console.Error.WriteLine($"The module is not at {ModuleUnderHand.Manifest}: build the playground again.");
    return ExitCodes.Failure;
}

// Before the engine starts: it reports to nobody and looks for no newer release of itself.
Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
Environment.SetEnvironmentVariable("POWERSHELL_UPDATECHECK", "Off");
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

if (options.Picture is not null)
{
    // One picture, whatever the terminal and the language of whoever draws it.
    Environment.SetEnvironmentVariable("NO_COLOR", null);
    Environment.SetEnvironmentVariable("TERM", "xterm-256color");
    CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-US");
    CultureInfo.CurrentUICulture = CultureInfo.CurrentCulture;
}

await using SfEmulator? emulator = options.NoCluster ? null : await DemoSetup.StartAsync();
PwshProcess? pwsh = options.Embedded || options.Picture is not null ? null : PwshProcess.Find();
try
{
    return new Visit(options, emulator, pwsh).Run();
}
catch (Exception e) when (e is RuntimeException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return ExitCodes.Failure;
}
