#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    $null = Connect-ShakenFist $emulator.Url $emulator.Admin
    $samples = Join-Path (Get-RepositoryRoot) 'docs/samples'
    $script:blocks = [regex]::Matches((Get-Content (Join-Path $samples 'README.md') -Raw), '(?ms)^```powershell\r?\n(.*?)^```').ForEach({ $_.Groups[1].Value })
    Copy-Item (Join-Path $samples '*.ps1') $TestDrive
}

AfterAll {
    Disconnect-ShakenFist
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $emulator
}

Describe 'The page of the samples' {
    It 'backs up a blob, and reads the records' {
        Push-Location $TestDrive
        try {
            $shown = . ([scriptblock]::Create($blocks[0])) | Out-String -Width 200
        }
        finally {
            Pop-Location
        }

        $shown | Should -Match 'database\s+d3a00009-7a1e-4c52-9c0b-6f1f5e0a0009\s+Saved'
        $shown | Should -BeLike '*backup.result*'
    }

    It 'has a test without a cluster that passes' {
        Set-Content (Join-Path $TestDrive 'My.Tests.ps1') -Value $blocks[1]
        $paths = (Split-Path (Split-Path (Split-Path (Get-ModuleManifest)))), $env:PSModulePath -join [IO.Path]::PathSeparator
        $command = "`$result = Invoke-Pester -Path '$TestDrive/My.Tests.ps1' -Output None -PassThru; `$result.PassedCount, `$result.FailedCount -join ' '"
        $process = Start-PwshProcess -ArgumentList '-Command', $command -Environment @{ PSModulePath = $paths }

        $process.StandardOutput.ReadToEnd().Trim() | Should -Be '1 0'
        $blocks.Count | Should -Be 4
    }

    It 'runs test files in parallel with Pester 6' {
        $folder = (New-Item (Join-Path $TestDrive parallel) -ItemType Directory).FullName
        1..2 | ForEach-Object { Set-Content (Join-Path $folder "$_.Tests.ps1") -Value $blocks[1] }
        Set-Content (Join-Path $folder 'Pester.BeforeContainer.ps1') -Value $blocks[2]
        $paths = (Split-Path (Split-Path (Split-Path (Get-ModuleManifest)))), $env:PSModulePath -join [IO.Path]::PathSeparator
        $code = "Set-Location '$folder'; " + $blocks[3].Replace('Invoke-Pester -', "`$configuration.Run.PassThru = `$true; `$configuration.Output.Verbosity = 'None'; `$result = Invoke-Pester -") +
            "; `$result.PassedCount, `$result.FailedCount -join ' '; `$result.Failed.ErrorRecord + `$result.FailedBlocks.ErrorRecord | ForEach-Object { [Console]::Error.WriteLine(`$_) }"
        $process = Start-PwshProcess -ArgumentList '-Command', $code -Environment @{ PSModulePath = $paths }
        $counts = $process.StandardOutput.ReadToEnd().Trim()
        $errors = $process.StandardError.ReadToEnd()

        $counts | Should -Be '2 0' -Because $errors

        # Pester 5 does not have the setting, and runs the files one after another.
        $errors -match 'Parallel' | Should -Be ((Get-Module Pester).Version.Major -lt 6)
    }
}
