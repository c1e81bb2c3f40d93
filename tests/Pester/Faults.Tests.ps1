#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    $null = Connect-ShakenFist $emulator.Url $emulator.Admin
    $script:disk = Get-SfBlob 'd3a00004-7a1e-4c52-9c0b-6f1f5e0a0004'
}

AfterAll {
    Disconnect-ShakenFist
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $emulator
}

Describe 'Faults of the cluster' {
    BeforeEach {
        $script:folder = (New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory).FullName
        $script:target = Join-Path $folder 'disk.raw'
    }

    AfterEach {
        Clear-EmulatorFault $emulator
    }

    Context 'a temporary fault' {
        It 'a request is retried after <Kind> <Status>' -ForEach @(
            @{ Kind = 'Status'; Status = 503 }
            @{ Kind = 'Status'; Status = 429 }
            @{ Kind = 'CutBeforeHeaders'; Status = 0 }
            @{ Kind = 'ExpireToken'; Status = 0 }
        ) {
            Add-EmulatorFault $emulator @{ Path = "/blobs/$($disk.Uuid)"; Kind = $Kind; Status = $Status }

            (Get-SfBlob $disk.Uuid).Uuid | Should -Be $disk.Uuid
        }

        It 'the data is correct after <Fault.Kind>' -ForEach @(
            @{ Fault = @{ Kind = 'CutBeforeHeaders' } }
            @{ Fault = @{ Kind = 'CutAfter'; AfterBytes = 1000000 } }
            @{ Fault = @{ Kind = 'EndShort'; AfterBytes = 1000000 } }
            @{ Fault = @{ Kind = 'ExpireToken' } }
            @{ Fault = @{ Kind = 'FlipBit'; AfterBytes = 4711 } }
            @{ Fault = @{ Kind = 'Zeros'; AfterBytes = 4000000 } }
            @{ Fault = @{ Kind = 'WrongBody'; Body = '{"error": "invalid JWT in Authorization header", "status": 401}' } }
            @{ Fault = @{ Kind = 'WrongOffset'; AfterBytes = 512 } }
            @{ Fault = @{ Kind = 'IgnoreLimit' } }
            @{ Fault = @{ Kind = 'Status'; Status = 503 } }
        ) {
            Add-EmulatorFault $emulator ($Fault + @{ Path = "/blobs/$($disk.Uuid)/data" })

            $saved = Save-SfBlobData $disk.Uuid -Path $target -PassThru -WarningAction SilentlyContinue

            $saved.Verification | Should -Be Verified
            (Get-FileHash $target -Algorithm SHA512).Hash | Should -Be $disk.Sha512
            Get-ChildItem $folder | Should -HaveCount 1
        }

        It 'the result contains the requests and repeated bytes' {
            Add-EmulatorFault $emulator @{ Path = "/blobs/$($disk.Uuid)/data"; Kind = 'CutAfter'; AfterBytes = 1000000 }
            $saved = Save-SfBlobData $disk.Uuid -Path $target -PassThru

            $saved.ResumeCount | Should -Be 1
            $saved.BytesReceived | Should -Be $saved.Size
            $saved.FailedRequestIds | Should -HaveCount 1
        }

        It 'damaged ranges are replaced and reported' {
            Add-EmulatorFault $emulator @{ Path = "/blobs/$($disk.Uuid)/data"; Kind = 'FlipBit'; AfterBytes = 4711 }
            $saved = Save-SfBlobData $disk.Uuid -Path $target -PassThru -WarningVariable warned -WarningAction SilentlyContinue

            $saved.RepairedRanges | Should -HaveCount 1
            $warned | Should -Not -BeNullOrEmpty
        }
    }

    Context 'a permanent fault' {
        It 'a request fails with <Id>' -ForEach @(
            @{ Id = 'AccessForbidden'; Fault = @{ Kind = 'Status'; Status = 403 } }
            @{ Id = 'StateConflict'; Fault = @{ Kind = 'Status'; Status = 409 } }
            @{ Id = 'ServerUnavailable'; Fault = @{ Kind = 'Status'; Status = 503 } }
            @{ Id = 'InsufficientResources'; Fault = @{ Kind = 'Status'; Status = 507 } }
            @{ Id = 'TokenRejected'; Fault = @{ Kind = 'ExpireToken' } }
            @{ Id = 'UnexpectedRedirect'; Fault = @{ Kind = 'Redirect'; Location = 'http://other.example.com/' } }
            @{ Id = 'InvalidResponse'; Fault = @{ Kind = 'TruncateJson' } }
            @{ Id = 'ConnectionFailed'; Fault = @{ Kind = 'CutBeforeHeaders' } }
        ) {
            Add-EmulatorFault $emulator ($Fault + @{ Path = "/blobs/$($disk.Uuid)"; Times = [int]::MaxValue })

            { Get-SfBlob $disk.Uuid -ErrorAction Stop } | Should -Throw -ErrorId "$Id,*"
        }

        It 'a transfer fails with <Id> and creates no target file' -ForEach @(
            @{ Id = 'HashMismatch'; Fault = @{ Kind = 'FlipBit'; AfterBytes = 4711 } }
            @{ Id = 'TransferInterrupted'; Fault = @{ Kind = 'WrongBody'; Body = '{"error": "unauthorized", "status": 401}' } }
            @{ Id = 'BlobDataMissing'; Fault = @{ Kind = 'Status'; Status = 404; Body = '{"error": "blob missing", "status": 404}' } }
            @{ Id = 'TransferInterrupted'; Fault = @{ Kind = 'CutAfter'; AfterBytes = 0 } }
            @{ Id = 'TransferInterrupted'; Fault = @{ Kind = 'CutBeforeHeaders' } }
        ) {
            Add-EmulatorFault $emulator ($Fault + @{ Path = "/blobs/$($disk.Uuid)/data"; Times = [int]::MaxValue })
            Set-Content $target -Value precious

            { Save-SfBlobData $disk.Uuid -Path $target -Force -RetryTimeoutSeconds 3 -ErrorAction Stop -WarningAction SilentlyContinue } | Should -Throw -ErrorId "$Id,*"
            Get-Content $target | Should -Be precious

            Clear-EmulatorFault $emulator
            (Save-SfBlobData $disk.Uuid -Path $target -Force -PassThru -WarningAction SilentlyContinue).Verification | Should -Be Verified
        }

        It 'data that was already output is reported as damaged' {
            Add-EmulatorFault $emulator @{ Path = "/blobs/$($disk.Uuid)/data"; Kind = 'FlipBit'; AfterBytes = 4711; Times = [int]::MaxValue }

            $chunks = Get-SfBlobData $disk.Uuid -ErrorVariable failed -ErrorAction SilentlyContinue

            $chunks | Should -Not -BeNullOrEmpty
            $failed.FullyQualifiedErrorId | Should -BeLike 'HashMismatch,*'
        }
    }
}
