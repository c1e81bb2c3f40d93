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
    It 'takes what Get-FileHash puts out, by <_>' -ForEach 'SHA512', 'SHA256', 'SHA1' {
        (Get-FileHash -LiteralPath $file -Algorithm $_ | Find-SfBlobByHash).Uuid | Should -Be $debian.Uuid
    }

    It 'takes hashes of either case, several at a time, in their order' {
        (Find-SfBlobByHash $medium.Sha512.ToUpperInvariant(), $debian.Sha512).Uuid | Should -Be ($medium.Uuid, $debian.Uuid)
    }

    It 'takes the rows of a table' {
        "Name,Hash`ndebian,$($debian.Sha512)" | ConvertFrom-Csv | Find-SfBlobByHash | ForEach-Object Uuid | Should -Be $debian.Uuid
    }

    It 'takes the checksums of a blob' {
        $sums = Get-SfBlobChecksum $medium.Uuid

        $sums.Algorithm | Should -Contain SHA512
        ($sums | Find-SfBlobByHash).Uuid | Sort-Object -Unique | Should -Be $medium.Uuid
    }

    It 'gives nothing where there is none, and an error with -Required' {
        $unknown = 'a' * 128

        Find-SfBlobByHash $unknown | Should -BeNullOrEmpty
        { Find-SfBlobByHash $unknown -Required -ErrorAction Stop } | Should -Throw -ErrorId 'HashNotFound,*'
    }

    It 'wants 32 digits named' {
        $sum = (Get-SfBlobChecksum $debian.Uuid -Algorithm XXH128).Hash

        { Find-SfBlobByHash $sum -ErrorAction Stop } | Should -Throw -ErrorId 'HashInvalid,*'
        (Find-SfBlobByHash $sum -Algorithm XXH128).Uuid | Should -Be $debian.Uuid
    }
}

Describe 'Finding the blob of a file' {
    It 'takes files, and passes over those that are no blob' {
        (Get-ChildItem $folder -Filter *.qcow2 | Find-SfBlobByHash).Uuid | Should -Be $debian.Uuid
    }

    It 'takes paths with wildcards, and paths without' {
        (Find-SfBlobByHash -Path (Join-Path $folder 'debian*')).Uuid | Should -Be $debian.Uuid
        (Find-SfBlobByHash -LiteralPath $file).Uuid | Should -Be $debian.Uuid
    }

    It 'names the files that the cluster does not have' {
        $null = Get-ChildItem $folder | Find-SfBlobByHash -Required -ErrorAction SilentlyContinue -ErrorVariable missing

        $missing.FullyQualifiedErrorId | Should -BeLike 'HashNotFound,*'
        $missing.TargetObject | Should -Be (Join-Path $folder 'other.qcow2')
    }

    It 'says that there is no such file' {
        { Find-SfBlobByHash -LiteralPath (Join-Path $folder 'nothing') -ErrorAction Stop } | Should -Throw -ErrorId 'FileNotFound,*'
    }
}

Describe 'Testing a file' {
    It 'tells the blob from what is not the blob' {
        Get-Item -LiteralPath $file | Test-SfBlobData -Uuid $debian.Uuid | Should -BeTrue
        Test-SfBlobData $debian.Uuid (Join-Path $folder 'other.qcow2') | Should -BeFalse
    }

    It 'finds the one file of a directory that is the blob' {
        $found = Get-ChildItem $folder -File | Test-SfBlobData -Uuid $debian.Uuid -Detailed | Where-Object IsMatch

        $found.Path | Should -Be $file
        $found.ActualHash | Should -Be $debian.Checksums["$($found.Algorithm)"]
    }

    It 'notices one bit' {
        $copy = Join-Path $TestDrive 'flipped.qcow2'
        $bytes = [IO.File]::ReadAllBytes($file)
        $bytes[4711] = $bytes[4711] -bxor 1
        [IO.File]::WriteAllBytes($copy, $bytes)

        $debian | Test-SfBlobData $copy | Should -BeFalse
    }

    It 'cannot tell no hash is available' {
        $bytes = [byte[]]::new(3000000)
        [IO.File]::WriteAllBytes((Join-Path $TestDrive 'snapshot.raw'), $bytes)

        { Test-SfBlobData 'd3a00006-7a1e-4c52-9c0b-6f1f5e0a0006' (Join-Path $TestDrive 'snapshot.raw') -ErrorAction Stop } |
            Should -Throw -ErrorId 'ChecksumNotPublished,*'
    }
}
