#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

Describe 'Installing from a folder that contains the package' {
    BeforeAll {
        . (Join-Path $PSScriptRoot 'Emulator.ps1')
        $script:root = Split-Path (Split-Path $PSScriptRoot)
        $script:version = (Import-PowerShellDataFile "$root/ShakenFist.Blobs.psd1").ModuleVersion
        $script:repository = "sf-$([guid]::NewGuid().ToString('N'))"
        $script:modules = (New-Item TestDrive:\modules -ItemType Directory).FullName
        $folder = (New-Item TestDrive:\repository -ItemType Directory).FullName

        # The last package, or a package of the current layout. Its hash file must not be next to it, because PSResourceGet treats that as a package.
        $made = "$root/artifacts/package/release"
        if (-not (Test-Path "$made/ShakenFist.Blobs.$version.nupkg")) {
            $made = (New-Item TestDrive:\made -ItemType Directory).FullName

            # Not with dotnet run, because it builds, and other tests build at the same time.
            $packager = "$root/artifacts/bin/ShakenFist.Blobs.Packager/debug/ShakenFist.Blobs.Packager.dll"
            $output = dotnet $packager --layout (Split-Path (Get-ModuleManifest)) --output $made
            if ($LASTEXITCODE -ne 0) {
                throw "The package was not created: $output"
            }
        }

        Copy-Item "$made/ShakenFist.Blobs.$version.nupkg" $folder

        Register-PSResourceRepository -Name $repository -Uri $folder -Trusted
    }

    AfterAll {
        Unregister-PSResourceRepository -Name $repository
    }

    It 'is found by its name, with its gallery information' {
        $found = Find-PSResource ShakenFist.Blobs -Repository $repository

        $found.Version | Should -Be $version
        $found.Tags | Should -Contain PSEdition_Core
        $found.ProjectUri | Should -BeLike 'https://*'
    }

    It 'is saved under its version and imported by its name in a new process' {
        Save-PSResource ShakenFist.Blobs -Repository $repository -Path $modules
        $output = Invoke-Pwsh "
            `$env:PSModulePath = '$modules'
            Import-Module ShakenFist.Blobs
            (Get-Module ShakenFist.Blobs).ModuleBase
            (Get-Command -Module ShakenFist.Blobs).Count"

        $output[0] | Should -Be (Join-Path (Join-Path $modules ShakenFist.Blobs) $version)
        $output[1] | Should -Be (Import-PowerShellDataFile (Get-ModuleManifest)).CmdletsToExport.Count
    }
}
