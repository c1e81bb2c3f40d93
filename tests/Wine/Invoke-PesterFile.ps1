<#
.SYNOPSIS
    Runs one file of the Pester suite and writes its counts as the test programs do.
.DESCRIPTION
    tests/Wine/run starts it in a separate process of PowerShell 7 for Windows.
.PARAMETER Path
    Specifies the test file.
.PARAMETER PesterPath
    Specifies the manifest of Pester.
.PARAMETER LeftOutPath
    Specifies the list of tests that are left out. The result of a test in the list is not counted.
.PARAMETER OutputPath
    Specifies the file that the counts are written to.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Path,

    [Parameter(Mandatory)]
    [string] $PesterPath,

    [Parameter(Mandatory)]
    [string] $LeftOutPath,

    [Parameter(Mandatory)]
    [string] $OutputPath
)

$ErrorActionPreference = 'Stop'
Import-Module $PesterPath
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'None'
$result = Invoke-Pester -Configuration $configuration

$file = [IO.Path]::GetFileName($Path)
$leftOut = @(Get-Content -LiteralPath $LeftOutPath | ForEach-Object { ($_ -split "`t")[0] })
$passed = @($result.Passed.Where{ "${file}: $($_.ExpandedPath)" -notin $leftOut })
$failed = @($result.Failed.Where{ "${file}: $($_.ExpandedPath)" -notin $leftOut })
& {
    foreach ($container in $result.FailedContainers) {
        "failed ${file}: $($container.ErrorRecord)"
    }

    foreach ($block in $result.FailedBlocks) {
        "failed ${file}: $($block.ExpandedPath): $($block.ErrorRecord)"
    }

    foreach ($test in $failed) {
        "failed ${file}: $($test.ExpandedPath)"
        "  $($test.ErrorRecord)"
    }

    "  succeeded: $($passed.Count)"
    "  failed: $($failed.Count + $result.FailedBlocksCount + $result.FailedContainersCount)"
    "  skipped: $($result.TotalCount - $passed.Count - $failed.Count)"
} | Set-Content -LiteralPath $OutputPath
