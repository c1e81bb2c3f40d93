#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    Import-Module (Get-ModuleManifest) -Force
}

AfterAll {
    Remove-Module ShakenFist.Blobs
}

Describe 'The package' {
    It 'exports exactly the commands in its manifest' {
        $manifest = Import-PowerShellDataFile (Get-ModuleManifest)
        $module = Get-Module ShakenFist.Blobs

        $module.ExportedCmdlets.Keys | Sort-Object | Should -Be ($manifest.CmdletsToExport | Sort-Object)
        $module.ExportedFunctions.Count + $module.ExportedAliases.Count + $module.ExportedVariables.Count | Should -Be 0
    }

    It 'is found and imported by its name if its folder is in the module path' {
        $folder = Split-Path (Split-Path (Split-Path (Get-ModuleManifest)))
        $process = Start-PwshProcess -ArgumentList '-Command', "`$env:PSModulePath = '$folder'; (Get-Command Get-SfBlob).Version.ToString()"
        $found = $process.StandardOutput.ReadToEnd().Trim()

        $found | Should -Be "$((Get-Module ShakenFist.Blobs).Version)"
    }

    It 'works after it is imported again with -Force' {
        Import-Module (Get-ModuleManifest) -Force

        (Get-Command -Module ShakenFist.Blobs).Count | Should -Be (Import-PowerShellDataFile (Get-ModuleManifest)).CmdletsToExport.Count
        { Connect-ShakenFist 'ftp://sf.example.com' } | Should -Throw -ErrorId 'ApiUrlInvalid,*'
    }

    It 'uses approved verbs and one prefix' {
        Get-Command -Module ShakenFist.Blobs | ForEach-Object {
            $_.Verb | Should -BeIn (Get-Verb).Verb
            $_.Noun | Should -Match '^(Sf[A-Z]|ShakenFist$)'
        }
    }
}

Describe 'Help' {
    It 'has at least three examples for every command' {
        Get-Command -Module ShakenFist.Blobs | ForEach-Object {
            $examples = @((Get-Help $_ -Full).Examples.Example)

            $examples.Count | Should -BeGreaterOrEqual 3 -Because $_.Name
            $examples.Code | Should -Not -Match '```' -Because $_.Name
        }
    }

    It 'has a synopsis and descriptions of all parameters for every command' {
        Get-Command -Module ShakenFist.Blobs | ForEach-Object {
            $help = Get-Help $_ -Full

            $help.Synopsis | Should -Not -Match "^\s*$($_.Name)\b" -Because $_.Name
            foreach ($parameter in $help.Parameters.Parameter) {
                $parameter.Description.Text | Should -Not -BeNullOrEmpty -Because "$($_.Name) -$($parameter.Name)"
            }
        }
    }

    It 'has the topic <_>' -ForEach 'about_ShakenFist_Blobs', 'about_ShakenFist_Blobs_Errors', 'about_ShakenFist_Blobs_Objects' {
        Get-Help $_ | Out-String | Should -BeLike '*Connect-ShakenFist*'
    }
}
