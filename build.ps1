#Requires -Version 7.4
<#
.SYNOPSIS
    Builds, documents, tests, packages and publishes the module. Every task runs dotnet or a script that can be run directly.
.DESCRIPTION
    Clean        removes what was built.
    Build        builds everything and lays the module out under out/ShakenFist.Blobs/<version>/.
    Docs         makes docs/maml/ from the pages in docs/en-US/. Needs Microsoft.PowerShell.PlatyPS 1.x; its result is committed, so nobody else does.
    Test         runs dotnet test, which includes the Pester suite.
    Analyze      runs PSScriptAnalyzer on every script and every example. Needs the module PSScriptAnalyzer, which is not a package that the build restores.
    Package      makes all packages in artifacts/package/release/: the module's with its hash and bill of materials, the client's, the emulator's.
    TestPackage  unpacks that package of the module under artifacts/unpacked/ and runs the Pester suite on it, with each version of Pester that the build restores.
    Publish      sends that package to the PowerShell Gallery, if HEAD is tagged with its version. The key is in PSGALLERY_API_KEY.
.EXAMPLE
    ./build.ps1 -Task Build, Test
#>
[CmdletBinding()]
param(
    [ValidateSet('Clean', 'Build', 'Docs', 'Test', 'Analyze', 'Package', 'TestPackage', 'Publish')]
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

# Runs a script in a new process of the PowerShell that runs this one. A pwsh that is a .NET tool is run by dotnet.
function Invoke-Script {
    param([string] $Path, [string[]] $ArgumentList = @())

    $program, [string[]] $prefix = [Environment]::ProcessPath
    if ([IO.Path]::GetFileNameWithoutExtension($program) -eq 'dotnet') {
        $prefix = Join-Path $PSHOME 'pwsh.dll'
    }

    & $program @prefix -NoProfile -NonInteractive -File $Path @ArgumentList | Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw "$Path $ArgumentList ended with exit code $LASTEXITCODE."
    }
}

# The package that was made last, which has to be the one that its hash was taken of.
function Get-ModulePackage {
    $version = (Import-PowerShellDataFile "$root/ShakenFist.Blobs.psd1").ModuleVersion
    $path = "$root/artifacts/package/release/ShakenFist.Blobs.$version.nupkg"
    if ((Get-Content "$path.sha256") -notlike "$((Get-FileHash $path).Hash) *") {
        throw "$path is not the file that its .sha256 was made for."
    }

    @{ Path = $path; Version = $version; ModulePath = "$root/artifacts/unpacked" }
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
        }
        'Analyze' {
            Invoke-Script -Path "$root/tests/Pester/Analyze.ps1"
        }
        'Package' {
            Invoke-DotNet -ArgumentList run, --project, src/ShakenFist.Blobs.Packager
            Invoke-DotNet -ArgumentList pack, src/ShakenFist.Blobs.Client
            Invoke-DotNet -ArgumentList pack, src/ShakenFist.Blobs.Emulator
        }
        'TestPackage' {
            $package = Get-ModulePackage
            Invoke-DotNet -ArgumentList build, tests/ShakenFist.Blobs.Tests
            Remove-Item -LiteralPath $package.ModulePath -Recurse -Force -ErrorAction Ignore
            [IO.Compression.ZipFile]::ExtractToDirectory($package.Path, "$($package.ModulePath)/ShakenFist.Blobs/$($package.Version)")
            foreach ($pester in Get-ChildItem "$root/artifacts/pester" -Directory) {
                Invoke-Script -Path "$root/tests/Pester/Invoke-Suite.ps1" -ArgumentList '-ModulePath', $package.ModulePath, '-PesterVersion', $pester.Name
            }
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
