#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    $null = Connect-ShakenFist $emulator.Url $emulator.Admin
    $script:disk = Get-SfBlob 'd3a00004-7a1e-4c52-9c0b-6f1f5e0a0004'
    $script:medium = Get-SfBlob 'd3a00005-7a1e-4c52-9c0b-6f1f5e0a0005'
    $script:base = Get-SfBlob 'd3a00001-7a1e-4c52-9c0b-6f1f5e0a0001'
    $script:thin = Get-SfBlob 'd3a00002-7a1e-4c52-9c0b-6f1f5e0a0002'

    # The next data requests send this number of bytes and then nothing more.
    function Add-Stall {
        param([long] $AfterBytes, [int] $Times = 1)

        Add-EmulatorFault $emulator @{ Path = '/blobs/*/data'; Kind = 'Stall'; AfterBytes = $AfterBytes; Delay = '01:00:00'; Times = $Times }
    }

    # Saves the disk until three of its five MiB have been received.
    function Invoke-InterruptedSave {
        param([string] $Path)

        Add-EmulatorFault $emulator @{ Path = '/blobs/*/data'; Kind = 'CutAfter'; AfterBytes = 3MB }
        Add-EmulatorFault $emulator @{ Path = '/blobs/*/data'; Kind = 'Status'; Status = 403 }
        Save-SfBlobData $disk.Uuid -Path $Path -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeLike 'AccessForbidden,*'
    }

    function Get-DataRequest {
        Get-EmulatorRequest $emulator -Path '*/data'
    }
}

AfterAll {
    Get-Job | Remove-Job -Force
    Disconnect-ShakenFist
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $emulator
}

