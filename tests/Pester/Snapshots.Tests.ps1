#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    $null = Connect-ShakenFist $emulator.Url $emulator.Admin
}

AfterAll {
    Disconnect-ShakenFist
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $emulator
}

Describe 'Snapshots' {
    It 'backs up a running instance with one line' {
        $saved = Checkpoint-SfInstance web-1 | Save-SfBlobData -Path $TestDrive -PassThru -WarningAction SilentlyContinue

        $saved.Status | Should -Be Saved
        Split-Path $saved.Path -Leaf | Should -BeLike 'web-1-vda-*.raw'
    }

    It 'shows with -WhatIf which version a snapshot would delete' {
        1..3 | ForEach-Object { Checkpoint-SfInstance web-1 } | Select-Object -Last 1 | ForEach-Object Version | Should -BeGreaterThan 3
        $oldest = @(Get-SfBlob -Instance web-1 -Snapshot -AllVersions)[0]

        Start-Transcript -Path "$TestDrive/whatif.txt"
        Checkpoint-SfInstance web-1 -WhatIf
        $null = Stop-Transcript

        # A transcript has lines of the width of the screen.
        (Get-Content "$TestDrive/whatif.txt") -join '' | Should -BeLike "*version $($oldest.Version) of disk vda (blob $($oldest.Uuid))*"
    }

    It 'runs in a job' {
        $blobs = Checkpoint-SfInstance db-1 -AsJob | Wait-Job | Receive-Job -AutoRemoveJob -Wait

        $blobs.Disk | Should -Be vda, vdc
    }

    It 'reports an instance that does not exist and continues with the others' {
        $blobs = Checkpoint-SfInstance none, web-1 -ErrorAction SilentlyContinue -ErrorVariable failed

        $blobs | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'InstanceNotFound,*'
    }
}

Describe 'Removing versions' {
    It 'limits the number of snapshots and keeps the newest' {
        1..2 | ForEach-Object { Checkpoint-SfInstance web-1 -Disk vda } | Should -HaveCount 2
        $artifact = Get-SfArtifact -Type snapshot | Where-Object { $_.Versions.Count -gt 1 } | Select-Object -First 1
        $newest = $artifact.BlobUuid

        $artifact | Remove-SfArtifact -KeepNewest 1

        $left = Get-SfArtifact -Uuid $artifact.Uuid
        $left.Versions | Should -HaveCount 1
        $left.BlobUuid | Should -Be $newest
        ($left | Set-SfArtifact -MaxVersions 7 -PassThru).MaxVersions | Should -Be 7
    }

    It 'removes a whole artifact only with -Force' {
        { Remove-SfArtifact database -ErrorAction Stop } | Should -Throw -ErrorId 'ForceRequired,*'
        Remove-SfArtifact database -Force
        { Get-SfArtifact database -ErrorAction Stop } | Should -Throw -ErrorId 'ArtifactNotFound,*'
    }
}

Describe 'Mocks' {
    It 'mocks the commands with names and objects' {
        Mock Checkpoint-SfInstance { [ShakenFist.Blobs.SfBlob]@{ Uuid = New-Guid; Instance = "$($InputObject ?? $Name)" } }
        Mock Remove-SfArtifact { }

        (Checkpoint-SfInstance web-1).Instance | Should -Be web-1
        ([ShakenFist.Blobs.SfInstance]@{ Name = 'db-1' } | Checkpoint-SfInstance).Instance | Should -Be db-1
        Remove-SfArtifact debian-13 -Version 1

        Should -Invoke Remove-SfArtifact -Exactly -Times 1 -ParameterFilter { "$Artifact" -eq 'debian-13' -and $Version -eq 1 }
    }
}
