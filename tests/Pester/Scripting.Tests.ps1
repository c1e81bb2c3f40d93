#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    $null = Connect-ShakenFist $emulator.Url $emulator.Admin
    $script:debian = Get-SfBlob 'd3a00001-7a1e-4c52-9c0b-6f1f5e0a0001'
    $script:unknown = [guid]::NewGuid()
}

AfterAll {
    Disconnect-ShakenFist
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $emulator
}

Describe 'Errors in a script' {
    It 'can be caught and distinguished by their IDs' {
        $message = try {
            Save-SfBlobData $unknown -Path $TestDrive -ErrorAction Stop
        }
        catch {
            switch -Wildcard ($_.FullyQualifiedErrorId) {
                'BlobNotFound,*' { "no blob $unknown" }
                default { throw }
            }
        }

        $message | Should -Be "no blob $unknown"
    }

    It 'stop a script if its preference is Stop' {
        $done = @(& {
                $ErrorActionPreference = 'Stop'
                try { Get-SfBlob $debian.Uuid, $unknown, $debian.Uuid } catch { $_.FullyQualifiedErrorId }
            })

        $done[0].Uuid | Should -Be $debian.Uuid
        $done[1] | Should -BeLike 'BlobNotFound,*'
        $done | Should -HaveCount 2
    }

    It 'contain the advice, the request ID, and the target object' {
        Get-SfBlob $unknown -ErrorVariable failed -ErrorAction SilentlyContinue

        $failed[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        $failed[0].TargetObject | Should -Be $unknown
        $failed[0].Exception.StatusCode | Should -Be 404
        $failed[0].Exception.RequestId | Should -Be (Get-EmulatorRequest $emulator -Path "/blobs/$unknown")[-1].RequestId
        "$($failed[0])" | Should -BeLike "*$($failed[0].Exception.RequestId)*"
    }

    It 'are not recorded with -ErrorAction Ignore' {
        $Error.Clear()
        Get-SfBlob $unknown -ErrorAction Ignore

        $Error | Should -HaveCount 0
    }

    It 'are all explained in the help' {
        $topic = Get-Help about_ShakenFist_Blobs_Errors | Out-String
        Get-SfBlob $unknown -ErrorVariable failed -ErrorAction SilentlyContinue

        $topic | Should -Match "(?m)^\s*$($failed[0].FullyQualifiedErrorId -replace ',.*')\s*$"
    }

    It 'end a process with an exit code' {
        $command = "Import-Module '$(Get-ModuleManifest)'; `$ErrorActionPreference = 'Stop'; Get-SfBlob $unknown"
        $process = Start-PwshProcess -ArgumentList '-Command', $command -Environment (Get-EmulatorEnvironment $emulator)
        $null = $process.StandardError.ReadToEnd()
        $process.WaitForExit()

        $process.ExitCode | Should -Be 1
    }
}

Describe 'A downstream command that throws' {
    It 'ends the pipeline, and the next pipeline works' {
        { Get-SfBlob | ForEach-Object { throw 'enough' } } | Should -Throw enough
        { Get-SfBlob | Save-SfBlobData -Path $TestDrive -PassThru -ErrorAction SilentlyContinue | ForEach-Object { throw 'enough' } } |
            Should -Throw enough

        Get-SfBlob | Should -HaveCount 9
    }
}

Describe 'The streams' {
    It 'contain each request with -Verbose, and no key or token' {
        $lines = Get-SfBlob $debian.Uuid -Verbose -Debug 4>&1 5>&1 | Where-Object { $_ -isnot [ShakenFist.Blobs.SfBlob] } | Out-String

        $lines | Should -BeLike "*GET */blobs/$($debian.Uuid)*200*"
        $lines | Should -Not -Match $emulator.Admin.GetNetworkCredential().Password
        $lines | Should -Not -Match 'Bearer \S+\.\S+'
    }

    It 'fill -OutVariable, -PipelineVariable and -WarningVariable' {
        $null = Get-SfBlob $debian.Uuid -OutVariable got -PipelineVariable blob | ForEach-Object { $script:seen = $blob.Uuid }

        $got.Uuid | Should -Be $debian.Uuid
        $seen | Should -Be $debian.Uuid
    }

    It 'are written to a transcript, without key or token' {
        $transcript = Join-Path $TestDrive transcript.txt
        $null = Start-Transcript -Path $transcript
        try {
            $null = Connect-ShakenFist $emulator.Url $emulator.Admin -Verbose 4>&1 | Out-Host
            Get-SfBlob $debian.Uuid, $unknown -Verbose -Debug -ErrorAction Continue *>&1 | Out-Host
        }
        finally {
            $null = Stop-Transcript
        }

        $text = Get-Content $transcript -Raw
        $text | Should -BeLike "*$($debian.Uuid)*"
        $text | Should -Not -Match $emulator.Admin.GetNetworkCredential().Password
        $text | Should -Not -Match 'Bearer \S+\.\S+'
    }
}

Describe 'A script under StrictMode' {
    It 'can read every property of the output' {
        Set-StrictMode -Version Latest
        foreach ($item in (Get-SfBlob), (Get-SfSession), (Get-SfCapability), (Get-SfBlobMetadata $debian.Uuid), (Get-SfBlobReference $debian.Uuid)) {
            $item | Select-Object -Property * | Out-String | Should -Not -BeNullOrEmpty
        }

        $debian.Metadata['no such key'] | Should -BeNullOrEmpty
    }
}

Describe 'Deserialized objects' {
    It 'bind after <Name>' -ForEach @(
        @{ Name = 'Export-Clixml'; Return = { param($blob) $blob | Export-Clixml "$TestDrive/blob.xml"; Import-Clixml "$TestDrive/blob.xml" } }
        @{ Name = 'ConvertTo-Json'; Return = { param($blob) $blob | ConvertTo-Json -Depth 5 | ConvertFrom-Json } }
        @{ Name = 'Export-Csv'; Return = {
                param($blob)
                $blob | Select-Object Uuid, Size | Export-Csv "$TestDrive/blob.csv"
                Import-Csv "$TestDrive/blob.csv"
            }
        }
        @{ Name = 'Start-Job'; Return = { param($blob) $blob | Start-Job { $input } | Receive-Job -Wait -AutoRemoveJob } }
    ) {
        $back = & $Return $debian

        ($back | Get-SfBlob).Uuid | Should -Be $debian.Uuid
        ($back | Get-SfBlobReference -Direction Uses).OtherType | Should -Be 'blob'
    }

    It 'verify a file without the cluster' {
        $file = Join-Path $TestDrive 'debian.qcow2'
        $debian | Save-SfBlobData -Path $file
        $debian | Export-Clixml "$TestDrive/proof.xml"
        Disconnect-ShakenFist
        try {
            Import-Clixml "$TestDrive/proof.xml" | Test-SfBlobData -Path $file | Should -BeTrue
        }
        finally {
            $null = Connect-ShakenFist $emulator.Url $emulator.Admin
        }
    }
}
