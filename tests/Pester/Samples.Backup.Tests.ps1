#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    $null = Connect-ShakenFist $emulator.Url $emulator.Admin
    $script:sample = Join-Path (Get-RepositoryRoot) 'docs/samples/Backup-SfBlob.ps1'

    # Adds a blob of the series that was fetched on this day.
    function Add-Snapshot {
        param([int] $Day, [hashtable] $Field = @{})

        $blob = @{ size = 5MB; seed = $Day; fetchedAt = 1770000000 + 86400 * $Day; locations = @('sf-1'); metadata = @{ backup = $series } }
        $Field.Keys | ForEach-Object { $blob[$_] = $Field[$_] }
        Add-EmulatorBlob $emulator $blob
    }

    # Runs the sample, and returns its output objects and its exit code.
    function Invoke-Backup {
        param([hashtable] $Option = @{})

        $outcome = @(& $sample -Destination $folder -Series $series @Option)
        [pscustomobject]@{ Outcome = $outcome; ExitCode = $LASTEXITCODE }
    }

    # Runs the sample in a separate process, like a timer.
    function Start-Backup {
        [CmdletBinding(SupportsShouldProcess)]
        param()

        if ($PSCmdlet.ShouldProcess($folder, 'Start a backup')) {
            $environment = Get-EmulatorEnvironment $emulator
            $modules = Split-Path (Split-Path (Split-Path (Get-ModuleManifest)))
            $environment.PSModulePath = $modules, $env:PSModulePath -join [IO.Path]::PathSeparator
            Start-PwshProcess -ArgumentList '-File', $sample, '-Destination', $folder, '-Series', $series -Environment $environment
        }
    }

    function Get-Ledger {
        param([guid] $Uuid)

        (Get-SfBlobMetadata $Uuid -Key backup.result -ErrorAction Ignore).Value
    }
}

AfterAll {
    Disconnect-ShakenFist
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $emulator
}

