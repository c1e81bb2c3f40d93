#Requires -Version 7.4
<#
.SYNOPSIS
    Builds, documents, tests, packages and publishes the module. Every task is a thin cover for dotnet.
.DESCRIPTION
    Clean        removes what was built.
    Build        builds everything and lays the module out under out/ShakenFist.Blobs/<version>/.
    Docs         makes docs/maml/ from the pages in docs/en-US/. Needs Microsoft.PowerShell.PlatyPS 1.x; its result is committed, so nobody else does.
    Test         runs dotnet test, then the Pester suite where Pester 5 is installed.
    Package      makes all packages in artifacts/package/release/: the module's with its hash and bill of materials, the client's, the emulator's.
    TestPackage  puts that package of the module in the place of out/ShakenFist.Blobs/<version>/ and runs the Pester suite on it.
    Publish      sends that package to the PowerShell Gallery, if HEAD is tagged with its version. The key is in PSGALLERY_API_KEY.
.EXAMPLE
    ./build.ps1 -Task Build, Test
#>
[CmdletBinding()]
param(
    [ValidateSet('Clean', 'Build', 'Docs', 'Test', 'Package', 'TestPackage', 'Publish')]
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

    # The pwsh that runs this script, wherever that is.
    $pwsh = Get-Command (Join-Path $PSHOME 'pwsh'), 'pwsh' -ErrorAction Ignore | Select-Object -First 1
    & $pwsh -NoProfile -NonInteractive -File "$root/tests/Pester/Invoke-Suite.ps1" | Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw 'The Pester suite failed.'
    }
}

# The package that was made last, which has to be the one that its hash was taken of.
function Get-ModulePackage {
    $version = (Import-PowerShellDataFile "$root/ShakenFist.Blobs.psd1").ModuleVersion
    $path = "$root/artifacts/package/release/ShakenFist.Blobs.$version.nupkg"
    if ((Get-Content "$path.sha256") -notlike "$((Get-FileHash $path).Hash) *") {
        throw "$path is not the file that its .sha256 was made for."
    }

    @{ Path = $path; Version = $version; Layout = "$root/out/ShakenFist.Blobs/$version" }
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
        'Package' {
            Invoke-DotNet -ArgumentList run, --project, src/ShakenFist.Blobs.Packager
            Invoke-DotNet -ArgumentList pack, src/ShakenFist.Blobs.Client
            Invoke-DotNet -ArgumentList pack, src/ShakenFist.Blobs.Emulator
        }
        'TestPackage' {
            $package = Get-ModulePackage
            Invoke-DotNet -ArgumentList build, src/ShakenFist.Blobs.Emulator
            Remove-Item -LiteralPath $package.Layout -Recurse -Force -ErrorAction Ignore
            [IO.Compression.ZipFile]::ExtractToDirectory($package.Path, $package.Layout)
            Invoke-PesterSuite
        }
        'Publish' {
            $package = Get-ModulePackage
            if ((git tag --points-at HEAD) -notcontains "v$($package.Version)") {
                throw "HEAD is not tagged v$($package.Version)."
            }

            Publish-PSResource -NupkgPath $package.Path -Repository PSGallery -ApiKey $env:PSGALLERY_API_KEY
        }
    }
}
finally {
    Pop-Location
}
