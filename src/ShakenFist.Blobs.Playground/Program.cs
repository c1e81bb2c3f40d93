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
    Console.Error.WriteLine(e.Message + " Use -Help to list the options.");
    return ExitCodes.Usage;
}

if (options.Help)
{
    Console.WriteLine(PlaygroundOptions.Usage);
    return ExitCodes.Success;
}

if (options.File is not null && !File.Exists(options.File))
{
    Console.Error.WriteLine($"The script '{options.File}' does not exist.");
    return ExitCodes.Usage;
}

if (!File.Exists(ModuleLayout.Manifest))
{
    Console.Error.WriteLine($"The module is not at {ModuleLayout.Manifest}. Build the playground again: dotnet build.");
    return ExitCodes.Failure;
}

// Disable telemetry and the update check of pwsh.
Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
Environment.SetEnvironmentVariable("POWERSHELL_UPDATECHECK", "Off");
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

(Shell? shell, string failure) = await Shell.FindAsync(new PowerShellTool(ModuleLayout.RepositoryRoot, ModuleLayout.Packages, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)));
if (shell is null)
{
    Console.Error.WriteLine(failure);
    Console.Error.WriteLine("PowerShell cannot be started. Run 'dotnet tool restore' when the package source can be reached, or install PowerShell 7.4 or later.");
    return ExitCodes.Failure;
}

await using SfEmulator? emulator = options.NoCluster ? null : await DemoSetup.StartAsync();
try
{
    return await new PlaygroundRun(options, emulator, shell).RunAsync();
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return ExitCodes.Failure;
}