Describe 'Backup-SfBlob.ps1' {
    BeforeEach {
        $script:folder = (New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory).FullName
        $script:series = "series-$([guid]::NewGuid())"
        Clear-EmulatorRequest $emulator
    }

    AfterEach {
        Clear-EmulatorFault $emulator
    }

    It 'saves the blobs that are due, and no others' {
        $first, $second = (Add-Snapshot 1), (Add-Snapshot 2)
        $null = Add-Snapshot 3 @{ metadata = @{ backup = 'another' } }
        $null = Add-Snapshot 4 @{ metadata = @{ } }
        $null = Add-Snapshot 5 @{ state = 'initial' }
        $run = Invoke-Backup

        $run.ExitCode | Should -Be 0
        $run.Outcome.BlobUuid | Sort-Object | Should -Be ($first, $second | Sort-Object)
        $run.Outcome.Status | Should -Be Saved, Saved
        $run.Outcome | ForEach-Object { (Get-FileHash $_.Path -Algorithm $_.Algorithm).Hash | Should -Be $_.Hash }
        Get-ChildItem $folder | Should -HaveCount 4
    }

    It 'writes a record next to each file that verifies it without the cluster' {
        $null = Add-Snapshot 1
        $path = (Invoke-Backup).Outcome.Path

        Import-Clixml "$path.clixml" | Test-SfBlobData $path | Should -BeTrue
    }

    It 'writes the result to the metadata' {
        $uuid = Add-Snapshot 1
        $saved = (Invoke-Backup).Outcome
        $ledger = Get-Ledger $uuid

        $ledger.status | Should -Be Saved
        $ledger.hash | Should -Be $saved.Hash
        $ledger.file | Should -Be (Split-Path $saved.Path -Leaf)
        [datetime]$ledger.at | Should -BeLessOrEqual (Get-Date)
    }

    It 'skips saved blobs, and fetches lost files again' {
        $null = Add-Snapshot 1
        $path = (Invoke-Backup).Outcome.Path
        Clear-EmulatorRequest $emulator
        $again = Invoke-Backup

        $again.Outcome.Status | Should -Be Current
        $again.Outcome.Path | Should -Be $path
        $again.ExitCode | Should -Be 0
        Get-EmulatorRequest $emulator -Path '*/data' | Should -BeNullOrEmpty

        Remove-Item $path
        (Invoke-Backup).Outcome.Status | Should -Be Saved
        $path | Should -Exist
    }

    It 'keeps the newest blob of each series, and removes an older one if there is a newer one' {
        $oldest, $older, $newer = (Add-Snapshot 1), (Add-Snapshot 2), (Add-Snapshot 3)
        (Invoke-Backup @{ Keep = 2 }).Outcome.BlobUuid | Sort-Object | Should -Be ($older, $newer | Sort-Object)

        $newest = Add-Snapshot 4
        $run = Invoke-Backup @{ Keep = 2 }

        ($run.Outcome | Where-Object Status -EQ Saved).BlobUuid | Should -Be $newest
        ($run.Outcome | Where-Object Status -EQ Current).BlobUuid | Should -Be $newer
        ($run.Outcome | Where-Object Status -EQ Removed).BlobUuid | Should -Be $older
        (Get-ChildItem $folder).Name | Should -HaveCount 4
        (Get-ChildItem $folder).Name | Should -Not -Match "$older|$oldest"
    }

    It 'counts files whose blobs no longer exist' {
        $gone = [ShakenFist.Blobs.SfBlob]@{ Uuid = New-Guid; Size = 4; FetchedAt = [datetime]'2027-01-01'; Metadata = @{ backup = $series } }
        Set-Content (Join-Path $folder "$gone.raw") -Value gone -NoNewline
        $gone | Export-Clixml (Join-Path $folder "$gone.raw.clixml")
        $null = Add-Snapshot 1
        $newer = Add-Snapshot 2
        $run = Invoke-Backup @{ Keep = 2 }

        $run.Outcome.BlobUuid | Should -Be $newer
        Join-Path $folder "$gone.raw" | Should -Exist
        (Invoke-Backup @{ Keep = 2 }).Outcome.Status | Should -Be Current
    }

    It 'removes nothing if the newer blob could not be saved' {
        $older = Add-Snapshot 1
        $null = Invoke-Backup @{ Keep = 1 }
        $null = Add-Snapshot 2
        Add-EmulatorFault $emulator @{ Path = '/blobs/*/data'; Kind = 'Status'; Status = 403; Times = [int]::MaxValue }
        $run = Invoke-Backup @{ Keep = 1 }

        $run.Outcome.Status | Should -Be Failed
        $run.ExitCode | Should -Be 1
        (Get-ChildItem $folder -Filter "$older.*") | Should -HaveCount 2
    }

    It 'ends immediately and removes nothing if the list of blobs is truncated' {
        1..3 | ForEach-Object { $null = Add-Snapshot $_ }
        $null = Invoke-Backup
        Add-EmulatorFault $emulator @{ Path = '/blobs'; Kind = 'TruncateJson'; Times = [int]::MaxValue }

        { Invoke-Backup @{ Keep = 1 } } | Should -Throw -ErrorId 'InvalidResponse,*'
        Get-ChildItem $folder | Should -HaveCount 6
    }

    It 'reports an interrupted transfer, and resumes it in the next run' {
        $uuid, $other = (Add-Snapshot 1), (Add-Snapshot 2)
        Add-EmulatorFault $emulator @{ Path = "/blobs/$uuid/data"; Kind = 'CutAfter'; AfterBytes = 3MB }
        Add-EmulatorFault $emulator @{ Path = "/blobs/$uuid/data"; Kind = 'Status'; Status = 403 }
        $run = Invoke-Backup
        $failed = $run.Outcome | Where-Object BlobUuid -EQ $uuid

        $run.ExitCode | Should -Be 1
        ($run.Outcome | Where-Object BlobUuid -EQ $other).Status | Should -Be Saved
        $failed.Status, $failed.ErrorId | Should -Be Failed, AccessForbidden
        $failed.Message | Should -Not -BeNullOrEmpty
        (Get-Ledger $uuid).error | Should -Be AccessForbidden

        $again = Invoke-Backup
        $again.ExitCode | Should -Be 0
        ($again.Outcome | Where-Object BlobUuid -EQ $uuid).BytesResumed | Should -BeGreaterOrEqual 2MB
        (Get-Ledger $uuid).status | Should -Be Saved
        Get-SfBlobTransfer $folder | Should -BeNullOrEmpty
    }

    It 'stops at the time limit, and saves the rest in the next run' {
        $uuid = Add-Snapshot 1
        Add-EmulatorFault $emulator @{ Path = '/blobs/*/data'; Kind = 'Stall'; AfterBytes = 3MB; Delay = '01:00:00'; Times = [int]::MaxValue }
        $run = Invoke-Backup @{ TimeoutSeconds = 3 }

        $run.Outcome.Status | Should -Be Interrupted
        $run.ExitCode | Should -Be 2
        (Get-Ledger $uuid).status | Should -Be Interrupted
        Clear-EmulatorFault $emulator
        (Invoke-Backup).Outcome.Status | Should -Be Saved
    }

    It 'reports Busy during another run, and continues after that was killed' {
        $uuid = Add-Snapshot 1
        Add-EmulatorFault $emulator @{ Path = '/blobs/*/data'; Kind = 'Stall'; AfterBytes = 3MB; Delay = '01:00:00' }
        $process = Start-Backup
        try {
            Wait-Until { (Get-SfBlobTransfer $folder).BytesTransferred -ge 2MB }
            $other = Add-Snapshot 2
            $run = Invoke-Backup
        }
        finally {
            $process.Kill()
            $process.WaitForExit()
        }

        $run.ExitCode | Should -Be 2
        ($run.Outcome | Where-Object BlobUuid -EQ $uuid).Status | Should -Be Busy
        ($run.Outcome | Where-Object BlobUuid -EQ $other).Status | Should -Be Saved
        Get-Ledger $uuid | Should -BeNullOrEmpty

        $again = Invoke-Backup
        ($again.Outcome | Where-Object BlobUuid -EQ $uuid).BytesResumed | Should -BeGreaterOrEqual 2MB
        ($again.Outcome | Where-Object BlobUuid -EQ $other).Status | Should -Be Current
    }

    It 'returns the exit code <Code>' -ForEach @(
        @{ Code = 0; Field = @{} }
        @{ Code = 2; Field = @{ publishChecksums = $false } }
    ) {
        $null = Add-Snapshot 1 $Field
        $process = Start-Backup
        $output = $process.StandardOutput.ReadToEndAsync()
        $errors = $process.StandardError.ReadToEnd()
        $process.WaitForExit()

        $errors | Should -BeNullOrEmpty
        $process.ExitCode | Should -Be $Code -Because $output.Result
    }

    It 'waits for a checksum' {
        $uuid = Add-Snapshot 1 @{ publishChecksums = $false }
        $run = Invoke-Backup

        $run.Outcome.Status, $run.Outcome.ErrorId | Should -Be Waiting, ChecksumNotPublished
        $run.ExitCode | Should -Be 2
        (Get-Ledger $uuid).status | Should -Be Waiting
        Get-EmulatorRequest $emulator -Path '*/data' | Should -BeNullOrEmpty
    }

    It 'reports metadata that it could not write, and writes it in the next run' {
        $uuid = Add-Snapshot 1
        Add-EmulatorFault $emulator @{ Method = 'PUT'; Path = '/blobs/*/metadata/*'; Kind = 'Status'; Status = 403 }
        $run = Invoke-Backup

        $run.Outcome.Status, $run.Outcome.ErrorId | Should -Be Unrecorded, AccessForbidden
        $run.ExitCode | Should -Be 1
        $run.Outcome.Path | Should -Exist

        (Invoke-Backup).Outcome.Status | Should -Be Current
        (Get-Ledger $uuid).status | Should -Be Saved
    }

    It 'finds damaged files with -Recheck, and does not change them' {
        $null = Add-Snapshot 1
        $path = (Invoke-Backup).Outcome.Path
        (Invoke-Backup @{ Recheck = $true }).Outcome.Status | Should -Be Current

        $bytes = [IO.File]::ReadAllBytes($path)
        $bytes[4711] = $bytes[4711] -bxor 1
        [IO.File]::WriteAllBytes($path, $bytes)
        $bad = Invoke-Backup @{ Recheck = $true }

        $bad.Outcome.Status, $bad.Outcome.ErrorId | Should -Be Failed, TargetExists
        $bad.ExitCode | Should -Be 1
        [IO.File]::ReadAllBytes($path)[4711] | Should -Be $bytes[4711]
    }

    It 'changes nothing with -WhatIf' {
        $null = Add-Snapshot 1
        $null = Invoke-Backup
        $null = Add-Snapshot 2
        $before = (Get-ChildItem $folder).Name
        Clear-EmulatorRequest $emulator
        $run = Invoke-Backup @{ WhatIf = $true; Keep = 2 }

        $run.Outcome.Status | Sort-Object | Should -Be Current, Due
        (Get-ChildItem $folder).Name | Should -Be $before
        (Get-EmulatorRequest $emulator).Method | Sort-Object -Unique | Should -Be GET
        Get-EmulatorRequest $emulator -Path '*/data' | Should -BeNullOrEmpty
    }

    It 'saves specified blobs in an ordinary namespace, and continues after a missing one' {
        $uuid = Add-Snapshot 1
        $unknown = [guid]::NewGuid()
        $null = Connect-ShakenFist $emulator.Url $emulator.User
        try {
            $run = Invoke-Backup @{ Uuid = $unknown, $uuid }
        }
        finally {
            $null = Connect-ShakenFist $emulator.Url $emulator.Admin
        }

        $run.ExitCode | Should -Be 1
        ($run.Outcome | Where-Object BlobUuid -EQ $unknown).ErrorId | Should -Be BlobNotFound
        ($run.Outcome | Where-Object BlobUuid -EQ $uuid).Status | Should -Be Saved
    }

    It 'writes no file outside the directory for any metadata' {
        $script:series = "../$([guid]::NewGuid())"
        $uuid = Add-Snapshot 1
        $run = Invoke-Backup

        Split-Path $run.Outcome.Path | Should -Be $folder
        $run.Outcome.BlobUuid | Should -Be $uuid
        Get-ChildItem (Split-Path $folder) -Filter (Split-Path $series -Leaf) | Should -BeNullOrEmpty
    }

    It 'skips an invalid record with a warning' {
        $null = Add-Snapshot 1
        Set-Content (Join-Path $folder 'nonsense.clixml') -Value nonsense
        $run = Invoke-Backup 3>$null

        $run.Outcome.Status | Should -Be Saved
    }

    It 'rejects <Name>' -ForEach @(
        @{ Name = 'a directory that is not there'; Option = @{ Destination = '/no/such/directory' } }
        @{ Name = 'a time limit of 0'; Option = @{ Destination = '.'; TimeoutSeconds = 0 } }
        @{ Name = 'to keep nothing'; Option = @{ Destination = '.'; Keep = 0 } }
    ) {
        { & $sample @Option } | Should -Throw -ErrorId 'ParameterArgumentValidationError,Backup-SfBlob.ps1'
    }
}
