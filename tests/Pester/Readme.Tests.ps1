#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    Push-Location TestDrive:\
}

AfterAll {
    Pop-Location
    Disconnect-ShakenFist
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $emulator
}

Describe 'The six commands of the README' {
    BeforeDiscovery {
        function Get-ReadmeLine {
            $readme = Get-Content (Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'README.md') -Raw
            $block = [regex]::Match($readme, '(?s)## Six lines\s+```powershell\r?\n(?<lines>.+?)```').Groups['lines'].Value
            $block.Trim() -split '\r?\n'
        }
    }

    It 'are six commands' -TestCases @{ Count = @(Get-ReadmeLine).Count } {
        $Count | Should -Be 6
    }

    It 'work: <_>' -ForEach (Get-ReadmeLine) {
        # Replaces the cluster and the credential of the reader.
        Mock Get-Credential { $emulator.Admin }
        $line = $_.Replace('https://sf.example.com/api', $emulator.Url)

        $output = . ([scriptblock]::Create($line))

        if ($line -notlike '*Save-*') {
            $output | Should -Not -BeNullOrEmpty
        }
    }
}
