#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeDiscovery {
    # On Windows, the file is not read, regardless of the current drive.
    $script:hasSystemSettings = -not $IsWindows -and (Test-Path /etc/sf/shakenfist.json)
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:north = Start-Emulator
    $script:south = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    $script:southern = Connect-ShakenFist $south.Url $south.User
    $script:northern = Connect-ShakenFist $north.Url $north.User
    $script:sample = Join-Path (Get-RepositoryRoot) 'docs/samples/Get-SfBlobByHash.ps1'

    # A blob that both clusters have, and one that only the southern cluster has.
    $script:disk = Get-SfBlob 'd3a00004-7a1e-4c52-9c0b-6f1f5e0a0004'
    $script:medium = Get-SfBlob 'd3a00005-7a1e-4c52-9c0b-6f1f5e0a0005'
    $script:rare = Get-SfBlob (Add-EmulatorBlob $south @{ size = 3MB; seed = 99; locations = @('sf-1') }) -Session $southern

    # The data of the southern cluster as on a web server: a directory of files named by UUID.
    $script:web = "$($south.Url)/emulator/data"

    # Runs the sample, and returns its output objects and its exit code.
    function Invoke-Sample {
        param([hashtable] $Option = @{})

        $outcome = @(& $sample -Destination $folder @Option)
        [pscustomobject]@{ Outcome = $outcome; ExitCode = $LASTEXITCODE }
    }
}

AfterAll {
    Disconnect-ShakenFist -Session $northern
    Disconnect-ShakenFist -Session $southern
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $north
    Stop-Emulator $south
}

