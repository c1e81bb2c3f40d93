#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    $script:debian = [guid]'d3a00001-7a1e-4c52-9c0b-6f1f5e0a0001'
    $script:scratch = [guid]'d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004'
    $script:withoutChecksum = [guid]'d3a00006-7a1e-4c52-9c0b-6f1f5e0a0006'
}

AfterAll {
    Disconnect-SfCluster
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $emulator
}

Describe 'Connecting' {
    It 'gives a session, which is the default from then on' {
        $session = Connect-SfCluster $emulator.Url $emulator.User

        $session.Namespace | Should -Be 'carrot'
        Get-SfSession | Should -Be $session
    }

    It 'shows no key, whatever is done with the session' {
        $session = Connect-SfCluster $emulator.Url $emulator.User
        $key = $emulator.User.GetNetworkCredential().Password

        ($session | Format-List * | Out-String) + ($session | ConvertTo-Json -Depth 5) + "$session" | Should -Not -Match $key
    }

    It 'refuses a wrong key as <Id>' -ForEach @(
        @{ Id = 'AuthenticationFailed'; Namespace = 'carrot' }
        @{ Id = 'NamespaceNotFound'; Namespace = 'turnip' }
    ) {
        { Connect-SfCluster $emulator.Url (ConvertTo-Credential $Namespace wrong) } | Should -Throw -ErrorId "$Id,*"
    }

    It 'sends no key anywhere by a URL that is not http' {
        { Connect-SfCluster 'ftp://sf.example.com' $emulator.User } | Should -Throw -ErrorId 'ApiUrlInvalid,*'
    }

    It 'ends' {
        $session = Connect-SfCluster $emulator.Url $emulator.User
        Disconnect-SfCluster

        Get-SfSession | Should -BeNullOrEmpty
        { Get-SfBlob $debian -Session $session -ErrorAction Stop } | Should -Throw -ErrorId 'SessionClosed,*'
    }
}

Describe 'Getting blobs' {
    BeforeAll { $null = Connect-SfCluster $emulator.Url $emulator.Admin }

    It 'lists them all' {
        (Get-SfBlob).Count | Should -Be 9
    }

    It 'stops when Select-Object has enough' {
        Get-SfBlob | Select-Object -First 2 | Should -HaveCount 2
    }

    It 'gives numbers as numbers and times as UTC' {
        $blob = Get-SfBlob $debian

        $blob.Size | Should -BeOfType [long]
        $blob.Modified.Kind | Should -Be Utc
        $blob.Modified | Should -BeLessThan (Get-Date)
    }

    It 'takes UUIDs from the rows of a table' {
        "Name,Uuid`ndebian,$debian`nscratch,$scratch" | ConvertFrom-Csv | Get-SfBlob | ForEach-Object Uuid | Should -Be @($debian, $scratch)
    }

    It 'goes on after a UUID that is not known' {
        $found = $debian, [guid]::NewGuid(), $scratch | Get-SfBlob -ErrorVariable failed -ErrorAction SilentlyContinue

        $found.Uuid | Should -Be @($debian, $scratch)
        $failed.FullyQualifiedErrorId | Should -BeLike 'BlobNotFound,*'
        $failed.CategoryInfo.Category | Should -Be ObjectNotFound
    }

    It 'refuses what is no UUID before it asks' {
        { Get-SfBlob nonsense } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
    }

    It 'tells an ordinary namespace that it may not list' {
        $user = Connect-SfCluster $emulator.Url $emulator.User

        { Get-SfBlob -Session $user -ErrorAction Stop } | Should -Throw -ErrorId 'AdministratorRequired,*'
        (Get-SfBlob $debian -Session $user).Uuid | Should -Be $debian
    }
}

