#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    $null = Connect-ShakenFist $emulator.Url $emulator.User
    $script:debian = Get-SfBlob 'd3a00001-7a1e-4c52-9c0b-6f1f5e0a0001'
    $script:medium = Get-SfBlob 'd3a00005-7a1e-4c52-9c0b-6f1f5e0a0005'
    $script:folder = (New-Item (Join-Path $TestDrive images) -ItemType Directory).FullName
    $script:file = Join-Path $folder 'debian [13].qcow2'
    Save-SfBlobData $debian.Uuid -LiteralPath $file
    Set-Content (Join-Path $folder 'other.qcow2') -Value 'not a blob'
}

AfterAll {
    Disconnect-ShakenFist
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $emulator
}

Describe 'Finding the blob of a hash' {
    It 'accepts output of Get-FileHash with <_>' -ForEach 'SHA512', 'SHA256', 'SHA1' {
        (Get-FileHash -LiteralPath $file -Algorithm $_ | Find-SfBlobByHash).Uuid | Should -Be $debian.Uuid
    }

    It 'accepts several hashes in upper or lower case and keeps their order' {
        (Find-SfBlobByHash $medium.Sha512.ToUpperInvariant(), $debian.Sha512).Uuid | Should -Be ($medium.Uuid, $debian.Uuid)
    }

    It 'accepts rows of a table' {
        "Name,Hash`ndebian,$($debian.Sha512)" | ConvertFrom-Csv | Find-SfBlobByHash | ForEach-Object Uuid | Should -Be $debian.Uuid
    }

    It 'accepts the checksums of a blob' {
        $sums = Get-SfBlobChecksum $medium.Uuid

        $sums.Algorithm | Should -Contain SHA512
        ($sums | Find-SfBlobByHash).Uuid | Sort-Object -Unique | Should -Be $medium.Uuid
    }

    It 'outputs nothing if there is no blob, and an error with -Required' {
        $unknown = 'a' * 128

        Find-SfBlobByHash $unknown | Should -BeNullOrEmpty
        { Find-SfBlobByHash $unknown -Required -ErrorAction Stop } | Should -Throw -ErrorId 'HashNotFound,*'
    }

    It 'requires -Algorithm for a hash of 32 digits' {
        $sum = (Get-SfBlobChecksum $debian.Uuid -Algorithm XXH128).Hash

        { Find-SfBlobByHash $sum -ErrorAction Stop } | Should -Throw -ErrorId 'HashInvalid,*'
        (Find-SfBlobByHash $sum -Algorithm XXH128).Uuid | Should -Be $debian.Uuid
    }
}

Describe 'Finding the blob of a file' {
    It 'accepts files, and skips those that match no blob' {
        (Get-ChildItem $folder -Filter *.qcow2 | Find-SfBlobByHash).Uuid | Should -Be $debian.Uuid
    }

    It 'accepts paths with and without wildcards' {
        (Find-SfBlobByHash -Path (Join-Path $folder 'debian*')).Uuid | Should -Be $debian.Uuid
        (Find-SfBlobByHash -LiteralPath $file).Uuid | Should -Be $debian.Uuid
    }

    It 'reports the files that match no blob' {
        $null = Get-ChildItem $folder | Find-SfBlobByHash -Required -ErrorAction SilentlyContinue -ErrorVariable missing

        $missing.FullyQualifiedErrorId | Should -BeLike 'HashNotFound,*'
        $missing.TargetObject | Should -Be (Join-Path $folder 'other.qcow2')
    }

    It 'reports a file that does not exist' {
        { Find-SfBlobByHash -LiteralPath (Join-Path $folder 'nothing') -ErrorAction Stop } | Should -Throw -ErrorId 'FileNotFound,*'
    }
}

Describe 'Testing a file' {
    It 'returns true for the data of the blob and false for other data' {
        Get-Item -LiteralPath $file | Test-SfBlobData -Uuid $debian.Uuid | Should -BeTrue
        Test-SfBlobData $debian.Uuid (Join-Path $folder 'other.qcow2') | Should -BeFalse
    }

    It 'finds the file in a directory that matches the blob' {
        $found = Get-ChildItem $folder -File | Test-SfBlobData -Uuid $debian.Uuid -Detailed | Where-Object IsMatch

        $found.Path | Should -Be $file
        $found.ActualHash | Should -Be $debian.Checksums["$($found.Algorithm)"]
    }

    It 'detects a single changed bit' {
        $copy = Join-Path $TestDrive 'flipped.qcow2'
        $bytes = [IO.File]::ReadAllBytes($file)
        $bytes[4711] = $bytes[4711] -bxor 1
        [IO.File]::WriteAllBytes($copy, $bytes)

        $debian | Test-SfBlobData $copy | Should -BeFalse
    }

    It 'reports an error if no hash is available' {
        $bytes = [byte[]]::new(3000000)
        [IO.File]::WriteAllBytes((Join-Path $TestDrive 'snapshot.raw'), $bytes)

        { Test-SfBlobData 'd3a00006-7a1e-4c52-9c0b-6f1f5e0a0006' (Join-Path $TestDrive 'snapshot.raw') -ErrorAction Stop } |
            Should -Throw -ErrorId 'ChecksumNotPublished,*'
    }
}
