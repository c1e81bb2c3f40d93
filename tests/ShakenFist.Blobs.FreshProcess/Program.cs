using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.Loader;
using System.Text.Json;
using ShakenFist.Blobs.FreshProcess;

// Each argument is a step, and each step writes one line of JSON. A step is @assemblies, @neighbours, @runspace, or a script.
Runspace runspace = NewRunspace();
foreach (string step in args)
{
    object output = step switch
    {
        "@assemblies" => AssemblyLoadContext.All.SelectMany(context => context.Assemblies.Select(assembly =>
            $"{assembly.GetName().Name} {assembly.GetName().Version?.Major} {context.Name}")).ToArray(),
        "@neighbours" => Neighbours.Use(),
        "@runspace" => NextRunspace(),
        _ => Run(step),
    };
    Console.WriteLine(JsonSerializer.Serialize(output));
}

return 0;

static Runspace NewRunspace()
{
    Runspace made = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
    made.Open();
    return made;
}

string NextRunspace()
{
    runspace = NewRunspace();
    return "new";
}

string[] Run(string script)
{
    using PowerShell shell = PowerShell.Create(runspace).AddScript(script);
    try
    {
        string[] output = [.. shell.Invoke().Select(item => item?.ToString() ?? string.Empty)];
        return [.. output, .. shell.Streams.Error.Select(error => $"error {error.FullyQualifiedErrorId}: {error}")];
    }
    catch (RuntimeException e)
    {
        return [$"error {e.ErrorRecord.FullyQualifiedErrorId}: {e.Message}"];
    }
}