Describe 'Saving data' {
    BeforeAll { $null = Connect-SfCluster $emulator.Url $emulator.Admin }

    It 'saves what the cluster has, and says its hash' {
        $saved = Save-SfBlobData $scratch -Path TestDrive:\disk.raw -PassThru

        $saved.Verification | Should -Be Verified
        $saved.Path | Should -Exist
        ($saved | Get-FileHash -Algorithm $saved.Algorithm).Hash | Should -Be $saved.Hash
        $saved.Hash | Should -Be (Get-SfBlob $scratch).Checksums["$($saved.Algorithm)"]
    }

    It 'leaves a file alone that is the blob already' {
        Save-SfBlobData $scratch -Path TestDrive:\same.raw

        (Save-SfBlobData $scratch -Path TestDrive:\same.raw -PassThru).Status | Should -Be Unchanged
    }

    It 'replaces another file only with -Force' {
        Set-Content TestDrive:\other.raw -Value precious

        { Save-SfBlobData $scratch -Path TestDrive:\other.raw -ErrorAction Stop } | Should -Throw -ErrorId 'TargetExists,*'
        Get-Content TestDrive:\other.raw | Should -Be precious
        (Save-SfBlobData $scratch -Path TestDrive:\other.raw -Force -PassThru).Status | Should -Be Saved
    }

    It 'names the files of a directory by UUID and format' {
        $null = New-Item TestDrive:\many -ItemType Directory
        Get-SfBlob | Where-Object FileFormat -EQ qcow2 | Save-SfBlobData -Path TestDrive:\many

        Get-ChildItem TestDrive:\many | ForEach-Object Extension | Should -Be @('.qcow2', '.qcow2', '.qcow2')
        Get-ChildItem TestDrive:\many -Filter *.sfpart | Should -BeNullOrEmpty
    }

    It 'goes on where the connection was cut' {
        Add-EmulatorFault $emulator @{ Path = "/blobs/$scratch/data"; Kind = 'CutAfter'; AfterBytes = 1000000 }
        $saved = Save-SfBlobData $scratch -Path TestDrive:\resumed.raw -PassThru

        $saved.ResumeCount | Should -Be 1
        $saved.BytesReceived | Should -Be $saved.Size
        $saved.FailedRequestId | Should -HaveCount 1
        $saved.Verification | Should -Be Verified
    }

    It 'replaces what came wrong once, and says which bytes that were' {
        Add-EmulatorFault $emulator @{ Path = "/blobs/$scratch/data"; Kind = 'FlipBit'; AfterBytes = 4711 }
        $saved = Save-SfBlobData $scratch -Path TestDrive:\repaired.raw -PassThru -WarningVariable warned -WarningAction SilentlyContinue

        $saved.Verification | Should -Be Verified
        $saved.RepairedRange | Should -HaveCount 1
        $warned | Should -Not -BeNullOrEmpty
        (Get-FileHash $saved.Path -Algorithm SHA512).Hash | Should -Be (Get-SfBlob $scratch).Sha512
    }

    It 'gives no file its name whose hash stays wrong' {
        Add-EmulatorFault $emulator @{ Path = "/blobs/$scratch/data"; Kind = 'FlipBit'; AfterBytes = 4711; Times = [int]::MaxValue }
        try {
            { Save-SfBlobData $scratch -Path TestDrive:\flipped.raw -ErrorAction Stop -WarningAction SilentlyContinue } |
                Should -Throw -ErrorId 'HashMismatch,*'
        }
        finally {
            Clear-EmulatorFault $emulator
        }

        'TestDrive:\flipped.raw' | Should -Not -Exist
    }

    It 'warns when there is no checksum, and fails if one is required' {
        $saved = Save-SfBlobData $withoutChecksum -Path TestDrive:\snapshot.raw -PassThru -WarningVariable warned -WarningAction SilentlyContinue

        $saved.Verification | Should -Be NotPublished
        $warned | Should -HaveCount 1
        { Save-SfBlobData $withoutChecksum -Path TestDrive:\required.raw -Verification Required -ErrorAction Stop } |
            Should -Throw -ErrorId 'ChecksumNotPublished,*'
    }

    It 'asks for no data and writes nothing with -WhatIf' {
        Save-SfBlobData $scratch -Path TestDrive:\before.raw
        $before = @(Get-EmulatorRequest $emulator | Where-Object Path -Like '*/data').Count
        Save-SfBlobData $scratch -Path TestDrive:\whatif.raw -WhatIf

        $before | Should -BeGreaterThan 0
        Test-Path TestDrive:\whatif.raw | Should -BeFalse
        @(Get-EmulatorRequest $emulator | Where-Object Path -Like '*/data').Count | Should -Be $before
    }

    It 'takes no path outside of the file system' {
        { Save-SfBlobData $scratch -Path Env:\blob } | Should -Throw -ErrorId 'PathNotFileSystem,*'
    }

    It 'shares a session with parallel runspaces' {
        $manifest = Get-ModuleManifest
        $session = Get-SfSession
        $sizes = $debian, $scratch | ForEach-Object -Parallel {
            Import-Module $using:manifest
            (Get-SfBlob $_ -Session $using:session).Size
        }

        $sizes | Sort-Object | Should -Be @(2949120, 5242880)
    }
}

Describe 'Testing a script that uses the module' {
    It 'lets Get-SfBlob be mocked with a blob built by hand' {
        Mock Get-SfBlob { [ShakenFist.Blobs.SfBlob]@{ Uuid = $debian; Size = 42; State = 'created' } }

        (Get-SfBlob | Measure-Object -Property Size -Sum).Sum | Should -Be 42
        Should -Invoke Get-SfBlob -Exactly -Times 1
    }
}

Describe 'Help' {
    It 'teaches <_> by at least three examples' -ForEach @(
        'Connect-SfCluster', 'Disconnect-SfCluster', 'Get-SfBlob', 'Get-SfSession', 'Save-SfBlobData'
    ) {
        $examples = @((Get-Help $_ -Full).Examples.Example)

        $examples.Count | Should -BeGreaterOrEqual 3
        $examples.Code | Should -Not -Match '```'
    }
}
