#Requires -Version 7.4
<#
.SYNOPSIS
    Runs the Pester suite on the built module, and returns the exit code 0 only if all tests have passed.
.DESCRIPTION
    Requires a build of the module, the emulator, and the tests. The build copies Pester to artifacts/pester/. Run the script in a separate process, so that
    no module stays loaded in the calling session.
.PARAMETER Name
    Specifies the test files. The default is all of them.
.PARAMETER ModulePath
    Specifies the folder that contains ShakenFist.Blobs/<version>/. The default is out/.
.PARAMETER PesterVersion
    Specifies the version of Pester. The default is the newest version in artifacts/pester/.
#>
[CmdletBinding()]
param(
    [string[]] $Name = '*.Tests.ps1',

    [string] $ModulePath,

    [version] $PesterVersion,

    [ValidateSet('None', 'Normal', 'Detailed', 'Diagnostic')]
    [string] $Verbosity = 'Normal'
)

$ErrorActionPreference = 'Stop'
$root = Split-Path (Split-Path $PSScriptRoot)
$versions = Get-ChildItem (Join-Path $root 'artifacts/pester') -Directory -ErrorAction Ignore | Sort-Object { [version]$_.Name }
$pester = $PesterVersion ? ($versions | Where-Object Name -EQ "$PesterVersion") : ($versions | Select-Object -Last 1)
if (-not $pester) {
    throw "Pester $PesterVersion is not under artifacts/pester/. Run 'dotnet build' first."
}

if ($ModulePath) {
    $env:SHAKENFIST_TEST_MODULEPATH = (Resolve-Path -LiteralPath $ModulePath).ProviderPath
}

# Processes that the tests start use the same Pester.
$env:PSModulePath = $pester.FullName + [IO.Path]::PathSeparator + $env:PSModulePath
Import-Module (Join-Path $pester.FullName 'Pester/Pester.psd1')

# Run.Exit is not used: it returns the number of failures, of which the system keeps eight bits, so 256 failures would be 0.
$configuration = New-PesterConfiguration
$configuration.Run.Path = @(Get-Item ($Name | ForEach-Object { Join-Path $PSScriptRoot $_ }) | ForEach-Object FullName)
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = $Verbosity
$result = Invoke-Pester -Configuration $configuration

"Test run summary: Pester $($pester.Name) on PowerShell $($PSVersionTable.PSVersion)"
"  succeeded: $($result.PassedCount)"
"  failed: $($result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount)"
"  skipped: $($result.SkippedCount)"
exit ($result.Result -eq 'Passed' -and $result.PassedCount -gt 0 ? 0 : 1)
