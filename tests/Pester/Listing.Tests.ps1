#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    $null = Connect-ShakenFist $emulator.Url $emulator.Admin
    $script:debian = [guid]'d3a00001-7a1e-4c52-9c0b-6f1f5e0a0001'
    $script:thin = [guid]'d3a00002-7a1e-4c52-9c0b-6f1f5e0a0002'
    $script:scratch = [guid]'d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004'
    $script:initial = [guid]'d3a00007-7a1e-4c52-9c0b-6f1f5e0a0007'
    $script:broken = [guid]'d3a00008-7a1e-4c52-9c0b-6f1f5e0a0008'
}

AfterAll {
    Disconnect-ShakenFist
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $emulator
}

Describe 'Getting blobs' {
    It 'lists all blobs' {
        Get-SfBlob | Should -HaveCount 9
    }

    It 'stops when Select-Object has received enough objects' {
        Get-SfBlob | Select-Object -First 2 | Should -HaveCount 2
    }

    It 'lists the blobs on a node' {
        Get-SfBlob -Node sf-3 | ForEach-Object { $_.Locations | Should -Contain sf-3 }
        Get-SfBlob -Node sf-3 | Should -HaveCount 2
        Get-SfBlob -Node sf-* | Should -HaveCount 7
        Get-SfBlob -Node no-such-node | Should -BeNullOrEmpty
    }

    It 'outputs numbers that can be sorted, grouped, and added' {
        (Get-SfBlob | Sort-Object Size -Descending)[0].Uuid | Should -Be $broken
        (Get-SfBlob | Where-Object Size -GT 60MB | Measure-Object Size -Sum).Sum | Should -Be (64MB + 734003200)
        (Get-SfBlob | Group-Object State -NoElement | Where-Object Name -EQ created).Count | Should -Be 7
    }

    It 'outputs typed numbers and times' {
        $blob = Get-SfBlob $debian

        $blob.Size | Should -BeOfType [long]
        $blob.Modified.Kind | Should -Be Local
        $blob.Modified | Should -BeLessThan (Get-Date)
    }

    Context 'In the time zone <_>' -ForEach 'Europe/Berlin', 'America/St_Johns', 'Pacific/Auckland' {
        BeforeAll {
            $script:recent = Add-EmulatorBlob $emulator @{ size = 10; seed = 3; modified = [DateTimeOffset]::UtcNow.AddMinutes(-10).ToUnixTimeSeconds() }
            $start = @{ Environment = (Get-EmulatorEnvironment $emulator) + @{ TZ = $_ } }
            $script = @"
                Import-Module '$(Get-ModuleManifest)'
                `$blob = Get-SfBlob $recent
                Get-SfBlob | Where-Object Modified -GT (Get-Date).AddMinutes(-30) | ForEach-Object { "recent: `$(`$_.Uuid)" }
                Get-SfBlob | Where-Object Modified -GT (Get-Date) | ForEach-Object { "future: `$(`$_.Uuid)" }
                `$shown = Get-Date `$blob.Modified -Format 'yyyy-MM-dd HH:mm'
                "kind: `$(`$blob.Modified.Kind)"
                "table: `$((`$blob | Out-String) -like "*`$shown*")"
                "list: `$((`$blob | Format-List | Out-String) -like "*`$shown*")"
                "json: `$((`$blob | ConvertTo-Json -WarningAction Ignore) -match "`$(`$blob.Modified.ToString('yyyy-MM-ddTHH:mm:ss')).*`$([regex]::Escape(`$blob.Modified.ToString('zzz')))`")"
                `$blob | Export-Clixml '$TestDrive/blob.clixml'
                "clixml: `$(Select-String -LiteralPath '$TestDrive/blob.clixml' -SimpleMatch -Quiet `$blob.Modified.ToString('zzz'))"
                "csv: `$([datetime](`$blob | ConvertTo-Csv | ConvertFrom-Csv).Modified -eq (Get-Date `$blob.Modified -Millisecond 0))"
"@
            $process = Start-PwshProcess -ArgumentList '-Command', $script @start
            $script:lines = $process.StandardOutput.ReadToEnd() -split '\r?\n'
            $script:complaints = $process.StandardError.ReadToEnd()
            $process.WaitForExit()
        }

        It 'outputs local times that compare with those of Get-Date, in all forms' {
            $complaints | Should -BeNullOrEmpty
            $lines | Should -Contain "recent: $recent"
            $lines | Should -Not -Match '^future:'
            $lines | Should -Contain 'kind: Local'
            $lines | Should -Contain 'table: True'
            $lines | Should -Contain 'list: True'
            $lines | Should -Contain 'json: True'
            $lines | Should -Contain 'clixml: True'
            $lines | Should -Contain 'csv: True'
        }
    }

    It 'outputs null and not zero for unknown values' {
        $blob = Get-SfBlob $initial

        $blob.State | Should -Be initial
        $blob.Sha512 | Should -BeNullOrEmpty
        $blob.Checksums.Count | Should -Be 0
        $blob.DependsOn | Should -Be $null
    }

    It 'accepts a UUID as <Name>' -ForEach @(
        @{ Name = 'text'; Value = 'd3a00001-7a1e-4c52-9c0b-6f1f5e0a0001' }
        @{ Name = 'text of another form'; Value = '{D3A00001-7A1E-4C52-9C0B-6F1F5E0A0001}' }
        @{ Name = 'a Guid'; Value = [guid]'d3a00001-7a1e-4c52-9c0b-6f1f5e0a0001' }
        @{ Name = 'an object with a Uuid'; Value = [pscustomobject]@{ Uuid = 'd3a00001-7a1e-4c52-9c0b-6f1f5e0a0001' } }
        @{ Name = 'an object with a BlobUuid'; Value = [pscustomobject]@{ BlobUuid = 'd3a00001-7a1e-4c52-9c0b-6f1f5e0a0001' } }
    ) {
        ($Value | Get-SfBlob).Uuid | Should -Be $debian
    }

    It 'accepts UUIDs from the rows of a table' {
        "Name,Uuid`ndebian,$debian`nscratch,$scratch" | ConvertFrom-Csv | Get-SfBlob | ForEach-Object Uuid | Should -Be @($debian, $scratch)
    }

    It 'continues after an unknown UUID' {
        $found = $debian, [guid]::NewGuid(), $scratch | Get-SfBlob -ErrorVariable failed -ErrorAction SilentlyContinue

        $found.Uuid | Should -Be @($debian, $scratch)
        $failed.FullyQualifiedErrorId | Should -BeLike 'BlobNotFound,*'
        $failed.CategoryInfo.Category | Should -Be ObjectNotFound
    }

    It 'shows a table that fits into the width' {
        $table = Get-SfBlob | Out-String -Width 100

        $table | Should -BeLike "*$debian*"
        $table -split '\r?\n' | ForEach-Object Length | Measure-Object -Maximum | ForEach-Object Maximum | Should -BeLessOrEqual 100
    }
}

Describe 'References' {
    It 'are output in both directions' {
        (Get-SfBlobReference $thin -Direction Uses).OtherUuid | Should -Contain "$debian"
        (Get-SfBlobReference $debian -Direction UsedBy).OtherUuid | Should -Contain "$thin"
    }

    It 'bind to the next command of the pipeline' {
        (Get-SfBlob $thin | Get-SfBlobReference -Direction Uses | Get-SfBlob).Uuid | Should -Be $debian
    }

    It 'can be exported to an HTML page' {
        Export-SfBlobGraph $thin -Path $TestDrive/graph.html

        Get-Content $TestDrive/graph.html -Raw | Should -Match "$debian"
    }
}

Describe 'Waiting' {
    It 'returns immediately if the state is reached' {
        (Wait-SfBlob $debian -TimeoutSeconds 0).State | Should -Be created
    }

    It 'fails with <Id>' -ForEach @(
        @{ Id = 'WaitTimeout'; Uuid = 'd3a00007-7a1e-4c52-9c0b-6f1f5e0a0007' }
        @{ Id = 'BlobStateFinal'; Uuid = 'd3a00008-7a1e-4c52-9c0b-6f1f5e0a0008' }
    ) {
        { Wait-SfBlob $Uuid -TimeoutSeconds 0 -ErrorAction Stop } | Should -Throw -ErrorId "$Id,*"
    }
}

Describe 'A cluster of generation <_>' -ForEach 'A', 'B', 'C', 'D' {
    BeforeAll {
        $script:older = Start-Emulator -ArgumentList '--generation', $_
        $script:session = Connect-ShakenFist $older.Url $older.Admin
    }

    AfterAll {
        Disconnect-ShakenFist -Session $session
        Stop-Emulator $older
        $null = Connect-ShakenFist $emulator.Url $emulator.Admin
    }

    It 'supports listing, searching, describing, and saving blobs' {
        $blob = Get-SfBlob -Session $session | Where-Object Uuid -EQ $scratch

        (Find-SfBlobByHash $blob.Sha512 -Session $session).Uuid | Should -Be $scratch
        Set-SfBlobMetadata $scratch -Key generation -Value old -Session $session
        (Get-SfBlobMetadata $scratch -Key generation -Session $session).Value | Should -Be old
        $saved = $blob | Save-SfBlobData -Path (Join-Path $TestDrive "$([guid]::NewGuid()).raw") -PassThru -Session $session
        $saved.Verification | Should -Be Verified
    }
}
