#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    $null = Connect-ShakenFist $emulator.Url $emulator.User

    function Get-Write {
        Get-EmulatorRequest $emulator -Path '*/metadata*' | Where-Object Method -NE GET
    }
}

AfterAll {
    Disconnect-ShakenFist
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $emulator
}

Describe 'Metadata' {
    BeforeEach {
        $script:blob = Add-EmulatorBlob $emulator @{ size = 1024; seed = 1; metadata = @{ name = 'disk'; note = 'old'; nothing = @{ a = 1 } } }
        Set-SfBlobMetadata $blob -Key Name -Value Disk
        $script:other = Add-EmulatorBlob $emulator @{ size = 1024; seed = 2 }
        Clear-EmulatorRequest $emulator
    }

    It 'has case-sensitive keys' {
        (Get-SfBlobMetadata $blob -Key name).Value | Should -BeExactly disk
        (Get-SfBlobMetadata $blob -Key Name).Value | Should -BeExactly Disk
        (Get-SfBlobMetadata $blob -Key n*).Key | Sort-Object | Should -BeExactly name, note, nothing
    }

    It 'keeps <Name> unchanged' -ForEach @(
        @{ Name = 'text'; Value = "$([char]0x2713) $([char]0xfc)" }
        @{ Name = 'text of several lines'; Value = "one`r`ntwo`tthree" }
        @{ Name = 'a number'; Value = 0.1 }
        @{ Name = 'a large integer'; Value = [bigint]::Parse('123456789012345678901234567890') }
        @{ Name = 'true'; Value = $true }
        @{ Name = 'a list'; Value = 1, 2.5, 'three' }
    ) {
        Set-SfBlobMetadata $blob -Key kept -Value $Value

        (Get-SfBlobMetadata $blob -Key kept).Value | Should -Be $Value
    }

    It 'keeps a hashtable and its values' {
        Set-SfBlobMetadata $blob -Key origin -Value @{ host = 'build-7'; tags = 'a', 'b'; inner = @{ run = 4211 } }
        $value = (Get-SfBlobMetadata $blob -Key origin).Value

        $value.host | Should -Be build-7
        $value.tags | Should -Be a, b
        $value.inner.run | Should -Be 4211
    }

    It 'accepts the key <_>' -ForEach @(
        'with space', 'a/b', '.', '..', '%41', 'a?b#c+d', '*', 'a[1]', '"quoted"', "it's", '\', "gr`u{f6}`u{df}e `u{2713}"
    ) {
        New-SfBlobMetadata $blob -Key $_ -Value here

        (Get-SfBlobMetadata $blob -LiteralKey $_).Value | Should -Be here
        (Get-SfBlob $blob).Metadata[$_] | Should -Be here
        Get-SfBlobMetadata $blob -LiteralKey $_ | Remove-SfBlobMetadata
        (Get-SfBlobMetadata $blob).Key | Sort-Object | Should -Be name, Name, note, nothing
    }

    It 'rejects <Name> before a request is sent' -ForEach @(
        @{ Name = 'an empty text'; Value = '' }
        @{ Name = '0'; Value = 0 }
        @{ Name = '$false'; Value = $false }
        @{ Name = 'an empty list'; Value = @() }
        @{ Name = 'an empty hashtable'; Value = @{} }
    ) {
        { Set-SfBlobMetadata $blob -Key kept -Value $Value -ErrorAction Stop } | Should -Throw -ErrorId 'MetadataValueRefused,*'
        Get-Write | Should -BeNullOrEmpty
    }

    It 'is not overwritten by New-SfBlobMetadata without -Force' {
        { New-SfBlobMetadata $blob -Key name -Value new -ErrorAction Stop } | Should -Throw -ErrorId 'MetadataKeyExists,*'
        (Get-SfBlobMetadata $blob -Key name).Value | Should -Be disk

        (New-SfBlobMetadata $blob -Key name -Value new -Force -PassThru).Value | Should -Be new
    }

    It 'reports a missing key of <_>, but not a pattern without matches' -ForEach 'Get-SfBlobMetadata', 'Remove-SfBlobMetadata' {
        { & $_ $blob -Key missing -ErrorAction Stop } | Should -Throw -ErrorId 'MetadataKeyNotFound,*'
        & $_ $blob -Key missing* | Should -BeNullOrEmpty
    }

    It 'is not written again if it has not changed' {
        Set-SfBlobMetadata $blob -Metadata @{ name = 'disk'; note = 'new' }

        Get-Write | Should -HaveCount 1
    }

    It 'has only the specified keys after -Replace' {
        Set-SfBlobMetadata $blob -Metadata @{ name = 'new' } -Replace

        (Get-SfBlobMetadata $blob).Key | Should -BeExactly name
    }

    It 'is not changed by -WhatIf of <Name>' -ForEach @(
        @{ Name = 'Set-SfBlobMetadata'; Change = { Set-SfBlobMetadata $blob -Key note -Value new -WhatIf } }
        @{ Name = 'Set-SfBlobMetadata -Replace'; Change = { Set-SfBlobMetadata $blob -Metadata @{ note = 'new' } -Replace -WhatIf } }
        @{ Name = 'New-SfBlobMetadata'; Change = { New-SfBlobMetadata $blob -Key added -Value new -WhatIf } }
        @{ Name = 'Remove-SfBlobMetadata'; Change = { Remove-SfBlobMetadata $blob -Key * -WhatIf } }
        @{ Name = 'a script that has it from its caller'; Change = {
                & { [CmdletBinding(SupportsShouldProcess)] param() Remove-SfBlobMetadata $blob -Key note } -WhatIf
            }
        }
    ) {
        & $Change

        Get-Write | Should -BeNullOrEmpty
        (Get-SfBlobMetadata $blob).Count | Should -Be 4
    }

    It 'can be copied from one blob to another' {
        Get-SfBlobMetadata $blob | Set-SfBlobMetadata -Uuid $other

        (Get-SfBlobMetadata $other).Key | Sort-Object -CaseSensitive | Should -BeExactly name, Name, note, nothing
        (Get-SfBlobMetadata $other -Key nothing).Value.a | Should -Be 1
    }

    It 'can be restored after <Name>' -ForEach @(
        @{ Name = 'Export-Clixml'; Return = { param($all) $all | Export-Clixml "$TestDrive/all.xml"; Import-Clixml "$TestDrive/all.xml" } }
        @{ Name = 'ConvertTo-Json'; Return = { param($all) $all | ConvertTo-Json -Depth 5 | ConvertFrom-Json } }
        @{ Name = 'Export-Csv'; Return = {
                param($all)
                $all | Where-Object Value -Is [string] | Export-Csv "$TestDrive/all.csv"
                Import-Csv "$TestDrive/all.csv"
            }
        }
    ) {
        $back = & $Return @(Get-SfBlobMetadata $blob)
        Remove-SfBlobMetadata $blob -Key * -Force
        $back | Set-SfBlobMetadata

        (Get-SfBlobMetadata $blob -Key name).Value | Should -BeExactly disk
        (Get-SfBlobMetadata $blob -Key Name).Value | Should -BeExactly Disk
        (Get-SfBlobMetadata $blob -Key note).Value | Should -Be old
    }

    It 'of many blobs is written, and the others are written after a failure' {
        Add-EmulatorFault $emulator @{ Method = 'PUT'; Path = "/blobs/$blob/metadata/*"; Kind = 'Status'; Status = 403 }
        $done = $blob, $other | Set-SfBlobMetadata -Key checked -Value yes -PassThru -ErrorVariable failed -ErrorAction SilentlyContinue

        $done.BlobUuid | Should -Be $other
        $failed.FullyQualifiedErrorId | Should -BeLike 'AccessForbidden,*'
    }
}