Describe 'Transfers' {
    BeforeEach {
        $script:folder = (New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory).FullName
        $script:target = Join-Path $folder 'disk.raw'
    }

    AfterEach {
        Clear-EmulatorFault $emulator
    }

    Context 'An interrupted transfer' {
        BeforeEach { Invoke-InterruptedSave $target }

        It 'is listed, and the target does not exist' {
            $found = Get-SfBlobTransfer $folder

            $found.BlobUuid | Should -Be $disk.Uuid
            $found.Path | Should -Be $target
            $found.State | Should -Be Resumable
            $found.Size | Should -Be $disk.Size
            $found.BytesTransferred | Should -BeGreaterOrEqual 2MB
            $target | Should -Not -Exist
        }

        It 'is found by <Name>' -ForEach @(
            @{ Name = 'the name of the target'; Find = { Get-SfBlobTransfer $target } }
            @{ Name = 'a wildcard'; Find = { Get-SfBlobTransfer (Join-Path $folder '*.raw') } }
            @{ Name = 'the location'; Find = { Push-Location $folder; try { Get-SfBlobTransfer } finally { Pop-Location } } }
            @{ Name = 'a directory above, with -Recurse'; Find = { Get-SfBlobTransfer (Split-Path $folder) -Recurse | Where-Object Path -EQ $target } }
            @{ Name = 'directories from the pipeline'; Find = { Get-Item $folder | Get-SfBlobTransfer } }
            @{ Name = 'a PSDrive'; Find = { $null = New-PSDrive -Name Interrupted -PSProvider FileSystem -Root $folder; Get-SfBlobTransfer 'Interrupted:\' } }
        ) {
            (& $Find).Path | Should -Be $target
        }

        It 'is resumed by <Name>' -ForEach @(
            @{ Name = 'the pipeline'; Resume = { Get-SfBlobTransfer $folder | Resume-SfBlobTransfer -PassThru } }
            @{ Name = 'the name of the target'; Resume = { Resume-SfBlobTransfer $target -PassThru } }
            @{ Name = 'a literal path'; Resume = { Resume-SfBlobTransfer -LiteralPath $target -PassThru } }
            @{ Name = 'the same command again'; Resume = { Save-SfBlobData $disk.Uuid -Path $target -PassThru } }
            @{ Name = 'what Import-Clixml gives'; Resume = {
                    Get-SfBlobTransfer $folder | Export-Clixml "$TestDrive/transfer.xml"
                    Import-Clixml "$TestDrive/transfer.xml" | Resume-SfBlobTransfer -PassThru
                }
            }
            @{ Name = 'a job'; Resume = { Resume-SfBlobTransfer $target -PassThru -AsJob | Receive-Job -Wait -AutoRemoveJob } }
        ) {
            $done = (Get-SfBlobTransfer $target).BytesTransferred

            $saved = & $Resume

            $saved.Verification | Should -Be Verified
            $saved.BytesResumed | Should -Be $done
            $saved.BytesReceived | Should -Be ($disk.Size - $done)
            (Get-FileHash $target -Algorithm SHA512).Hash | Should -Be $disk.Sha512
            Get-ChildItem $folder | Should -HaveCount 1
        }

        It 'is removed by <Name>, and the target is kept' -ForEach @(
            @{ Name = 'the pipeline'; Remove = { Get-SfBlobTransfer $folder | Remove-SfBlobTransfer } }
            @{ Name = 'the name of the target'; Remove = { Remove-SfBlobTransfer $target } }
            @{ Name = 'a wildcard'; Remove = { Remove-SfBlobTransfer (Join-Path $folder '*') } }
        ) {
            Set-Content $target -Value precious

            & $Remove

            (Get-ChildItem $folder).Name | Should -Be disk.raw
            Get-Content $target | Should -Be precious
        }

        It 'is not changed with -WhatIf' {
            $before = @(Get-DataRequest).Count

            Remove-SfBlobTransfer $target -WhatIf
            Resume-SfBlobTransfer $target -WhatIf

            (Get-SfBlobTransfer $target).State | Should -Be Resumable
            $target | Should -Not -Exist
            Get-DataRequest | Should -HaveCount $before
        }

        It 'is not discarded for another blob without -Force' {
            { Save-SfBlobData $medium.Uuid -Path $target -ErrorAction Stop } | Should -Throw -ErrorId 'TransferConflict,*'
            (Get-SfBlobTransfer $target).BlobUuid | Should -Be $disk.Uuid

            (Save-SfBlobData $medium.Uuid -Path $target -Force -PassThru -WarningAction SilentlyContinue).Status | Should -Be Saved
            Get-ChildItem $folder | Should -HaveCount 1
        }

        It 'is not resumed if its journal was edited, and saving starts from the beginning' {
            $journal = (Get-SfBlobTransfer $target).JournalPath
            Set-Content $journal -Value ((Get-Content $journal -Raw) -replace $disk.Uuid, $medium.Uuid) -NoNewline

            (Get-SfBlobTransfer $target).State | Should -Be Damaged
            { Resume-SfBlobTransfer $target -ErrorAction Stop } | Should -Throw -ErrorId 'TransferNotResumable,*'
            $saved = Save-SfBlobData $disk.Uuid -Path $target -PassThru -WarningAction SilentlyContinue
            $saved.BytesResumed | Should -Be 0
            $saved.Verification | Should -Be Verified
        }
    }

    Context 'A target without an interrupted transfer' {
        It 'causes the error TransferNotFound in <_>' -ForEach 'Get-SfBlobTransfer', 'Resume-SfBlobTransfer', 'Remove-SfBlobTransfer' {
            { & $_ $target -ErrorAction Stop } | Should -Throw -ErrorId 'TransferNotFound,*'
        }

        It 'causes no output for a directory or a wildcard' {
            Get-SfBlobTransfer $folder, (Join-Path $folder '*') | Should -BeNullOrEmpty
        }
    }

    Context 'A process that is killed' {
        It 'leaves a transfer that another process can resume afterwards' {
            Add-Stall -AfterBytes 3MB
            $command = "Import-Module '$(Get-ModuleManifest)'; Save-SfBlobData $($disk.Uuid) -Path '$target'"
            $process = Start-PwshProcess -ArgumentList '-Command', $command -Environment (Get-EmulatorEnvironment $emulator)
            try {
                Wait-Until { (Get-SfBlobTransfer $folder).BytesTransferred -ge 2MB }

                (Get-SfBlobTransfer $target).State | Should -Be Active
                { Resume-SfBlobTransfer $target -ErrorAction Stop } | Should -Throw -ErrorId 'TargetBusy,*'
                { Remove-SfBlobTransfer $target -ErrorAction Stop } | Should -Throw -ErrorId 'TargetBusy,*'
                { Save-SfBlobData $disk.Uuid -Path $target -ErrorAction Stop } | Should -Throw -ErrorId 'TargetBusy,*'
            }
            finally {
                $process.Kill()
                $process.WaitForExit()
                $process.Dispose()
            }

            $saved = Get-SfBlobTransfer $folder | Resume-SfBlobTransfer -PassThru
            $saved.BytesResumed | Should -BeGreaterOrEqual 2MB
            $saved.Verification | Should -Be Verified
        }
    }

    Context 'A job' {
        It 'is an ordinary PowerShell job' {
            $job = Save-SfBlobData $disk.Uuid, $medium.Uuid -Path $folder -PassThru -AsJob

            $job | Should -BeOfType System.Management.Automation.Job
            (Get-Job -Id $job.Id).PSJobTypeName | Should -Be SfBlobTransferJob
            ($job | Wait-Job -Timeout 30).State | Should -Be Completed
            ($job | Receive-Job -Keep).Verification | Should -Be Verified, Verified
            ($job | Receive-Job).BlobUuid | Sort-Object | Should -Be ($disk.Uuid, $medium.Uuid)
            $job | Receive-Job | Should -BeNullOrEmpty
            $job | Remove-Job
            Get-Job -Id $job.Id -ErrorAction Ignore | Should -BeNullOrEmpty
        }

        It 'continues after Select-Object ends <Name>' -ForEach @(
            @{ Name = 'the command'; Select = { Save-SfBlobData $disk.Uuid, $medium.Uuid -Path $folder -AsJob | Select-Object -First 1 } }
            @{ Name = 'what it puts out'; Select = {
                    $job = Save-SfBlobData $disk.Uuid, $medium.Uuid -Path $folder -PassThru -AsJob
                    $null = $job | Receive-Job -Wait | Select-Object -First 1
                    $job
                }
            }
        ) {
            $job = & $Select

            ($job | Wait-Job -Timeout 30).State | Should -Be Completed
            $job | Remove-Job
            Get-ChildItem $folder | Should -HaveCount 2
            Get-SfBlobTransfer $folder | Should -BeNullOrEmpty
        }

        It 'reports errors and warnings, and saves the other blobs' {
            Add-EmulatorFault $emulator @{ Path = "/blobs/$($disk.Uuid)/data"; Kind = 'Status'; Status = 403 }
            $snapshot = [guid]'d3a00006-7a1e-4c52-9c0b-6f1f5e0a0006'
            $job = Save-SfBlobData $disk.Uuid, $snapshot -Path $folder -PassThru -AsJob

            $saved = $job | Receive-Job -Wait -AutoRemoveJob -ErrorVariable failed -ErrorAction SilentlyContinue -WarningVariable warned -WarningAction SilentlyContinue

            $saved.BlobUuid | Should -Be $snapshot
            $job.State | Should -Be Failed
            $job.StatusMessage | Should -Be '1 of 2 saved'
            $warned | Should -BeLike '*not verified*'
            $failed | Should -HaveCount 1
            $failed.FullyQualifiedErrorId | Should -BeLike 'AccessForbidden,*'
            $failed.CategoryInfo.Activity | Should -Be Save-SfBlobData
            $failed.TargetObject | Should -Be $disk.Uuid
        }

        It 'shows an error like that of the command itself' {
            $script = @"
                Import-Module '$(Get-ModuleManifest)'
                `$job = Save-SfBlobData $(New-Guid) -Path '$folder' -AsJob
                `$job | Wait-Job | Receive-Job
                "state: `$(`$job.State), `$(`$job.StatusMessage)"
"@
            $process = Start-PwshProcess -ArgumentList '-Command', $script -Environment (Get-EmulatorEnvironment $emulator)

            $process.StandardOutput.ReadToEnd() | Should -BeLike '*state: Failed, 0 of 1 saved*'
            $process.StandardError.ReadToEnd() -replace '\e\[[\d;]*m' | Should -BeLike 'Save-SfBlobData: *the blob does not exist*'
        }

        It 'shows progress, stops immediately, and can be resumed' {
            Add-Stall -AfterBytes 3MB
            $job = Save-SfBlobData $disk.Uuid -Path $target -AsJob
            Wait-Until { $job.Progress.Where({ $_.PercentComplete -ge 40 }) }
            $job.StatusMessage | Should -Match '^[4-6]\d %, [\d.,]+ (B|KiB|MiB)/s$'
            (Get-SfBlobTransfer $target).State | Should -Be Active

            (Measure-Command { $job | Stop-Job }).TotalSeconds | Should -BeLessThan 2

            $job.State | Should -Be Stopped
            $job.Progress[-1].RecordType | Should -Be Completed
            $job | Remove-Job
            (Resume-SfBlobTransfer $target -PassThru).BytesResumed | Should -BeGreaterOrEqual 2MB
        }

        It 'ends when it is removed' {
            Add-Stall -AfterBytes 3MB
            $job = Save-SfBlobData $disk.Uuid -Path $target -AsJob
            Wait-Until { (Get-SfBlobTransfer $folder).BytesTransferred -ge 2MB }

            $job | Remove-Job -Force

            (Get-SfBlobTransfer $target).State | Should -Be Resumable
        }

        It 'is not created with -WhatIf' {
            Save-SfBlobData $disk.Uuid, (New-Guid) -Path $folder -AsJob -WhatIf -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            Get-ChildItem $folder | Should -BeNullOrEmpty
        }
    }

    Context 'Limits' {
        It 'allow at most <_> requests at a time, and cause an error for each blob at the time limit' -ForEach 1, 2, 4 {
            $images = Get-SfBlob | Where-Object { $_.State -eq 'created' -and $_.Size -le 5MB }
            $before = @(Get-DataRequest).Count
            Add-Stall -AfterBytes 1 -Times ([int]::MaxValue)

            $images | Save-SfBlobData -Path $folder -ThrottleLimit $_ -StopAt (Get-Date).AddSeconds(1.5) -ErrorVariable failed -ErrorAction SilentlyContinue

            @(Get-DataRequest).Count - $before | Should -Be $_
            $failed | Should -HaveCount $images.Count
            $failed.FullyQualifiedErrorId | Should -BeLike 'TimeLimitReached,*'
            $failed.TargetObject | Sort-Object | Should -Be ($images.Uuid | Sort-Object)
        }

        It 'end a transfer that the same command can resume' {
            Add-Stall -AfterBytes 3MB

            { Save-SfBlobData $disk.Uuid -Path $target -TimeoutSeconds 2 -ErrorAction Stop } | Should -Throw -ErrorId 'TimeLimitReached,*'

            (Get-SfBlobTransfer $folder).State | Should -Be Resumable
            (Save-SfBlobData $disk.Uuid -Path $target -PassThru).BytesResumed | Should -BeGreaterOrEqual 2MB
        }

        It 'send no request if the time limit has already been reached' {
            $before = @(Get-EmulatorRequest $emulator).Count

            { Save-SfBlobData $disk.Uuid -Path $target -StopAt (Get-Date).AddMinutes(-1) -ErrorAction Stop } |
                Should -Throw -ErrorId 'TimeLimitReached,*'

            Get-EmulatorRequest $emulator | Should -HaveCount $before
            Get-ChildItem $folder | Should -BeNullOrEmpty
        }

        It 'keep to the specified rate' {
            $saved = Save-SfBlobData $medium.Uuid -Path $target -BytesPerSecond 1MB -PassThru

            $saved.Duration.TotalSeconds | Should -BeGreaterThan 1
            $saved.Verification | Should -Be Verified
        }
    }

    Context 'Several blobs' {
        It 'are output in input order' {
            Add-EmulatorFault $emulator @{ Path = "/blobs/$($disk.Uuid)/data"; Kind = 'Delay'; Delay = '00:00:01' }

            $saved = $disk, $medium, $base | Save-SfBlobData -Path $folder -PassThru

            $saved.BlobUuid | Should -Be ($disk.Uuid, $medium.Uuid, $base.Uuid)
            $saved.Verification | Should -Be Verified, Verified, Verified
        }

        It 'cannot have the same target' {
            $saved = $disk, $medium | Save-SfBlobData -Path $target -PassThru -ErrorVariable failed -ErrorAction SilentlyContinue

            $saved.BlobUuid | Should -Be $disk.Uuid
            $failed.FullyQualifiedErrorId | Should -BeLike 'TargetRepeated,*'
        }
    }

    Context 'An image and its backing files' {
        It 'are saved so that the image finds its backing file' {
            $saved = Save-SfBlobData $thin.Uuid -Path $folder -IncludeDependency -PassThru -WarningVariable warned

            $saved.BlobUuid | Should -Be ($thin.Uuid, $base.Uuid)
            $warned | Should -BeNullOrEmpty
            $backing = Join-Path $folder (Get-SfImageInfo -Path $saved[0].Path).BackingFile
            (Get-FileHash $backing -Algorithm SHA512).Hash | Should -Be $base.Sha512
            (Get-FileHash $saved[0].Path -Algorithm SHA512).Hash | Should -Be $thin.Sha512
        }

        It 'are not changed the second time' {
            $null = Save-SfBlobData $thin.Uuid -Path $folder -IncludeDependency
            $before = @(Get-DataRequest).Count

            $again = Save-SfBlobData $thin.Uuid -Path $folder -IncludeDependency -PassThru

            $again.Status | Should -Be Unchanged, Unchanged
            Get-DataRequest | Should -HaveCount $before
        }

        It 'are saved in one job' {
            (Save-SfBlobData $thin.Uuid -Path $folder -IncludeDependency -PassThru -AsJob | Receive-Job -Wait -AutoRemoveJob).BlobUuid |
                Should -Be ($thin.Uuid, $base.Uuid)
        }

        It 'are not saved together without the switch, with a verbose message' {
            $verbose = Save-SfBlobData $thin.Uuid -Path $folder -Verbose 4>&1

            Get-ChildItem $folder | Should -HaveCount 1
            $verbose.Message -like "*$($base.Uuid)*-IncludeDependency*" | Should -HaveCount 1
        }
    }
}