Describe 'Get-SfBlobByHash.ps1' {
    BeforeEach {
        $script:folder = (New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory).FullName
        $script:sums = Join-Path $TestDrive "$([guid]::NewGuid()).sums"
        $script:mirror = (New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory).FullName
        Clear-EmulatorRequest $north
    }

    AfterEach {
        Clear-EmulatorFault $north
    }

    It 'fetches the files in a checksum file, and does nothing the second time' {
        "$($disk.Sha512)  disk.raw", "$($medium.Checksums['sha256']) *./install.iso" | Set-Content $sums
        $run = Invoke-Sample @{ ChecksumFile = $sums }

        $run.ExitCode | Should -Be 0
        $run.Outcome.Status | Should -Be Fetched, Fetched
        (Get-FileHash (Join-Path $folder disk.raw) -Algorithm SHA512).Hash | Should -Be $disk.Sha512
        (Get-FileHash (Join-Path $folder install.iso) -Algorithm SHA512).Hash | Should -Be $medium.Sha512

        Clear-EmulatorRequest $north
        $again = Invoke-Sample @{ ChecksumFile = $sums }
        $again.Outcome.Status | Should -Be Present, Present
        $again.ExitCode | Should -Be 0
        Get-EmulatorRequest $north | Should -BeNullOrEmpty
    }

    It 'reads the tagged format, a list of hashes, and comments, and warns about other lines' {
        $tagged = "SHA512 (disk.raw) = $($disk.Sha512)"
        '# images', '', $tagged, $medium.Sha512.ToUpperInvariant(), 'd41d8cd98f00b204e9800998ecf8427e  md5.raw' | Set-Content $sums
        $run = Invoke-Sample @{ ChecksumFile = $sums } 3>$null

        $run.Outcome.Name | Should -Be disk.raw, $medium.Sha512
        $run.Outcome.Status | Should -Be Fetched, Fetched
        & $sample -ChecksumFile $sums -Destination $folder 3>&1 | Where-Object { $_ -is [Management.Automation.WarningRecord] } | Should -BeLike '*md5.raw*'
    }

    It 'accepts <Name> from the pipeline' -ForEach @(
        @{ Name = 'hashes'; From = { $disk.Sha512, $medium.Sha512 } }
        @{ Name = 'rows of a table'; From = { "Hash,Name`n$($disk.Sha512),disk.raw`n$($medium.Sha512),medium.iso" | ConvertFrom-Csv } }
        @{ Name = 'checksums of blobs'; From = { Get-SfBlobChecksum $disk.Uuid, $medium.Uuid | Where-Object Algorithm -EQ SHA256 } }
    ) {
        $outcome = & $From | & $sample -Destination $folder

        $outcome.Status | Should -Be Fetched, Fetched
        (Get-ChildItem $folder | Get-FileHash -Algorithm SHA512).Hash | Sort-Object | Should -Be ($disk.Sha512, $medium.Sha512 | Sort-Object)
    }

    It 'keeps a different file of that name without -Force' {
        Set-Content (Join-Path $folder disk.raw) -Value precious
        $run = Invoke-Sample @{ Hash = $disk.Sha512; Name = 'disk.raw' }

        $run.Outcome.Status | Should -Be Differs
        $run.ExitCode | Should -Be 1
        Get-Content (Join-Path $folder disk.raw) | Should -Be precious
        (Invoke-Sample @{ Hash = $disk.Sha512; Name = 'disk.raw'; Force = $true }).Outcome.Status | Should -Be Fetched
    }

    It 'uses the second cluster for blobs that the first does not have' {
        $run = Invoke-Sample @{ Hash = $rare.Sha512; Name = 'rare.raw'; Session = $northern, $southern }

        $run.Outcome.Status | Should -Be Fetched
        $run.Outcome.Source | Should -Be $southern.ApiUrl
        $run.Outcome.Tried | Should -BeLike "$($northern.ApiUrl)*has no such file"
        $run.ExitCode | Should -Be 0
    }

    It 'uses the second cluster if the first fails during a transfer' {
        Add-EmulatorFault $north @{ Path = '/blobs/*/data'; Kind = 'CutAfter'; AfterBytes = 3MB }
        Add-EmulatorFault $north @{ Path = '/blobs/*/data'; Kind = 'Status'; Status = 403; Times = [int]::MaxValue }
        $run = Invoke-Sample @{ Hash = $disk.Sha512; Name = 'disk.raw'; Session = $northern, $southern } 3>$null

        $run.Outcome.Status | Should -Be Fetched
        $run.Outcome.Source | Should -Be $southern.ApiUrl
        $run.Outcome.Tried | Should -HaveCount 1
        (Get-ChildItem $folder).Name | Should -Be disk.raw
        (Get-FileHash (Join-Path $folder disk.raw) -Algorithm SHA512).Hash | Should -Be $disk.Sha512
    }

    It 'resumes the transfer if the only cluster failed during it' {
        Add-EmulatorFault $north @{ Path = '/blobs/*/data'; Kind = 'CutAfter'; AfterBytes = 3MB }
        Add-EmulatorFault $north @{ Path = '/blobs/*/data'; Kind = 'Status'; Status = 403 }
        $run = Invoke-Sample @{ Hash = $disk.Sha512; Name = 'disk.raw' }

        $run.Outcome.Status | Should -Be Failed
        $run.ExitCode | Should -Be 1
        (Get-SfBlobTransfer $folder).BytesTransferred | Should -BeGreaterOrEqual 2MB

        Clear-EmulatorRequest $north
        (Invoke-Sample @{ Hash = $disk.Sha512; Name = 'disk.raw' }).Outcome.Status | Should -Be Fetched
        (Get-EmulatorRequest $north -Path '*/data' | Measure-Object BytesSent -Sum).Sum | Should -BeLessThan 4MB
    }

    It 'fetches files that no cluster has from a web server' {
        $run = Invoke-Sample @{ Hash = $rare.Sha512; Name = "$($rare.Uuid)"; Source = $web }

        $run.Outcome.Status | Should -Be Fetched
        $run.Outcome.Source | Should -Be $web
        $run.Outcome.Size | Should -Be 3MB
        (Get-FileHash $run.Outcome.Path -Algorithm SHA512).Hash | Should -Be $rare.Sha512
    }

    It 'verifies all sources, and never creates a file with the wrong content' {
        Set-Content (Join-Path $mirror "$($disk.Uuid)") -Value 'something else'
        $run = Invoke-Sample @{ Hash = $rare.Sha512; Name = "$($disk.Uuid)"; Source = $mirror, $web }

        $run.Outcome.Status | Should -Be Failed
        $run.ExitCode | Should -Be 1
        $run.Outcome.Tried | Should -HaveCount 3
        $run.Outcome.Tried[1..2] | Should -BeLike '*the SHA512 hash of its file is*'
        Get-ChildItem $folder -Force | Should -BeNullOrEmpty
    }

    It 'uses the directory with the right file' {
        Set-Content (Join-Path $mirror rare.raw) -Value 'something else'
        $second = (New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory).FullName
        $rare | Save-SfBlobData -LiteralPath (Join-Path $second rare.raw) -Session $southern
        $run = Invoke-Sample @{ Hash = $rare.Sha512; Name = 'rare.raw'; Source = $mirror, $second }

        $run.Outcome.Status | Should -Be Fetched
        $run.Outcome.Source | Should -Be $second
        (Get-ChildItem $folder -Force).Name | Should -Be rare.raw
    }

    It 'works without a cluster if there is another source' -Skip:$hasSystemSettings {
        $homeVariable = $IsWindows ? 'USERPROFILE' : 'HOME'
        $before = [Environment]::GetEnvironmentVariable($homeVariable)
        [Environment]::SetEnvironmentVariable($homeVariable, $mirror)
        try {
            Disconnect-ShakenFist
            $rare | Save-SfBlobData -LiteralPath (Join-Path $mirror rare.raw) -Session $southern
            $run = Invoke-Sample @{ Hash = $rare.Sha512; Name = 'rare.raw'; Source = $mirror }
        }
        finally {
            [Environment]::SetEnvironmentVariable($homeVariable, $before)
            $script:northern = Connect-ShakenFist $north.Url $north.User
        }

        $run.Outcome.Status | Should -Be Fetched
        $run.Outcome.Tried | Should -BeLike 'the cluster: *'
    }

    It 'supports https' {
        Mock Invoke-WebRequest { [IO.File]::WriteAllBytes($OutFile, [byte[]](1..9)) }
        $hash = [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([byte[]](1..9)))
        $run = Invoke-Sample @{ Hash = $hash; Name = 'nine bytes#1'; Source = 'https://images.example.com/debian/' }

        $run.Outcome.Status | Should -Be Fetched
        Should -Invoke Invoke-WebRequest -Exactly -Times 1 -ParameterFilter {
            $Uri.AbsoluteUri -eq 'https://images.example.com/debian/nine%20bytes%231'
        }
    }

    It 'reports NotFound if no source has the file, and continues with the next' {
        "$('ab' * 64)  nothing.raw", "$($disk.Sha512)  disk.raw" | Set-Content $sums
        $run = Invoke-Sample @{ ChecksumFile = $sums; Source = $mirror, $web }

        $run.Outcome.Status | Should -Be NotFound, Fetched
        $run.Outcome[0].Tried | Should -HaveCount 3
        $run.ExitCode | Should -Be 1
    }

    It 'rejects a name outside the directory: <_>' -ForEach '../out.raw', '/tmp/out.raw', '..', 'a/b', 'c:out.raw' {
        $run = Invoke-Sample @{ Hash = $disk.Sha512; Name = $_ }

        $run.Outcome.Status | Should -Be Invalid
        $run.ExitCode | Should -Be 1
        Get-EmulatorRequest $north | Should -BeNullOrEmpty
    }

    It 'fetches nothing with -WhatIf' {
        $run = Invoke-Sample @{ Hash = $disk.Sha512; Source = $web; WhatIf = $true }

        $run.Outcome.Status | Should -Be Skipped
        Get-EmulatorRequest $north | Should -BeNullOrEmpty
        Get-ChildItem $folder -Force | Should -BeNullOrEmpty
    }

    It 'rejects <Name>' -ForEach @(
        @{ Name = 'what is no hash'; Option = @{ Hash = 'nonsense' } }
        @{ Name = 'an MD5'; Option = @{ Hash = 'd41d8cd98f00b204e9800998ecf8427e' } }
        @{ Name = 'a source that is neither'; Option = @{ Hash = 'ab' * 64; Source = 'ftp://example.com' } }
        @{ Name = 'a checksum file that is not there'; Option = @{ ChecksumFile = '/no/such/file' } }
    ) {
        { & $sample @Option } | Should -Throw -ErrorId 'ParameterArgumentValidationError,Get-SfBlobByHash.ps1'
    }

    It 'has help with examples in <_>' -ForEach 'Backup-SfBlob.ps1', 'Get-SfBlobByHash.ps1' {
        $help = Get-Help (Join-Path (Split-Path $sample) $_) -Full

        $help.Synopsis | Should -Not -BeLike "*$_*"
        @($help.Examples.Example).Count | Should -BeGreaterOrEqual 3
        foreach ($parameter in $help.Parameters.Parameter | Where-Object Name -NotIn WhatIf, Confirm) {
            $parameter.Description.Text | Should -Not -BeNullOrEmpty -Because $parameter.Name
        }
    }
}
