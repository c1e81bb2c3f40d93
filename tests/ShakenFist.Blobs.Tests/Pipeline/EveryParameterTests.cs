using System.Collections;
using System.Reflection;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Pipeline;

/// <summary>Tests every parameter of every command with null, empty values, and values of other types.</summary>
public sealed class EveryParameterTests
{
    /// <summary>The error IDs of parameter binding. Their messages are those of PowerShell.</summary>
    private static readonly string[] OfBinding =
    [
        "CannotConvertArgument", "CannotConvertArgumentNoMessage", "InputObjectNotBound", "ParameterArgumentTransformationError", "ParameterArgumentValidationError",
        "ParameterArgumentValidationErrorEmptyArrayNotAllowed", "ParameterArgumentValidationErrorEmptyStringNotAllowed", "ParameterArgumentValidationErrorNullNotAllowed",
        "ParameterBindingFailed", "ScriptBlockArgumentNoInput", "MissingMandatoryParameter",
    ];

    // Credentials are left out, because PowerShell prompts for what is missing in them.
    private const string Walk = """
        Set-Location $dir
        $values = [ordered]@{
            null = $null; empty = ''; blank = ' '; emptyArray = @(); arrayOfNull = @($null); text = 'nonsense'; number = -7; large = [double]::MaxValue; uuid = [guid]::Empty
            table = @{ a = 1 }; emptyTable = @{}; object = [pscustomobject]@{ x = 1 }; script = { 1 }; date = [datetime]'2020-01-01'; mixed = @(1, 'x', $null); type = [string]
        }
        $common = [Management.Automation.PSCmdlet]::CommonParameters + [Management.Automation.PSCmdlet]::OptionalCommonParameters
        $info = Get-Command $command
        foreach ($parameter in $info.Parameters.Values.Where({ $_.Name -notin $common -and -not $_.SwitchParameter -and $_.ParameterType -ne [pscredential] })) {
            $bound = @{}
            $set = $info.ParameterSets.Where({ $_.Parameters.Name -contains $parameter.Name })[0]
            foreach ($other in $set.Parameters.Where({ $_.IsMandatory -and $_.Name -notin $parameter.Name, 'InputObject' })) {
                $type = $other.ParameterType.Name -replace '\[\]'
                $bound[$other.Name] = switch ($type) { SfBlobIdentity { $raw } IDictionary { @{ a = 1 } } SwitchParameter { $true } String { 'other' } Object { 'other' } default { 1 } }
            }

            if ($info.Parameters.ContainsKey('WhatIf')) { $bound.WhatIf = $true }
            if ($info.Parameters.ContainsKey('TimeoutSeconds')) { $bound.TimeoutSeconds = 0 }
            if ($command -eq 'Connect-ShakenFist') { $bound.ApiUrl = $url }
            $pipes = $parameter.ParameterSets.Values.ValueFromPipeline -contains $true
            $pipesByName = $parameter.ParameterSets.Values.ValueFromPipelineByPropertyName -contains $true
            foreach ($value in $values.GetEnumerator()) {
                $attempts = @{ 'named' = { $bound[$parameter.Name] = $value.Value; & $command @bound } }
                if ($pipes) { $attempts['piped'] = { $bound.Remove($parameter.Name); , $value.Value | & $command @bound } }
                if ($pipesByName) { $attempts['property'] = { $bound.Remove($parameter.Name); [pscustomobject]@{ $parameter.Name = $value.Value } | & $command @bound } }
                foreach ($attempt in $attempts.GetEnumerator()) {
                    $Error.Clear()
                    try { $null = . $attempt.Value 2>$null 3>$null } catch { $null = $_ }
                    foreach ($e in $Error) {
                        [pscustomobject]@{ Input = "$command -$($parameter.Name) $($value.Key), $($attempt.Key)"; Id = $e.FullyQualifiedErrorId -replace ',.*'; Message = "$e" }
                    }
                }
            }
        }
        """;

    [Theory]
    [MemberData(nameof(Commands))]
    public void No_command_prompts_for_a_value_that_cannot_be_typed(string command)
    {
        using Engine engine = new();
        engine["command"] = command;

        // PowerShell prompts for the mandatory parameters of the default parameter set, or of that with a path.
        EngineResult result = engine.Run("""
            foreach ($set in (Get-Command $command).ParameterSets.Where({ $_.IsDefault -or $_.Parameters.Name -contains 'Path' })) {
                foreach ($parameter in $set.Parameters.Where({ $_.IsMandatory -and $_.ParameterType -ne [Collections.IDictionary] })) {
                    if (-not ('d3a00001-7a1e-4c52-9c0b-6f1f5e0a0001' -as $parameter.ParameterType) -and -not ('1' -as $parameter.ParameterType)) { $parameter.Name }
                }
            }
            """).Good;
        Assert.Empty(result.Output);
    }

    public static TheoryData<string> Commands => [.. ModuleUnderTest.Names];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task An_unsuitable_value_is_an_error_of_parameter_binding_or_of_the_error_table(string command)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Engine["command"] = command;
        IEnumerable table = (IEnumerable)ModuleUnderTest.ClientAssembly.GetType("ShakenFist.Blobs.SfErrors")!.GetProperty("All", BindingFlags.Public | BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;
        HashSet<string> ids = [.. OfBinding, .. table.Cast<object>().Select(error => (string)error.GetType().GetProperty("Id")!.GetValue(error)!)];
        EngineResult result = cluster.Run(Walk, TimeSpan.FromMinutes(3));
        Assert.Null(result.Ended);
        Assert.All(result.Output, error => Assert.True(ids.Contains(error.Text("Id")), $"{error.Text("Input")}: {error.Text("Id")}: {error.Text("Message")}"));
        Assert.True(result.Output.Count > 0 || command == "Get-SfSession", "No value was refused.");
        Assert.Empty(cluster.Files);
        Assert.All(cluster.Emulator.Requests, request => Assert.True(request.Method == "GET" || request.Path == "/auth", $"{request.Method} {request.Path}"));
    }
}
