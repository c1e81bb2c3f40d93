#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    $null = Connect-SfCluster $emulator.Url $emulator.Admin
    $script:debian = Get-SfBlob 'd3a00001-7a1e-4c52-9c0b-6f1f5e0a0001'
    $script:file = Join-Path $TestDrive 'debian.qcow2'
    Save-SfBlobData $debian.Uuid -Path $file
}

AfterAll {
    Disconnect-SfCluster
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $emulator
}

Describe 'Finding the blob of a file' {
    It 'takes what Get-FileHash puts out, by <_>' -ForEach 'SHA512', 'SHA256', 'SHA1' {
        (Get-FileHash $file -Algorithm $_ | Find-SfBlobByHash).Uuid | Should -Be $debian.Uuid
    }

    It 'takes files' {
        (Get-ChildItem (Join-Path $TestDrive '*.qcow2') | Find-SfBlobByHash).Uuid | Should -Be $debian.Uuid
    }
}

Describe 'Data into a native command' {
    It 'arrives byte for byte' -Skip:(-not (Get-Command sha512sum -ErrorAction Ignore)) {
        (Get-SfBlobData $debian.Uuid | sha512sum) -replace '\s.*' | Should -Be $debian.Sha512
    }

    It 'stops when the pipeline has enough' {
        $first = Get-SfBlobData $debian.Uuid | Select-Object -First 1

        [Text.Encoding]::ASCII.GetString($first, 0, 3) | Should -Be 'QFI'
    }
}

Describe 'Objects that come back' {
    It 'bind after <Name>' -ForEach @(
        @{ Name = 'Export-Clixml'; Return = { param($blob) $blob | Export-Clixml "$TestDrive/blob.xml"; Import-Clixml "$TestDrive/blob.xml" } }
        @{ Name = 'ConvertTo-Json'; Return = { param($blob) $blob | ConvertTo-Json -Depth 5 | ConvertFrom-Json } }
        @{ Name = 'Export-Csv'; Return = { param($blob) $blob | Select-Object Uuid, Size | Export-Csv "$TestDrive/blob.csv"; Import-Csv "$TestDrive/blob.csv" } }
        @{ Name = 'Start-Job'; Return = { param($blob) $blob | Start-Job { $input } | Receive-Job -Wait -AutoRemoveJob } }
    ) {
        $back = & $Return $debian

        ($back | Get-SfBlob).Uuid | Should -Be $debian.Uuid
        ($back | Get-SfBlobReference -Direction Uses).OtherType | Should -Be 'blob'
    }

    It 'prove a file without the cluster' {
        $debian | Export-Clixml "$TestDrive/proof.xml"
        Disconnect-SfCluster
        try {
            Import-Clixml "$TestDrive/proof.xml" | Test-SfBlobData -Path $file | Should -BeTrue
        }
        finally {
            $null = Connect-SfCluster $emulator.Url $emulator.Admin
        }
    }
}

Describe 'Metadata' {
    It 'keeps <Name> as it was' -ForEach @(
        @{ Name = 'text'; Value = "$([char]0x2713) $([char]0xfc)" }
        @{ Name = 'a large integer'; Value = [bigint]::Parse('123456789012345678901234567890') }
        @{ Name = 'a list'; Value = 1, 2.5, 'three' }
    ) {
        Set-SfBlobMetadata $debian.Uuid -Key kept -Value $Value

        (Get-SfBlobMetadata $debian.Uuid -Key kept).Value | Should -Be $Value
    }

    It 'removes a key named * and no other' {
        Set-SfBlobMetadata $debian.Uuid -Metadata @{ '*' = 'star'; kept = 'yes' }

        Get-SfBlobMetadata $debian.Uuid -LiteralKey '*' | Remove-SfBlobMetadata

        (Get-SfBlobMetadata $debian.Uuid).Key | Should -Not -Contain '*'
        (Get-SfBlobMetadata $debian.Uuid).Key | Should -Contain 'kept'
    }
}

Describe 'Parallel work' {
    It 'shares a session that is passed along' {
        $session = Get-SfSession
        $module = Get-ModuleManifest
        $sizes = Get-SfBlob | Where-Object State -EQ created | ForEach-Object -Parallel {
            Import-Module $using:module
            (Get-SfBlob $_.Uuid -Session $using:session).Size
        }

        $sizes | Should -HaveCount 7
    }
}
