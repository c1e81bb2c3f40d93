#Requires -Version 7.4
<#
.SYNOPSIS
    Builds, documents, tests, packages, and publishes the module. Each task runs dotnet, or a script that you can also run directly.
.DESCRIPTION
    Clean        Deletes all build output.
    Build        Builds everything, and creates the module in out/ShakenFist.Blobs/<version>/.
    Docs         Generates docs/maml/ from the pages in docs/en-US/. Requires Microsoft.PowerShell.PlatyPS 1.x. The result is committed, so the other tasks
                 don't require it.
    Test         Runs dotnet test, which includes the Pester suite.
    Analyze      Runs PSScriptAnalyzer on every script and every example. Requires the module PSScriptAnalyzer, which the build doesn't restore.
    Package      Creates all packages in artifacts/package/release/: the module with its hash and bill of materials, the client, and the emulator.
    TestPackage  Extracts the module package to artifacts/unpacked/ and runs the Pester suite on it, with each version of Pester that the build restores.
    Publish      Publishes the module package to the PowerShell Gallery, if HEAD is tagged with its version. The API key is in PSGALLERY_API_KEY.
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

# Returns the program of the current PowerShell version and its first arguments. If pwsh is a .NET tool, dotnet runs it.
function Get-PowerShellCommand {
    $program = [Environment]::ProcessPath
    $program
    if ([IO.Path]::GetFileNameWithoutExtension($program) -eq 'dotnet') {
        Join-Path $PSHOME 'pwsh.dll'
    }
}

# Runs a script in a new process of the current PowerShell version.
function Invoke-Script {
    param([string] $Path, [string[]] $ArgumentList = @())

    $program, [string[]] $prefix = Get-PowerShellCommand
    & $program @prefix -NoProfile -NonInteractive -File $Path @ArgumentList | Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw "$Path $ArgumentList ended with exit code $LASTEXITCODE."
    }
}

# Runs the Pester suite with each version of Pester, at the same time, because most tests wait for a process or a server.
function Test-Package {
    param([string] $ModulePath)

    $program, $prefix = Get-PowerShellCommand
    $runs = foreach ($pester in Get-ChildItem "$root/artifacts/pester" -Directory) {
        $start = [Diagnostics.ProcessStartInfo]@{ FileName = $program; RedirectStandardOutput = $true; RedirectStandardInput = $true }
        @($prefix) + '-NoProfile', '-NonInteractive', '-File', "$root/tests/Pester/Invoke-Suite.ps1", '-ModulePath', $ModulePath, '-PesterVersion', $pester.Name |
            Where-Object { $_ } | ForEach-Object { $start.ArgumentList.Add($_) }

        # PSResourceGet keeps the list of repositories in this directory, and two processes must not write it at the same time.
        $start.Environment['XDG_DATA_HOME'] = (New-Item "$root/artifacts/test-package-$($pester.Name)" -ItemType Directory -Force).FullName
        $process = [Diagnostics.Process]::Start($start)
        $process.StandardInput.Close()
        @{ Process = $process; Output = $process.StandardOutput.ReadToEndAsync(); Pester = $pester.Name }
    }

    foreach ($run in $runs) {
        $run.Output.GetAwaiter().GetResult() | Out-Host
        $run.Process.WaitForExit()
    }

    $failed = @($runs | Where-Object { $_.Process.ExitCode -ne 0 })
    if ($failed) {
        throw "The Pester suite failed with Pester $($failed.Pester -join ' and ')."
    }
}

# Returns the module package. Fails if its hash doesn't match the .sha256 file, because then the package has changed since.
function Get-ModulePackage {
    $version = (Import-PowerShellDataFile "$root/ShakenFist.Blobs.psd1").ModuleVersion
    $path = "$root/artifacts/package/release/ShakenFist.Blobs.$version.nupkg"
    if ((Get-Content "$path.sha256") -notlike "$((Get-FileHash $path).Hash) *") {
        throw "$path does not match the hash in $path.sha256. Run ./build.ps1 -Task Package again."
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
            Test-Package -ModulePath $package.ModulePath
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
