#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    $script:manifest = Get-ModuleManifest

    # In PowerShell 7.6, an import can fail if two runspaces import a module with views at the same moment.
    $script:imports = [Threading.SemaphoreSlim]::new(1)
    $script:session = Connect-ShakenFist $emulator.Url $emulator.Admin
    $script:debian = Get-SfBlob 'd3a00001-7a1e-4c52-9c0b-6f1f5e0a0001'
}

AfterAll {
    Disconnect-ShakenFist
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $emulator
}

Describe 'Parallel work' {
    It 'shares a session that is passed to it, without authenticating again' {
        Clear-EmulatorRequest $emulator
        $sizes = Get-SfBlob | Where-Object State -EQ created | ForEach-Object -Parallel {
            $null = ($using:imports).Wait()
            try { Import-Module $using:manifest } finally { $null = ($using:imports).Release() }
            (Get-SfBlob $_.Uuid -Session $using:session).Size
        }

        $sizes | Should -HaveCount 7
        Get-EmulatorRequest $emulator -Path /auth | Should -BeNullOrEmpty
    }

    It 'saves in parallel' {
        $saved = Get-SfBlob | Where-Object FileFormat -EQ qcow2 | ForEach-Object -Parallel {
            $null = ($using:imports).Wait()
            try { Import-Module $using:manifest } finally { $null = ($using:imports).Release() }
            $_ | Save-SfBlobData -Path (Join-Path $using:TestDrive "$($_.Uuid).img") -PassThru -Session $using:session
        }

        $saved.Verification | Should -Be Verified, Verified, Verified
    }

    It 'finds the cluster by the environment variables if no session is passed' {
        $uuid = $debian.Uuid
        $variables = Get-EmulatorEnvironment $emulator
        $before = @{}
        foreach ($name in $variables.Keys) {
            $before[$name] = [Environment]::GetEnvironmentVariable($name)
            [Environment]::SetEnvironmentVariable($name, $variables[$name])
        }

        try {
            Clear-EmulatorRequest $emulator
            $found = 1..3 | ForEach-Object -UseNewRunspace -Parallel {
                $null = ($using:imports).Wait()
                try { Import-Module $using:manifest } finally { $null = ($using:imports).Release() }
                (Get-SfBlob $using:uuid).Uuid
            }

            $found | Should -Be ($uuid, $uuid, $uuid)
            Get-EmulatorRequest $emulator -Path /auth | Should -HaveCount 3
        }
        finally {
            $before.Keys | ForEach-Object { [Environment]::SetEnvironmentVariable($_, $before[$_]) }
        }
    }

    It 'has a separate default session in each runspace' {
        $theirs = 1 | ForEach-Object -Parallel { Import-Module $using:manifest; $null -eq (Get-SfSession) }

        $theirs | Should -BeTrue
        Get-SfSession | Should -Be $session
    }
}

Describe 'A thread job' {
    It 'works with a session that is passed to it' {
        $job = Start-ThreadJob { Import-Module $using:manifest; Get-SfBlob -Session $using:session }

        $job | Receive-Job -Wait -AutoRemoveJob | Should -HaveCount 9
    }

    It 'fails with an error ID' {
        $job = Start-ThreadJob { Import-Module $using:manifest; Get-SfBlob ([guid]::Empty) -Session $using:session }
        $null = $job | Receive-Job -Wait -AutoRemoveJob -ErrorVariable failed -ErrorAction SilentlyContinue

        $failed.FullyQualifiedErrorId | Should -BeLike 'BlobNotFound,*'
    }
}

Describe 'A job in another process' {
    It 'connects, and its output binds to commands' {
        $variables = Get-EmulatorEnvironment $emulator
        $job = Start-Job {
            $variables = $using:variables
            $variables.Keys | ForEach-Object { [Environment]::SetEnvironmentVariable($_, $variables[$_]) }
            Import-Module $using:manifest
            Get-SfBlob | Where-Object FileFormat -EQ qcow2
        }
        $found = $job | Receive-Job -Wait -AutoRemoveJob

        $found | Should -HaveCount 3
        ($found | Get-SfBlob).Uuid | Should -Be $found.Uuid
    }
}
