#Requires -Version 7.4
<#
.SYNOPSIS
    Runs the Pester suite on the module as it was laid out last, and ends with exit code 0 only if all of it has passed.
.DESCRIPTION
    Needs Pester 5, and the module and the emulator built. In a process of its own, so that no module stays loaded where it is called from.
#>
[CmdletBinding()]
param(
    [ValidateSet('None', 'Normal', 'Detailed', 'Diagnostic')]
    [string] $Verbosity = 'Normal'
)

$ErrorActionPreference = 'Stop'
Get-Module Pester -ListAvailable | Where-Object { $_.Version.Major -eq 5 } | Select-Object -First 1 | Import-Module

# Not Run.Exit: that ends with the number of failures, of which a system keeps eight bits, and 256 would pass.
$configuration = New-PesterConfiguration
$configuration.Run.Path = $PSScriptRoot
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = $Verbosity
$result = Invoke-Pester -Configuration $configuration

'Test run summary'
"  succeeded: $($result.PassedCount)"
"  failed: $($result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount)"
"  skipped: $($result.SkippedCount)"
exit ($result.Result -eq 'Passed' -and $result.PassedCount -gt 0 ? 0 : 1)
