#Requires -Version 7.4
<#
.SYNOPSIS
    Builds, documents and tests the module. Every task is a thin cover for dotnet.
.DESCRIPTION
    Clean   removes what was built.
    Build   builds everything and lays the module out under out/ShakenFist.Blobs/<version>/.
    Docs    makes docs/maml/ from the pages in docs/en-US/. Needs Microsoft.PowerShell.PlatyPS 1.x; its result is committed, so nobody else does.
    Test    runs dotnet test, then the Pester suite where Pester 5 is installed.
.EXAMPLE
    ./build.ps1 -Task Build, Test
#>
[CmdletBinding()]
param(
    [ValidateSet('Clean', 'Build', 'Docs', 'Test')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$root = $PSScriptRoot

function Invoke-DotNet {
    param([string[]] $ArgumentList)

    & dotnet @ArgumentList
    if ($LASTEXITCODE -ne 0) {
        throw "dotnet $ArgumentList ended with exit code $LASTEXITCODE."
    }
}

function Invoke-PesterSuite {
    $pester = Get-Module Pester -ListAvailable | Where-Object { $_.Version.Major -eq 5 }
    if (-not $pester) {
        Write-Warning 'The Pester suite was not run: Pester 5 is not installed (Install-PSResource Pester -Version 5.7.1).'
        return
    }

    Import-Module $pester[0].Path
    $result = Invoke-Pester -Path "$root/tests/Pester" -PassThru
    if ($result.Result -ne 'Passed') {
        throw "$($result.FailedCount) Pester tests failed."
    }
}

Push-Location $root
try {
    switch ($Task) {
        'Clean' {
            'artifacts', 'out', 'TestResults' | Where-Object { Test-Path $_ } | Remove-Item -Recurse -Force
        }
        'Build' {
            Invoke-DotNet -ArgumentList build, --configuration, $Configuration
        }
        'Docs' {
            & "$root/docs/Export-Help.ps1"
        }
        'Test' {
            Invoke-DotNet -ArgumentList test, --configuration, $Configuration
            Invoke-PesterSuite
        }
    }
}
finally {
    Pop-Location
}
