#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    $null = Connect-ShakenFist $emulator.Url $emulator.Admin
    $script:scratch = [guid]'d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004'
    $script:medium = [guid]'d3a00005-7a1e-4c52-9c0b-6f1f5e0a0005'
    $script:withoutChecksum = [guid]'d3a00006-7a1e-4c52-9c0b-6f1f5e0a0006'

    function Get-DataRequest {
        Get-EmulatorRequest $emulator -Path '*/data'
    }
}

AfterAll {
    Disconnect-ShakenFist
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $emulator
}

Describe 'Saving data' {
    BeforeEach {
        $script:folder = (New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory).FullName
        $script:target = Join-Path $folder 'disk.raw'
        Clear-EmulatorRequest $emulator
    }

    It 'saves the data of the blob, and outputs its hash' {
        $saved = Save-SfBlobData $scratch -Path TestDrive:\disk.raw -PassThru

        $saved.Verification | Should -Be Verified
        $saved.Path | Should -Exist
        ($saved | Get-FileHash -Algorithm $saved.Algorithm).Hash | Should -Be $saved.Hash
        $saved.Hash | Should -Be (Get-SfBlob $scratch).Checksums["$($saved.Algorithm)"]
    }

    It 'outputs nothing without -PassThru' {
        Save-SfBlobData $scratch -Path $target | Should -BeNullOrEmpty
        (Get-Item $target).Length | Should -Be 5MB
    }

    It 'saves to the current location, and not to the directory of the process' {
        Push-Location $folder
        try {
            Save-SfBlobData $scratch
        }
        finally {
            Pop-Location
        }

        (Get-ChildItem $folder).Name | Should -Be "$scratch.raw"
    }

    It 'uses the name <_> unchanged' -ForEach 'a [1].raw', "it's `$one.raw", "gr`u{f6}`u{df}e `u{2713}.raw", '.hidden' {
        $saved = Save-SfBlobData $medium -LiteralPath (Join-Path $folder $_) -PassThru

        $saved.Path | Should -Be (Join-Path $folder $_)
        $saved | Test-SfBlobData | Should -BeTrue
    }

    It 'names the files of a directory by UUID and format' {
        Get-SfBlob | Where-Object FileFormat -EQ qcow2 | Save-SfBlobData -Path $folder

        Get-ChildItem $folder | ForEach-Object Extension | Should -Be @('.qcow2', '.qcow2', '.qcow2')
    }

    It 'continues after a blob that cannot be saved' {
        $saved = 'd3a00007-7a1e-4c52-9c0b-6f1f5e0a0007', $medium |
            Save-SfBlobData -Path $folder -PassThru -ErrorVariable failed -ErrorAction SilentlyContinue

        $saved.BlobUuid | Should -Be $medium
        $failed.FullyQualifiedErrorId | Should -BeLike 'BlobNotReady,*'
    }

    It 'replaces another file only with -Force' {
        Set-Content $target -Value precious

        { Save-SfBlobData $scratch -Path $target -ErrorAction Stop } | Should -Throw -ErrorId 'TargetExists,*'
        Get-Content $target | Should -Be precious
        (Save-SfBlobData $scratch -Path $target -Force -PassThru).Status | Should -Be Saved
    }

    It 'warns if there is no checksum, and fails if one is required' {
        $saved = Save-SfBlobData $withoutChecksum -Path $target -PassThru -WarningVariable warned -WarningAction SilentlyContinue

        $saved.Verification | Should -Be NotPublished
        $warned | Should -HaveCount 1
        Clear-EmulatorRequest $emulator
        { Save-SfBlobData $withoutChecksum -Path "$target.2" -Verification Required -ErrorAction Stop } |
            Should -Throw -ErrorId 'ChecksumNotPublished,*'
        Get-DataRequest | Should -BeNullOrEmpty
    }

    It 'requests no data and writes nothing with -WhatIf' {
        Save-SfBlobData $scratch -Path $target -WhatIf

        Get-ChildItem $folder | Should -BeNullOrEmpty
        Get-DataRequest | Should -BeNullOrEmpty
    }

    It 'fails with <Id>' -ForEach @(
        @{ Id = 'PathNotFileSystem'; To = { 'Env:\blob' } }
        @{ Id = 'DirectoryNotFound'; To = { Join-Path $folder 'missing/disk.raw' } }
        @{ Id = 'PathAmbiguous'; To = { Join-Path $folder 'missing*' } }
        @{ Id = 'TargetNotFile'; To = { Join-Path $folder 'disk.sfpart' } }
    ) {
        { Save-SfBlobData $scratch -Path (& $To) -ErrorAction Stop } | Should -Throw -ErrorId "$Id,*"
        Get-ChildItem $folder | Should -BeNullOrEmpty
    }

    Context 'An existing file' {
        BeforeEach {
            Save-SfBlobData $scratch -Path $target
            Clear-EmulatorRequest $emulator
        }

        It 'is kept if it matches the blob' {
            (Save-SfBlobData $scratch -Path $target -PassThru).Status | Should -Be Unchanged
            Get-DataRequest | Should -BeNullOrEmpty
        }

        It 'is not read with -ExistingFileCheck SizeAndTime' {
            $saved = Save-SfBlobData $scratch -Path $target -ExistingFileCheck SizeAndTime -PassThru

            $saved.Status | Should -Be Unchanged
            $saved.Verification | Should -Be NotVerified
        }

        It 'is an error if a bit has changed, and is replaced only with -Force' {
            $bytes = [IO.File]::ReadAllBytes($target)
            $bytes[-1] = $bytes[-1] -bxor 1
            [IO.File]::WriteAllBytes($target, $bytes)

            { Save-SfBlobData $scratch -Path $target -ErrorAction Stop } | Should -Throw -ErrorId 'TargetExists,*'
            (Save-SfBlobData $scratch -Path $target -Force -PassThru).Verification | Should -Be Verified
        }
    }
}

Describe 'Data in the pipeline' {
    It 'can be piped to a native command without changes' -Skip:(-not (Get-Command sha512sum -ErrorAction Ignore)) {
        (Get-SfBlobData $scratch | sha512sum) -replace '\s.*' | Should -Be (Get-SfBlob $scratch).Sha512
    }

    It 'can be compressed and decompressed by native commands' -Skip:(-not (Get-Command gzip -ErrorAction Ignore)) {
        $packed = Join-Path $TestDrive 'packed.gz'
        Get-SfBlobData $medium | gzip -c > $packed

        (gzip -dc $packed | sha512sum) -replace '\s.*' | Should -Be (Get-SfBlob $medium).Sha512
    }

    It 'stops when the pipeline has received enough objects' {
        $first = Get-SfBlobData $scratch | Select-Object -First 1

        $first.Length | Should -Be 4MB
    }

    It 'is a range if one is specified' {
        Get-SfBlobData $medium -Offset 32769 -Length 5 -AsText -Encoding ascii | Should -Be CD001
        (Get-SfBlobData $medium -Last 100).Length | Should -Be 100
    }

    It 'is a stream with -AsStream' {
        $stream = Get-SfBlobData $medium -AsStream
        try {
            $stream.Length | Should -Be 2MB
            (Get-FileHash -InputStream $stream -Algorithm SHA512).Hash | Should -Be (Get-SfBlob $medium).Sha512
        }
        finally {
            $stream.Dispose()
        }
    }
}
