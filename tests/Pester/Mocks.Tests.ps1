#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

# What an author of runbooks does in tests: no cluster, mocks of the commands, and objects that the test creates.

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    Import-Module (Get-ModuleManifest) -Force

    # An example of a function under test.
    function Save-LargeBlob {
        param([string] $Path, [long] $Threshold = 1GB)

        foreach ($blob in Get-SfBlob | Where-Object Size -GT $Threshold) {
            try {
                $saved = $blob | Save-SfBlobData -Path $Path -PassThru -ErrorAction Stop
                Set-SfBlobMetadata $blob.Uuid -Key saved -Value $saved.Hash
                $saved
            }
            catch {
                Set-SfBlobMetadata $blob.Uuid -Key failed -Value ($_.FullyQualifiedErrorId -replace ',.*')
            }
        }
    }

    $script:large = New-Guid
    $script:small = New-Guid
}

AfterAll {
    Remove-Module ShakenFist.Blobs
}

Describe 'A script that uses the module' {
    BeforeAll {
        Mock Get-SfBlob {
            [ShakenFist.Blobs.SfBlob]@{ Uuid = $large; State = 'created'; Size = 3GB; Sha512 = 'ab' * 64; Metadata = @{ name = 'database' } }
            [ShakenFist.Blobs.SfBlob]@{ Uuid = $small; State = 'created'; Size = 1 }
        }
        Mock Save-SfBlobData {
            [ShakenFist.Blobs.SfBlobSaveResult]@{
                BlobUuid = $InputObject.Uuid; Path = $Path; Status = 'Saved'; Verification = 'Verified'; Hash = 'ab' * 64
            }
        }
        Mock Set-SfBlobMetadata
    }

    It 'works with blobs that a test creates' {
        $saved = Save-LargeBlob -Path ./backup

        $saved.BlobUuid | Should -Be $large
        $saved.Path | Should -Be ./backup
        Should -Invoke Get-SfBlob -Exactly -Times 1
        Should -Invoke Save-SfBlobData -Exactly -Times 1 -ParameterFilter {
            $InputObject.Blob.Size -eq 3GB -and $InputObject.Blob.Metadata['name'] -eq 'database'
        }
        Should -Invoke Set-SfBlobMetadata -Exactly -Times 1 -ParameterFilter { $Uuid -eq $large -and $Key -eq 'saved' -and $Value -eq 'ab' * 64 }
    }

    It 'receives an error of the module from a mock' {
        Mock Save-SfBlobData {
            $exception = [ShakenFist.Blobs.SfException]::new([ShakenFist.Blobs.SfErrors]::DiskFull, 'The disk is full.')
            throw [Management.Automation.ErrorRecord]::new($exception, $exception.Error.Id, 'WriteError', $InputObject)
        }

        Save-LargeBlob -Path ./backup | Should -BeNullOrEmpty
        Should -Invoke Set-SfBlobMetadata -Exactly -Times 1 -ParameterFilter { $Key -eq 'failed' -and $Value -eq 'DiskFull' }
    }

    It 'has its parameters bound like those of the real command' {
        { Get-SfBlob -Uuid 42 } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
        { Save-SfBlobData $large -NoSuchParameter } | Should -Throw -ErrorId 'NamedParameterNotFound,*'
    }
}

Describe 'Objects that a user creates' {
    It 'are of the type <Name>' -ForEach @(
        @{ Name = 'SfBlob'; Property = @{ Uuid = [guid]::NewGuid(); Size = 1; State = 'created'; DependsOn = [guid]::NewGuid(); Locations = 'sf-1', 'sf-2' } }
        @{ Name = 'SfBlob'; Property = @{ Checksums = @{ sha512 = 'ab' }; Transcodes = @{ zlib = New-Guid }; Metadata = @{ a = 1 }; ReferencesTo = @{} } }
        @{ Name = 'SfBlobSaveResult'; Property = @{ BlobUuid = [guid]::NewGuid(); Path = '/x'; Status = 'Unchanged'; Size = 1; Duration = '00:00:02' } }
        @{ Name = 'SfBlobMetadata'; Property = @{ BlobUuid = [guid]::NewGuid(); Key = 'name'; Value = 'disk' } }
        @{ Name = 'SfBlobReference'; Property = @{ BlobUuid = [guid]::NewGuid(); Direction = 'Uses'; Relationship = 'depends_on'; TargetUuid = 'x' } }
        @{ Name = 'SfBlobChecksum'; Property = @{ BlobUuid = [guid]::NewGuid(); Algorithm = 'SHA512'; Hash = 'ab' } }
        @{ Name = 'SfBlobTestResult'; Property = @{ BlobUuid = [guid]::NewGuid(); IsMatch = $true } }
        @{ Name = 'SfBlobEvent'; Property = @{ BlobUuid = [guid]::NewGuid(); Message = 'created' } }
        @{ Name = 'SfBlobTransfer'; Property = @{ BlobUuid = [guid]::NewGuid(); Path = '/x'; State = 'Resumable'; Size = 100; BytesTransferred = 25 } }
    ) {
        $made = $Property -as "ShakenFist.Blobs.$Name"

        $made | Should -BeOfType "ShakenFist.Blobs.$Name"
        foreach ($key in $Property.Keys) {
            if ($Property[$key] -is [hashtable]) {
                $made.$key.Count | Should -Be $Property[$key].Count -Because $key
            }
            else {
                "$($made.$key)" | Should -Be "$($Property[$key])" -Because $key
            }
        }

        $made | Format-Table | Out-String | Should -Not -BeNullOrEmpty
    }

    It 'return checksums for any case of the algorithm, and references unchanged' {
        $row = [ShakenFist.Blobs.SfBlobReference]@{ Relationship = 'disk'; SourceUuid = 'x' }
        $blob = [ShakenFist.Blobs.SfBlob]@{ Checksums = @{ SHA512 = 'ab' }; ReferencesTo = @{ disk = $row }; Transcodes = @{ zlib = "$large" } }

        $blob.Checksums['sha512'] | Should -Be ab
        $blob.ReferencesTo['disk'][0].SourceUuid | Should -Be x
        $blob.Transcodes['zlib'] | Should -Be $large
    }

    It 'can be piped to commands that do not need a cluster' {
        $file = Join-Path $TestDrive 'small.raw'
        [IO.File]::WriteAllBytes($file, [byte[]](1..100))
        $sum = (Get-FileHash $file -Algorithm SHA512).Hash
        $blob = [ShakenFist.Blobs.SfBlob]@{ Uuid = New-Guid; State = 'created'; Size = 100; Sha512 = $sum; Checksums = @{ sha512 = $sum } }

        $blob | Test-SfBlobData $file | Should -BeTrue
    }
}
